package logging

import "context"

// Destination is where a target writes to. It is a [File], a [Socket], a [Journal], a
// [Remote], or that of a [Forwarding].
type Destination interface {
	// append appends r as it is written.
	append(dst []byte, h *Header, r *Record) []byte
	// open returns what can be written to. ctx bounds the life of what it returns.
	open(ctx context.Context) (outlet, error)
}

// outlet is a destination that is open.
type outlet interface {
	// write writes messages, which end at ends in buf, and returns how many were written.
	write(buf []byte, ends []int) (count int, err error)
	close()
}
