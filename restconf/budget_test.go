package restconf

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestBodiesAtOnce has a user send the beginning of a large body: another large one is
// refused until that is answered, small ones are not.
func TestBodiesAtOnce(t *testing.T) {
	send := func(f *fixture, user, coding string, body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPut, "/restconf/data/example-top:defaults/colour", body)
		r.SetBasicAuth(user, "secret")
		r.Header.Set("Content-Type", mediaTypes[inJSON])
		if coding != "" {
			r.Header.Set("Content-Encoding", coding)
		}
		w := httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		return w
	}
	const beginning, end = `{"example-top:colour":`, `"red"}`
	large := beginning + strings.Repeat(" ", 200_000) + end
	for _, tt := range []struct {
		limit string
		code  int
		other int // what another user gets
	}{{"bodies-size", 503, 503}, {"bodies-size-per-user", 429, 204}} {
		t.Run(tt.limit, func(t *testing.T) {
			f := newFixture(t, nil, policyModule, "altoam-limits")
			f.must(201, "PUT /restconf/data/example-top:defaults/colour"+jsonBody+`{"example-top:colour":"red"}`)
			f.must(201, "PUT /restconf/data/altoam-limits:request-limits/"+tt.limit+jsonBody+`{"altoam-limits:`+tt.limit+`":"200000"}`)
			h := &halfSent{make(chan struct{}), make(chan struct{})}
			first := make(chan int)
			go func() {
				first <- send(f, "ann", "", io.MultiReader(strings.NewReader(large[:len(large)-len(end)]), h, strings.NewReader(end))).Code
			}()
			<-h.begun
			wantLimited(t, send(f, "ann", "", strings.NewReader(large)), tt.code, "resource-denied", "1")
			wantLimited(t, send(f, "ann", "gzip", strings.NewReader(encoded(t, "gzip", large))), tt.code, "resource-denied", "1")
			if w := send(f, "bob", "", strings.NewReader(large)); w.Code != tt.other {
				t.Errorf("another user: %d %s", w.Code, w.Body)
			}
			if w := send(f, "ann", "", strings.NewReader(beginning+strings.Repeat(" ", 60_000)+end)); w.Code != 204 {
				t.Errorf("a small body: %d %s", w.Code, w.Body)
			}
			close(h.rest)
			if code := <-first; code != 204 {
				t.Errorf("the body that was first: %d", code)
			}
			for range 3 { // all of it is given back, each time
				if w := send(f, "ann", "gzip", strings.NewReader(encoded(t, "gzip", large))); w.Code != 204 {
					t.Errorf("afterwards: %d %s", w.Code, w.Body)
				}
			}
		})
	}
}
