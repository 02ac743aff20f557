package alto

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"sync"
)

// minCompressed is the size in bytes below which compression does not pay.
const minCompressed = 1024

var (
	keptWriters = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.DefaultCompression); return w }}
	fastWriters = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return w }}
)

// compressed returns the answer gzipped: from the kept bytes, which the first
// caller makes, or quickly for this answer alone.
func (a *answer) compressed() []byte {
	if a.gzip == nil {
		return compress(&fastWriters, a.head, a.body)
	}
	return a.gzip.get(func() []byte { return compress(&keptWriters, a.head, a.body) })
}

func compress(writers *sync.Pool, parts ...[]byte) []byte {
	var buf bytes.Buffer
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&buf)
	for _, p := range parts {
		_, _ = w.Write(p) // a bytes.Buffer does not fail
	}
	_ = w.Close()
	return bytes.Clone(buf.Bytes())
}

// write sends the response and returns how many bytes of its body went out: fewer than it
// has where the client is gone.
func (r *response) write(w http.ResponseWriter, req *http.Request) (sent int) {
	h := w.Header()
	for key, values := range r.header {
		h[key] = values
	}
	a := r.answer
	if a == nil {
		if r.status != http.StatusNoContent && r.status != http.StatusNotModified {
			h.Set("Content-Length", "0")
		}
		w.WriteHeader(r.status)
		return 0
	}
	h.Set("Content-Type", a.media)
	parts := [][]byte{a.head, a.body}
	if r.gzip {
		parts = [][]byte{a.compressed()}
		h.Set("Content-Encoding", "gzip")
	}
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	h.Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(r.status)
	if req.Method == http.MethodHead {
		return 0
	}
	for _, p := range parts {
		n, err := w.Write(p)
		if sent += n; err != nil {
			break
		}
	}
	return sent
}
