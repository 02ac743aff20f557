package restconf

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestWishes(t *testing.T) {
	for accept, want := range map[string]string{
		"gzip": "gzip", "deflate, gzip;q=0.5": "gzip", "GZIP": "gzip", "*": "gzip", "*;q=0.1": "gzip", "gzip, *;q=0": "gzip always",
		"": "", "identity": "", "gzip;q=0": "", "gzip;q=0, *": "", "gzip;q=x": "", "br, deflate": "",
		"zstd": "zstd", "deflate, gzip, br, zstd": "zstd", "zstd;q=0.5, gzip": "gzip", "zstd ; q=0.9 ,gzip; q=0.8": "zstd",
		"gzip;q=0.5, identity": "", "gzip;q=0.5, identity;q=0.4": "gzip", "zstd;q=0, gzip;q=0": "", "zstd, identity;q=0": "zstd always",
		"identity;q=0": "none", "*;q=0": "none", "br, identity;q=0": "none", "*;q=0, identity": "", "gzip;q=2": "", "zstd;q=0.5, *;q=0": "zstd always",
	} {
		w, ok := wishes(http.Header{"Accept-Encoding": {accept}})
		got := ""
		switch {
		case !ok:
			got = "none"
		case w.coding != nil:
			got = w.coding.name
		}
		if w.coding != nil && w.always {
			got += " always"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if w, ok := wishes(http.Header{}); w != (encodingWish{}) || !ok {
		t.Error("without Accept-Encoding:", w, ok)
	}
}

// decompress undoes a content coding.
func decompress(t *testing.T, name string, r io.Reader) string {
	t.Helper()
	plain, err := codingNamed(name).decode(r)
	if err != nil {
		t.Fatal(name, err)
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(name, err)
	}
	return string(text)
}

func TestAnswersAreCompressed(t *testing.T) {
	f := newFixture(t, nil)
	for _, resource := range []string{"/restconf/data/ietf-yang-library:yang-library", "/restconf/yang/ietf-restconf"} {
		plain := f.must(200, "GET "+resource)
		for _, coding := range []string{"gzip", "zstd"} {
			w := f.must(200, "GET "+resource+"\nAccept-Encoding: "+coding)
			h := w.Header()
			if h.Get("Content-Encoding") != coding || h.Get("Vary") != "Accept, Accept-Encoding" || h.Get("Content-Length") != "" {
				t.Errorf("%s: %v", resource, h)
			}
			if got := decompress(t, coding, w.Body); got != plain.Body.String() {
				t.Errorf("%s: %d bytes of %s, want %d", resource, len(got), coding, plain.Body.Len())
			}
		}
		if plain.Header().Get("Vary") != "Accept, Accept-Encoding" {
			t.Errorf("%s, not compressed: %v", resource, plain.Header())
		}
	}
	if w := f.must(200, "GET /restconf\nAccept-Encoding: gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("a short answer is compressed: %v", w.Header())
	}
	w := f.must(200, "GET /restconf\nAccept-Encoding: zstd, identity;q=0")
	if got := decompress(t, "zstd", w.Body); !strings.Contains(got, "yang-library-version") || w.Header().Get("Content-Encoding") != "zstd" {
		t.Errorf("a short answer that must be compressed: %v %s", w.Header(), got)
	}
	f.must(406, "GET /restconf\nAccept-Encoding: identity;q=0")
	if w := f.must(404, "GET /restconf/data/example-top:top\nAccept-Encoding: gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("an error is compressed: %v", w.Header())
	}
}

func TestTagsOfCompressedAnswers(t *testing.T) {
	f := newFixture(t, nil)
	const top = "/restconf/data/example-top:defaults"
	colour := func(name string) string { return `{"example-top:colour":"` + strings.Repeat(name, 1000) + `"}` }
	f.must(201, "PUT "+top+"/colour"+jsonBody+colour("red"))
	for _, coding := range codings {
		plain := f.must(200, "GET "+top).Header().Get("ETag")
		tag := f.must(200, "GET "+top+"\nAccept-Encoding: "+coding.name).Header().Get("ETag")
		if tag == plain || !strings.HasSuffix(tag, coding.suffix) {
			t.Errorf("tags %s and %s", plain, tag)
		}
		w := f.must(304, "GET "+top+"\nAccept-Encoding: "+coding.name+"\nIf-None-Match: "+tag)
		if got := w.Header().Get("ETag"); got != tag {
			t.Errorf("304 has the tag %s, want %s", got, tag)
		}
		if got := f.must(304, "GET "+top+"\nIf-None-Match: "+plain).Header().Get("ETag"); got != plain {
			t.Errorf("304 has the tag %s, want %s", got, plain)
		}
		f.must(204, "PUT "+top+"/colour\nIf-Match: "+tag+jsonBody+colour(coding.name))
		f.must(412, "PUT "+top+"/colour\nIf-Match: "+tag+jsonBody+colour(coding.name))
	}
}
