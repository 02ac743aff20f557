package restconf

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// decodeWindow is the most that a zstd frame may look back, in bytes (RFC 9659 Section 3).
const decodeWindow = 8 << 20

func gunzip(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

func unzstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(decodeWindow))
}

// codingOf is the content coding of a message-body, nil for none.
func codingOf(h http.Header) (*coding, error) {
	var found *coding
	for name := range strings.SplitSeq(strings.Join(h.Values("Content-Encoding"), ","), ",") {
		name = strings.TrimSpace(name)
		if name == "" || strings.EqualFold(name, "identity") {
			continue
		}
		c := codingNamed(name)
		if c == nil || found != nil {
			return nil, unsupportedCoding(h)
		}
		found = c
	}
	return found, nil
}

// unsupportedCoding is the error for another Content-Encoding than those of codings; the
// answer says which these are (RFC 9110 Section 12.5.3).
func unsupportedCoding(h http.Header) error {
	return &statusError{
		err: rpcerr.NewProtocol(rpcerr.InvalidValue, "Content-Encoding is %q; expected one of %s, or none",
			clip(strings.Join(h.Values("Content-Encoding"), ", ")), codingNames()),
		code: http.StatusUnsupportedMediaType, header: http.Header{"Accept-Encoding": {codingNames()}},
	}
}

// free is how much of a message-body is not charged to the user, in bytes: most are smaller.
const free = 64 << 10

// arrival is a message-body as it comes in: decompressed, within the limits on its size
// and on the time it takes. Its errors say which limit it was.
type arrival struct {
	q      *request
	limits *limits
	wire   io.Reader
	coding *coding
	plain  io.Reader // what wire is decompressed to, nil before the first Read
	size   int64     // of what was decompressed so far
	json   *nesting  // nil for XML
	timed  bool
	lost   error // why wire ended, unless that was its end
	err    error // why Read ended
}

// newArrival starts the clock.
func (q *request) newArrival() *arrival {
	a := &arrival{q: q, limits: &q.policy.Load().limits}
	if q.r.ContentLength > a.limits.body { // nothing of it is read
		a.err = a.explain(&http.MaxBytesError{Limit: a.limits.body})
		return a
	}
	body := http.MaxBytesReader(q.w, q.r.Body, a.limits.body)
	a.wire = readerFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if err != nil && err != io.EOF {
			a.lost = err
		}
		return n, err
	})
	a.coding, _ = codingOf(q.r.Header) // contentType refuses what is wrong
	if a.limits.depth > 0 && !strings.Contains(q.r.Header.Get("Content-Type"), "xml") {
		a.json = &nesting{}
	}
	if a.limits.request > 0 && q.r.Body != http.NoBody {
		a.timed = http.NewResponseController(q.w).SetReadDeadline(time.Now().Add(a.limits.request)) == nil
	}
	return a
}

// Read implements io.Reader.
func (a *arrival) Read(p []byte) (n int, err error) {
	if a.err != nil {
		return 0, a.err
	}
	if a.plain == nil {
		if a.err = a.decompress(); a.err != nil {
			a.err = a.explain(a.err)
			return 0, a.err
		}
	}
	n, err = a.plain.Read(p)
	if a.size += int64(n); a.coding != nil && a.size > a.limits.body {
		err = &http.MaxBytesError{Limit: a.limits.body}
	}
	if err != nil {
		a.err = a.explain(err)
	}
	if a.size > free && n > 0 && (a.err == nil || a.err == io.EOF) {
		if busy := a.q.session.HoldBody(int64(n)); busy != nil {
			n, a.err = 0, busy
		}
	}
	if a.json != nil && !a.json.scan(p[:n], a.limits.depth) {
		a.err = rpcerr.NewProtocol(rpcerr.TooBig, "the message body is nested deeper than %d objects", a.limits.depth)
	}
	return n, a.err
}

func (a *arrival) decompress() (err error) {
	if a.plain = a.wire; a.coding != nil {
		a.plain, err = a.coding.decode(a.wire)
	}
	return err
}

// explain makes of why reading ended the error for the client. At the end of the body
// the clock stops: what follows is the server's time.
func (a *arrival) explain(err error) error {
	if a.lost != nil {
		err = a.lost
	}
	var big *http.MaxBytesError
	switch {
	case err == io.EOF:
		if a.timed { // an error says that the connection is gone, as sending the answer will
			_ = http.NewResponseController(a.q.w).SetReadDeadline(time.Time{})
		}
		return io.EOF
	case errors.As(err, &big):
		return a.q.exceeded("body-size", http.StatusRequestEntityTooLarge, "", "the message body is larger than %d bytes", big.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		if a.q.r.ProtoMajor == 1 { // what is still to come is no further request
			a.q.w.Header().Set("Connection", "close")
		}
		return a.q.exceeded("request-timeout", http.StatusRequestTimeout, "", "the message body did not arrive within %v", a.limits.request)
	case a.coding != nil && a.lost == nil:
		return rpcerr.NewProtocol(rpcerr.MalformedMessage, "the message body is no %s: %v", a.coding.name, err)
	}
	return &rpcerr.Error{Type: rpcerr.Transport, Tag: rpcerr.MalformedMessage, Message: "the message body did not arrive", Err: err}
}
