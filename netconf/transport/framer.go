package transport

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

var (
	// ErrTooBig ends a stream whose peer sent a message above [Limits].
	ErrTooBig = errors.New("NETCONF message is too big")

	// ErrBadChunk ends a stream that breaks the chunked framing of RFC 6242
	// Section 4.2; what was wrong is in the text of the error that wraps it.
	ErrBadChunk = errors.New("malformed NETCONF chunk")
)

// readBuffer is the number of bytes that are read ahead. A stream has a buffer only
// from the first byte of a message on: most sessions wait most of the time.
const readBuffer = 16 << 10

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

// Limits bounds what a peer may send. Zero means no limit.
type Limits struct {
	// MaxMessage is the size of one message in bytes, without its framing.
	MaxMessage int64

	// MaxHello is the same for the first message; zero means MaxMessage.
	MaxHello int64
}

// Framer reads and writes whole messages on a byte stream. It starts with
// end-of-message framing (RFC 6242 Section 4.3) and changes to chunked framing
// (RFC 6242 Section 4.2) with SetChunked. One goroutine reads; any number may
// write, one message at a time; reading and writing do not wait for each other.
// A Framer starts no goroutine and does not close the stream.
type Framer struct {
	chunked atomic.Bool

	// Owned by the reader.
	stream  awaited
	r       *bufio.Reader // nil between messages
	limits  Limits
	current *incoming
	seen    bool  // a message has started
	inChunk bool  // the latest message was chunked
	readErr error // sticky

	// writing is held from NewMessage to the end of that message and guards
	// writeErr, which is sticky.
	writing  sync.Mutex
	w        io.Writer
	writeErr error
}

// NewFramer returns a Framer on rw that uses end-of-message framing.
func NewFramer(rw io.ReadWriter, limits Limits) *Framer {
	if limits.MaxHello == 0 {
		limits.MaxHello = limits.MaxMessage
	}
	return &Framer{stream: awaited{r: rw}, w: rw, limits: limits}
}

// SetChunked changes both directions to chunked framing, from the next message
// on: the one being read or written ends as it began. Call it when both peers
// have announced :base:1.1 (RFC 6242 Section 4.1), before the Next that follows
// the peer's hello. It may be called from any goroutine.
func (f *Framer) SetChunked() { f.chunked.Store(true) }

// Next waits for the next message and returns it as a stream, which is valid
// until the following Next; what was left unread of the message before is
// skipped. The stream ends with io.EOF at the end of the message and nowhere
// else. Next returns io.EOF when the peer ended the stream between messages.
// Every other error, from Next or from the stream, is final: ErrBadChunk,
// ErrTooBig, io.ErrUnexpectedEOF within a message, or that of the connection;
// the caller must then close the connection (RFC 6242 Section 4.2).
//
// White space before an end-of-message framed message, and between such a
// message and the first chunk, is skipped: people who paste messages and some
// clients send line ends there. A first message that is chunked is accepted
// although hello never should be, because ncclient may send it so.
func (f *Framer) Next() (io.Reader, error) {
	if f.current != nil {
		// The error, if any, is kept in readErr.
		_, _ = io.Copy(io.Discard, f.current)
		f.current = nil
	}
	if f.readErr != nil {
		return nil, f.readErr
	}
	err := f.await()
	var body io.Reader
	if err == nil {
		body, err = f.begin()
	}
	if err != nil {
		f.readErr = err
		return nil, err
	}
	limit := f.limits.MaxMessage
	if !f.seen {
		limit = f.limits.MaxHello
	}
	f.seen = true
	f.current = &incoming{f: f, body: body, limit: limit}
	return f.current, nil
}

// await waits for the peer to send something, without a buffer.
func (f *Framer) await() error {
	if f.r != nil {
		if f.r.Buffered() > 0 {
			return nil
		}
		f.r.Reset(nil)
		readers.Put(f.r)
		f.r = nil
	}
	if err := f.stream.await(); err != nil {
		return err
	}
	f.r = readers.Get().(*bufio.Reader)
	f.r.Reset(&f.stream)
	return nil
}

// awaited is an incoming stream with the byte that ended a wait before it.
type awaited struct {
	r     io.Reader
	first [1]byte
	some  bool // first is still to be read
}

// await reads first.
func (s *awaited) await() error {
	for !s.some {
		n, err := s.r.Read(s.first[:])
		if s.some = n == 1; !s.some && err != nil {
			return err
		}
	}
	return nil
}

func (s *awaited) Read(p []byte) (int, error) {
	if s.some && len(p) > 0 {
		s.some, p[0] = false, s.first[0]
		return 1, nil
	}
	return s.r.Read(p)
}

// begin finds the start of the next message and the framing it has.
func (f *Framer) begin() (io.Reader, error) {
	chunked := f.chunked.Load()
	if chunked && f.inChunk {
		return f.beginChunked(readChunkHeader)
	}
	afterLF, err := skipSpace(f.r)
	if err != nil {
		return nil, err
	}
	if chunked || (!f.seen && afterLF && f.peek() == '#') {
		if !afterLF {
			return nil, fmt.Errorf("%w: no line feed before the first chunk", ErrBadChunk)
		}
		return f.beginChunked(readChunkSize)
	}
	f.inChunk = false
	return &eomBody{r: f.r}, nil
}

func (f *Framer) beginChunked(header func(*bufio.Reader) (int64, error)) (io.Reader, error) {
	f.inChunk = true
	size, err := header(f.r)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, fmt.Errorf("%w: end of chunks without a chunk", ErrBadChunk)
	}
	return &chunkBody{r: f.r, left: size}, nil
}

// peek returns the next byte, which skipSpace has found to exist.
func (f *Framer) peek() byte {
	b, _ := f.r.Peek(1)
	return b[0]
}

// skipSpace skips XML white space and reports whether the last of it was a line
// feed. The next byte is then in the buffer of r, or the error is not nil.
func skipSpace(r *bufio.Reader) (afterLF bool, err error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return false, err
		}
		switch b {
		case '\n':
			afterLF = true
		case ' ', '\t', '\r':
			afterLF = false
		default:
			return afterLF, r.UnreadByte()
		}
	}
}

// incoming is the message being read: its body below a limit, with an error
// that stays.
type incoming struct {
	f     *Framer
	body  io.Reader // io.EOF at the end of the message only
	limit int64     // bytes, 0 for none
	size  int64     // bytes delivered
	err   error
}

func (m *incoming) Read(p []byte) (int, error) {
	if m.err != nil || len(p) == 0 {
		return 0, m.err
	}
	n, err := m.body.Read(p)
	if m.limit > 0 && m.size+int64(n) > m.limit {
		n = int(m.limit - m.size)
		err = fmt.Errorf("%w: more than %d bytes", ErrTooBig, m.limit)
	}
	m.size += int64(n)
	m.err = err
	if err != nil && err != io.EOF {
		m.f.readErr = err
	}
	return n, err
}

// unexpected turns an io.EOF within a message into io.ErrUnexpectedEOF.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
