package transport

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
)

var (
	// ErrDelimiter reports a message that contains "]]>]]>", which
	// end-of-message framing cannot carry (RFC 6242 Section 4.1).
	ErrDelimiter = errors.New("message contains the NETCONF end-of-message sequence")

	// ErrEmptyMessage reports a message that was closed before anything was
	// written to it; nothing was sent.
	ErrEmptyMessage = errors.New("empty NETCONF message")

	// ErrCutShort reports a stream that cannot be written to any more since only
	// a part of an earlier message was sent.
	ErrCutShort = errors.New("an earlier NETCONF message was cut short")
)

// A block holds the data of one chunk between the room for its header and the
// room for what ends the message, so that each is one write. It is as large as
// the payload of an SSH packet (RFC 4253 Section 6.1).
const (
	blockSize = 32 << 10
	headroom  = 16
	tailroom  = 8
	dataEnd   = blockSize - tailroom
)

type block [blockSize]byte

var blocks = sync.Pool{New: func() any { return new(block) }}

// Message is an outgoing message. It is written through one buffer of 32 KiB,
// which goes out as a chunk whenever it is full. Its methods are for one
// goroutine. After an error of Write or Close the message must still be ended
// with Close or Discard; the stream can carry another message only if no part of
// this one was sent, and the Framer refuses it otherwise.
type Message struct {
	f       *Framer
	chunked bool
	block   *block // nil when the message has ended
	end     int    // of the data in block
	sent    bool   // a part is on the wire
	err     error
}

// NewMessage begins a message in the framing of this moment. It waits until the
// message before has ended: the caller must end each with Close or Discard, and
// must not begin a second one in the same goroutine before.
func (f *Framer) NewMessage() *Message {
	f.writing.Lock()
	return &Message{
		f: f, chunked: f.chunked.Load(), err: f.writeErr,
		block: blocks.Get().(*block), end: headroom,
	}
}

// Write adds p to the message. It blocks while the peer does not read.
func (m *Message) Write(p []byte) (int, error) {
	return write(m, p)
}

// WriteString is Write for a string.
func (m *Message) WriteString(s string) (int, error) {
	return write(m, s)
}

func write[T []byte | string](m *Message, p T) (n int, err error) {
	if m.block == nil {
		return 0, net.ErrClosed
	}
	for m.err == nil && n < len(p) {
		if m.end == dataEnd {
			m.flush(false)
			continue
		}
		c := copy(m.block[m.end:dataEnd], p[n:])
		m.end += c
		n += c
	}
	return n, m.err
}

// Close ends the message and sends what is left of it. A second Close returns
// the result of the first.
func (m *Message) Close() error {
	if m.block == nil {
		return m.err
	}
	switch {
	case m.err != nil:
	case m.end == headroom:
		m.err = ErrEmptyMessage
	default:
		m.flush(true)
	}
	m.release()
	return m.err
}

// Discard ends the message without sending what is left of it. It reports
// whether nothing had been sent, so that another message may take its place;
// otherwise the peer holds a part that nothing can follow, and every later
// message of the stream fails with ErrCutShort. After Close it does nothing and
// returns false.
func (m *Message) Discard() bool {
	if m.block == nil {
		return false
	}
	if m.sent && m.f.writeErr == nil {
		m.f.writeErr = ErrCutShort
	}
	if m.err == nil {
		m.err = net.ErrClosed
	}
	m.release()
	return !m.sent
}

func (m *Message) release() {
	blocks.Put(m.block)
	m.block = nil
	m.f.writing.Unlock()
}

// flush sends the block, which is full unless this is the last one and holds at
// least one byte in any case.
func (m *Message) flush(last bool) {
	start, end := headroom, m.end
	if m.chunked {
		var digits [10]byte
		size := strconv.AppendInt(digits[:0], int64(end-start), 10)
		start -= len("\n#") + len(size) + len("\n")
		header := append(m.block[start:start], "\n#"...)
		header = append(header, size...)
		_ = append(header, '\n')
		if last {
			end += copy(m.block[end:], "\n##\n")
		}
	} else if end, m.err = m.delimit(last); m.err != nil {
		if m.sent {
			m.f.writeErr = ErrCutShort
		}
		return
	}
	m.sent = true
	if _, err := m.f.w.Write(m.block[start:end]); err != nil {
		m.err = fmt.Errorf("send NETCONF message: %w", err)
		m.f.writeErr = m.err
		return
	}
	if !m.chunked {
		copy(m.block[:headroom], m.block[m.end-headroom:m.end])
	}
	m.end = headroom
}

// delimit appends the delimiter to the last block, and checks that it is
// nowhere else: neither in the block nor across its borders. The end of the
// block sent before is kept in the headroom for that. It returns the new end.
func (m *Message) delimit(last bool) (end int, err error) {
	start, end := headroom, m.end
	if m.sent {
		start -= len(endOfMessage) - 1
	}
	want := -1
	if last {
		want = end - start
		end += copy(m.block[end:], endOfMessage)
	}
	if bytes.Index(m.block[start:end], endOfMessage) != want {
		return end, ErrDelimiter
	}
	return end, nil
}
