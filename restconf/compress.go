package restconf

import (
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// compressAbove is how many bytes an answer has that is not worth compressing.
const compressAbove = 1 << 10

// encodeWindow bounds the memory that compressing an answer takes, in bytes.
const encodeWindow = 256 << 10

// encoderSize is the most memory, about, that compressing an answer takes, in bytes.
const encoderSize = 2 << 20

// encoder compresses one answer after the other.
type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// coding is a content coding (RFC 9110 Section 8.4.1).
type coding struct {
	name     string
	suffix   string // of the entity tag of a compressed representation, which is another one (RFC 9110 Section 8.8.3.3)
	encoders sync.Pool
	decode   func(io.Reader) (io.Reader, error)
}

// codings are in the order in which they are taken where a client likes them alike.
var codings = []*coding{
	{name: "zstd", suffix: `-zstd"`, decode: unzstd, encoders: sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(encodeWindow))
		if err != nil {
			panic(err) // only for wrong options
		}
		return e
	}}},
	{name: "gzip", suffix: `-gzip"`, decode: gunzip, encoders: sync.Pool{New: func() any { return gzip.NewWriter(nil) }}},
}

// codingNamed finds a content coding, nil where there is no such.
func codingNamed(name string) *coding {
	if strings.EqualFold(name, "x-gzip") { // RFC 9110 Section 8.4.1.3
		name = "gzip"
	}
	for _, c := range codings {
		if strings.EqualFold(name, c.name) {
			return c
		}
	}
	return nil
}

// codingNames is the value of Accept-Encoding in an answer.
func codingNames() string {
	names := make([]string, len(codings))
	for i, c := range codings {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// plainTag is the tag of the representation that is not compressed.
func plainTag(tag string) string {
	for _, c := range codings {
		if rest, ok := strings.CutSuffix(tag, c.suffix); ok {
			return rest + `"`
		}
	}
	return tag
}

// knownTag is the tag of the answer that a client has still, whose plain tag is given:
// that of a compressed representation where the client asks with it.
func knownTag(plain string, asked http.Header) string {
	for _, field := range asked.Values("If-None-Match") {
		for _, c := range codings {
			if tag := strings.TrimSuffix(plain, `"`) + c.suffix; strings.Contains(field, tag) {
				return tag
			}
		}
	}
	return plain
}

// encodingWish is what a client says of content codings.
type encodingWish struct {
	coding *coding // the one it likes best, nil for none
	always bool    // what is not encoded it does not take, however short
}

// wishes reads Accept-Encoding (RFC 9110 Section 12.5.3): ok is false where the client
// takes neither what is encoded nor what is not. A "*" stands for gzip.
func wishes(h http.Header) (w encodingWish, ok bool) {
	fields, best := h.Values("Accept-Encoding"), 0.0
	if len(fields) == 0 {
		return w, true
	}
	const identity, star = 2, 3 // behind the codings
	var weights [star + 1]struct {
		q     float64
		named bool
	}
	for _, f := range fields {
		for item := range strings.SplitSeq(f, ",") {
			name, params, _ := strings.Cut(item, ";")
			name = strings.TrimSpace(name)
			if i := slices.IndexFunc(codingWords[:], func(w string) bool { return strings.EqualFold(w, name) }); i >= 0 {
				weights[i].q, weights[i].named = weight(params), true
			}
		}
	}
	any := weights[star]
	for i := range codings {
		q := weights[i].q
		if !weights[i].named && codings[i].name == "gzip" {
			q = any.q
		}
		if q > best {
			best, w.coding = q, codings[i]
		}
	}
	plain := weights[identity]
	if plain.named && plain.q > best {
		w.coding = nil
	}
	if !plain.named {
		plain = any
	}
	w.always = plain.named && plain.q == 0
	return w, w.coding != nil || !w.always
}

// codingWords are the words of Accept-Encoding: those of the codings, and two.
var codingWords = [...]string{codings[0].name, codings[1].name, "identity", "*"}

// weight is the q of the parameters of a list item: 1 without any, 0 where it is wrong.
func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 0
	}
	return 1
}

// newAnswer is the body of an answer to a request with that header. spare tells whether
// there is memory for so many more bytes.
func newAnswer(w http.ResponseWriter, h http.Header, spare func(bytes int64) bool) *answer {
	a := answers.Get().(*answer)
	a.w, a.spare = w, spare
	a.encodingWish, _ = wishes(h)
	return a
}

var answers = sync.Pool{New: func() any { return &answer{start: make([]byte, 0, compressAbove)} }}

// release gives up a, which is closed.
func (a *answer) release() {
	*a = answer{start: a.start[:0]}
	answers.Put(a)
}

// answer is the body of an answer with status 200: compressed if it is long and the
// client takes that, and there is memory for it. The header is sent when that is known.
type answer struct {
	w http.ResponseWriter
	encodingWish
	spare func(bytes int64) bool
	start []byte
	open  bool // the header was sent
	enc   encoder
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	switch {
	case a.enc != nil:
		return a.enc.Write(p)
	case a.open:
		return a.w.Write(p)
	case len(a.start)+len(p) <= compressAbove:
		a.start = append(a.start, p...)
		return len(p), nil
	}
	if err := a.begin(a.coding); err != nil {
		return 0, err
	}
	return a.Write(p)
}

// begin sends the header and what there is so far, compressed unless c is nil.
func (a *answer) begin(c *coding) error {
	a.open = true
	if c != nil && !a.always && !a.spare(encoderSize) {
		c = nil
	}
	if c != nil {
		h := a.w.Header()
		h.Set("Content-Encoding", c.name)
		h.Del("Content-Length")
		if tag := h.Get("ETag"); tag != "" {
			h.Set("ETag", strings.TrimSuffix(tag, `"`)+c.suffix)
		}
		a.enc = c.encoders.Get().(encoder)
		a.enc.Reset(a.w)
	}
	a.w.WriteHeader(http.StatusOK)
	_, err := a.Write(a.start)
	return err
}

// Close sends what is left.
func (a *answer) Close() error {
	if !a.open {
		c := a.coding
		if !a.always {
			c = nil
		}
		if err := a.begin(c); err != nil {
			return err
		}
	}
	if a.enc == nil {
		return nil
	}
	err := a.enc.Close()
	a.coding.encoders.Put(a.enc)
	return err
}
