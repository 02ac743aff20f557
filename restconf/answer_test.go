package restconf

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// slowWriter is a client that takes nothing of an answer before it is let.
type slowWriter struct {
	*httptest.ResponseRecorder
	begun, rest chan struct{}
}

func (w *slowWriter) Write(b []byte) (int, error) {
	select {
	case w.begun <- struct{}{}:
	default:
	}
	<-w.rest
	return w.ResponseRecorder.Write(b)
}

// TestAnswersAtOnce has a client take nothing of a large answer: what is made for others is
// refused until it has it, what is read as it is stored is not.
func TestAnswersAtOnce(t *testing.T) {
	request := func(user, target string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/restconf/"+target, nil)
		r.SetBasicAuth(user, "secret")
		return r
	}
	const all = "data/example-top:machine"
	for _, tt := range []struct {
		limit string
		code  int
		other int // what another user gets
	}{{"memory-size", 503, 503}, {"memory-size-per-user", 429, 200}} {
		t.Run(tt.limit, func(t *testing.T) {
			f := newFixture(t, nil, policyModule, "altoam-limits")
			var wheels []string
			for i := range 2000 {
				wheels = append(wheels, fmt.Sprintf(`{"name":"the wheel with the number %d"}`, i))
			}
			f.must(201, "PUT /restconf/data/example-top:machine"+jsonBody+`{"example-top:machine":{"wheel":[`+strings.Join(wheels, ",")+`]}}`)
			f.must(201, "PUT /restconf/data/altoam-limits:request-limits/"+tt.limit+jsonBody+`{"altoam-limits:`+tt.limit+`":"400000"}`)
			get := func(user, target string) *httptest.ResponseRecorder {
				w := httptest.NewRecorder()
				f.server.ServeHTTP(w, request(user, target))
				return w
			}
			if w := get("ann", all); w.Code != 200 || !strings.Contains(w.Body.String(), "number 1999") {
				t.Fatalf("alone: %d %.300s", w.Code, w.Body)
			}
			slow, done := &slowWriter{httptest.NewRecorder(), make(chan struct{}, 1), make(chan struct{})}, make(chan struct{})
			go func() {
				defer close(done)
				f.server.ServeHTTP(slow, request("ann", all))
			}()
			<-slow.begun
			for _, target := range []string{
				all, "data", "ds/ietf-datastores:operational", all + "?fields=wheel/turns", all + "?content=nonconfig",
				all + "?content=config&depth=3", all + "?with-defaults=report-all", all + "/wheel?fields=turns",
			} {
				w := get("ann", target)
				if w.Body.Len() > 1000 {
					t.Fatalf("%s: %d with %d bytes", target, w.Code, w.Body.Len())
				}
				wantLimited(t, w, tt.code, "resource-denied", "1")
			}
			if w := get("bob", all); w.Code != tt.other {
				t.Errorf("another user: %d %.300s", w.Code, w.Body)
			}
			for _, target := range []string{all + "?content=config", all + "/wheel=the%20wheel%20with%20the%20number%207", "data/ietf-yang-library:yang-library"} {
				if w := get("ann", target); w.Code != 200 {
					t.Errorf("%s: %d %.300s", target, w.Code, w.Body)
				}
			}
			close(slow.rest)
			<-done
			if slow.Code != 200 {
				t.Errorf("the answer that was first: %d", slow.Code)
			}
			for range 5 { // all of it is given back, each time
				if w := get("ann", all); w.Code != 200 {
					t.Fatalf("afterwards: %d %.300s", w.Code, w.Body)
				}
			}
		})
	}
}

// TestNoMemoryToCompress: an answer is sent as it is where there is no memory to compress
// it, unless the client takes no such one.
func TestNoMemoryToCompress(t *testing.T) {
	f := newFixture(t, nil, policyModule, "altoam-limits")
	f.must(201, "PUT /restconf/data/example-top:machine"+jsonBody+`{"example-top:machine":{"wheel":[{"name":"`+strings.Repeat("x", 2000)+`"}]}}`)
	for _, tt := range []struct{ bytes, accept, coding string }{
		{"100000", "gzip", ""}, {"100000", "gzip, identity;q=0", "gzip"}, {"10000000", "gzip", "gzip"}, {"0", "gzip", "gzip"},
	} {
		f.do("PUT /restconf/data/altoam-limits:request-limits/memory-size" + jsonBody + `{"altoam-limits:memory-size":"` + tt.bytes + `"}`)
		r := httptest.NewRequest(http.MethodGet, "/restconf/data/example-top:machine", nil)
		r.SetBasicAuth("ann", "secret")
		r.Header.Set("Accept-Encoding", tt.accept)
		w := httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); w.Code != 200 || got != tt.coding {
			t.Errorf("%s bytes and %s: %d %q; want %q", tt.bytes, tt.accept, w.Code, got, tt.coding)
		}
	}
}
