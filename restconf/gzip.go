package restconf

import (
	"compress/gzip"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressAbove is how many bytes an answer has that is not worth compressing.
const compressAbove = 1 << 10

var gzips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// gzipSuffix marks the entity tag of a compressed representation, which is another
// one (RFC 9110 Section 8.8.3.3).
const gzipSuffix = `-gzip"`

// plainTag is the tag of the representation that is not compressed.
func plainTag(tag string) string {
	if rest, ok := strings.CutSuffix(tag, gzipSuffix); ok {
		return rest + `"`
	}
	return tag
}

// acceptsGzip tells whether the client takes gzip (RFC 9110 Section 12.5.3).
func acceptsGzip(h http.Header) bool {
	any := false
	for item := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		taken := true
		if text, ok := params["q"]; ok {
			weight, err := strconv.ParseFloat(text, 64)
			taken = err == nil && weight > 0
		}
		switch coding {
		case "gzip":
			return taken
		case "*":
			any = taken
		}
	}
	return any
}

// answer is the body of an answer with status 200: compressed if it is long and the
// client takes that. The header is sent when that is known.
type answer struct {
	w     http.ResponseWriter
	start []byte
	open  bool // the header was sent
	gzips bool // the client takes gzip
	gz    *gzip.Writer
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	switch {
	case a.gz != nil:
		return a.gz.Write(p)
	case a.open:
		return a.w.Write(p)
	case len(a.start)+len(p) <= compressAbove:
		a.start = append(a.start, p...)
		return len(p), nil
	}
	if err := a.begin(a.gzips); err != nil {
		return 0, err
	}
	return a.Write(p)
}

// begin sends the header and what there is so far.
func (a *answer) begin(compress bool) error {
	a.open = true
	if compress {
		h := a.w.Header()
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		h.Del("Content-Length")
		if tag := h.Get("ETag"); tag != "" {
			h.Set("ETag", strings.TrimSuffix(tag, `"`)+gzipSuffix)
		}
		a.gz = gzips.Get().(*gzip.Writer)
		a.gz.Reset(a.w)
	}
	a.w.WriteHeader(http.StatusOK)
	_, err := a.Write(a.start)
	return err
}

// Close sends what is left.
func (a *answer) Close() error {
	if a.gz == nil {
		if a.open {
			return nil
		}
		return a.begin(false)
	}
	err := a.gz.Close()
	gzips.Put(a.gz)
	return err
}
