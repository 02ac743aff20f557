package restconf

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAcceptsGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"gzip": true, "deflate, gzip;q=0.5": true, "GZIP": true, "*": true, "*;q=0.1": true, "gzip, *;q=0": true,
		"": false, "identity": false, "gzip;q=0": false, "gzip;q=0, *": false, "gzip;q=x": false, "br, zstd": false,
	} {
		if got := acceptsGzip(http.Header{"Accept-Encoding": {accept}}); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}

func TestAnswersAreCompressed(t *testing.T) {
	f := newFixture(t, nil)
	for _, resource := range []string{"/restconf/data/ietf-yang-library:yang-library", "/restconf/yang/ietf-restconf"} {
		plain := f.must(200, "GET "+resource)
		w := f.must(200, "GET "+resource+"\nAccept-Encoding: gzip")
		r, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(resource, err)
		}
		text, err := io.ReadAll(r)
		if err != nil || string(text) != plain.Body.String() {
			t.Errorf("%s: %v, %d bytes, want %d", resource, err, len(text), plain.Body.Len())
		}
		h := w.Header()
		if h.Get("Content-Encoding") != "gzip" || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Length") != "" {
			t.Errorf("%s: %v", resource, h)
		}
	}
	if w := f.must(200, "GET /restconf\nAccept-Encoding: gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("a short answer is compressed: %v", w.Header())
	}
	if w := f.must(404, "GET /restconf/data/example-top:top\nAccept-Encoding: gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("an error is compressed: %v", w.Header())
	}
}

func TestTagsOfCompressedAnswers(t *testing.T) {
	f := newFixture(t, nil)
	const top = "/restconf/data/example-top:defaults"
	f.must(201, "PUT "+top+"/colour"+jsonBody+`{"example-top:colour":"`+strings.Repeat("red", 1000)+`"}`)
	plain := f.must(200, "GET "+top).Header().Get("ETag")
	tag := f.must(200, "GET "+top+"\nAccept-Encoding: gzip").Header().Get("ETag")
	if tag == plain || !strings.HasSuffix(tag, gzipSuffix) {
		t.Errorf("tags %s and %s", plain, tag)
	}
	f.must(304, "GET "+top+"\nAccept-Encoding: gzip\nIf-None-Match: "+tag)
	f.must(204, "PUT "+top+"/colour\nIf-Match: "+tag+jsonBody+`{"example-top:colour":"red"}`)
	f.must(412, "PUT "+top+"/colour\nIf-Match: "+tag+jsonBody+`{"example-top:colour":"red"}`)
}
