package restconf

import (
	"net/http"
	"testing"
)

// FuzzRequest sends anything as path, query and body: whatever becomes of it, running
// stays as it is, an error has the errors of RFC 8040 Section 7.1, and only operations
// that nobody carries out, or that say so themselves, are the server's fault.
func FuzzRequest(f *testing.F) {
	for _, w := range malformedSeeds {
		f.Add(w.method, w.path, w.query, w.header["Content-Type"], w.body)
	}
	methods := map[string]bool{
		http.MethodGet: true, http.MethodHead: true, http.MethodOptions: true, http.MethodPost: true,
		http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true,
	}
	x := newFixture(f, nil)
	x.must(201, "POST /restconf/data"+jsonBody+`{"example-top:top": {"queue": [{"id": "a"}, {"id": "b"}], "Y": [7]}}`)
	before := x.store.Running()
	f.Fuzz(func(t *testing.T, method, path, query, contentType, body string) {
		if !methods[method] {
			method = http.MethodPatch
		}
		w := wire{method: method, path: path, query: query, body: body}.with("Content-Type", contentType).with("If-Match", `"none"`)
		answer := x.send(w)
		switch {
		case answer == nil:
			return
		case x.store.Running() != before:
			t.Fatalf("%s\n= %d, and running changed", w.text(), answer.Code)
		case answer.Code >= 500 && method != http.MethodPost:
			t.Fatalf("%s\n= %d %s", w.text(), answer.Code, answer.Body)
		}
		if answer.Code >= 400 {
			if err := isErrors(answer); err != nil {
				t.Fatalf("%s\n= %d %s: %v", w.text(), answer.Code, answer.Body, err)
			}
		}
	})
}
