package restconf

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// encoded compresses a text.
func encoded(t testing.TB, coding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if coding == "zstd" {
		var err error
		if w, err = zstd.NewWriter(&b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEncodedBodies(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	put := func(coding, body string) *httptest.ResponseRecorder {
		return f.do("PUT /restconf/data/example-top:defaults/colour\nContent-Encoding: " + coding + jsonBody + body)
	}
	red := `{"example-top:colour":"red"}`
	for _, coding := range []string{"gzip", "zstd", "X-GZIP", "identity"} {
		body := red
		if coding != "identity" {
			body = encoded(t, strings.TrimPrefix(strings.ToLower(coding), "x-"), red)
		}
		if w := put(coding, body); w.Code >= 300 {
			t.Errorf("%s: %d %s", coding, w.Code, w.Body)
		}
	}
	f.limit("body-size", 100_000)
	for _, coding := range []string{"gzip", "zstd"} {
		bomb := encoded(t, coding, `{"example-top:colour":"`+strings.Repeat("a", 10<<20)+`"}`)
		if len(bomb) > 20_000 {
			t.Fatalf("%s makes %d bytes of the bomb", coding, len(bomb))
		}
		wantLimited(t, put(coding, bomb), 413, "too-big", "")
		good := encoded(t, coding, red)
		for name, bad := range map[string]string{"cut": good[:len(good)-3], "no " + coding: red, "more": good + "rubbish"} {
			if w := put(coding, bad); w.Code != 400 || !strings.Contains(w.Body.String(), "malformed-message") {
				t.Errorf("%s, %s: %d %s", coding, name, w.Code, w.Body)
			}
		}
		if w := put(coding, ""); w.Code != 400 {
			t.Errorf("%s, empty: %d %s", coding, w.Code, w.Body)
		}
	}
	f.counted("body-size", 2)
	for _, coding := range []string{"br", "gzip, zstd", "gzip;q=1"} {
		if w := put(coding, red); w.Code != 415 || w.Header().Get("Accept-Encoding") != "zstd, gzip" {
			t.Errorf("%s: %d %v", coding, w.Code, w.Header())
		}
	}
}

func FuzzEncodedBody(f *testing.F) {
	x := newFixture(f, nil, policyModule)
	x.limit("body-size", 100_000)
	f.Add("gzip", []byte(encoded(f, "gzip", `{"example-top:colour":"red"}`)))
	f.Add("zstd", []byte(encoded(f, "zstd", `{"example-top:colour":"red"}`)))
	f.Fuzz(func(t *testing.T, coding string, body []byte) {
		r := httptest.NewRequest(http.MethodPut, "/restconf/data/example-top:defaults/colour", bytes.NewReader(body))
		r.SetBasicAuth("admin", "secret")
		r.Header.Set("Content-Type", mediaTypes[inJSON])
		r.Header.Set("Content-Encoding", coding)
		w := httptest.NewRecorder()
		if x.server.ServeHTTP(w, r); w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
