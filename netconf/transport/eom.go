package transport

import (
	"bufio"
	"bytes"
	"io"
)

// endOfMessage ends each message of RFC 6242 Section 4.3.
var endOfMessage = []byte("]]>]]>")

// eomBody is a message up to endOfMessage, which it consumes. Each byte of the
// buffer is searched once, however small the reads are.
type eomBody struct {
	r     *bufio.Reader
	clear int // buffered bytes known to belong to the message
}

func (b *eomBody) Read(p []byte) (int, error) {
	if b.clear == 0 {
		if err := b.search(); err != nil {
			return 0, err
		}
	}
	n, err := b.r.Read(p[:min(len(p), b.clear)])
	b.clear -= n
	return n, err
}

// search sets clear to at least 1, or returns io.EOF after the delimiter.
func (b *eomBody) search() error {
	for want := 1; ; {
		if _, err := b.r.Peek(want); err != nil {
			return unexpected(err)
		}
		buf, _ := b.r.Peek(b.r.Buffered())
		switch i := bytes.Index(buf, endOfMessage); {
		case i == 0:
			_, err := b.r.Discard(len(endOfMessage))
			if err == nil {
				err = io.EOF
			}
			return err
		case i > 0:
			b.clear = i
			return nil
		}
		begun := delimiterBegun(buf)
		if b.clear = len(buf) - begun; b.clear > 0 {
			return nil
		}
		want = begun + 1
	}
}

// delimiterBegun returns how many bytes at the end of buf may be the beginning
// of a delimiter.
func delimiterBegun(buf []byte) int {
	for n := min(len(buf), len(endOfMessage)-1); n > 0; n-- {
		if bytes.HasSuffix(buf, endOfMessage[:n]) {
			return n
		}
	}
	return 0
}
