package restconf

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/altoam/altoam/datastore"
)

func TestMethodsAndMedia(t *testing.T) {
	f := newFixture(t, nil)
	const all, read, call = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", "GET, HEAD, OPTIONS", "OPTIONS, POST"
	for _, c := range []struct {
		request string
		code    int
		allow   string
	}{
		{"DELETE /restconf/data", 405, "GET, HEAD, OPTIONS, PATCH, POST, PUT"},
		{"TRACE /restconf/data", 405, "GET, HEAD, OPTIONS, PATCH, POST, PUT"},
		{"BREW /restconf", 405, read},
		{"POST /restconf", 405, read},
		{"PUT /restconf/operations", 405, read},
		{"PUT /restconf/yang-library-version", 405, read},
		{"POST /.well-known/host-meta", 405, read},
		{"DELETE /restconf/yang/example-top", 405, read},
		{"GET /restconf/operations/example-top:reset", 405, call},
		{"HEAD /restconf/data/example-top:machine/wheel=a/spin", 405, call},
		{"PUT /restconf/data/example-top:machine/temperature" + jsonBody + `{"example-top:temperature": 1}`, 405, read},
		{"POST /restconf/data/example-top:machine/event", 405, read},
		{"DELETE /restconf/data/example-top:machine/wheel=a/name", 405, read},
		{"POST /restconf/data/example-top:machine/wheel=a/size", 405, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{"OPTIONS /restconf/data/example-top:machine", 200, all},
		{"OPTIONS /restconf/data/example-top:top/queue=a", 200, all},
		{"OPTIONS /restconf/data/example-top:top/queue", 200, read},
		{"OPTIONS /restconf/data/example-top:top/names", 200, read},
		{"PATCH /restconf/data/example-top:top/names", 405, read},
		{"OPTIONS /restconf/operations/example-top:reset", 200, call},
		{"OPTIONS /restconf/operations/example-top:reset\nAccept: text/html", 200, call},

		{"GET /restconf/data\nAccept: text/html", 406, ""},
		{"GET /restconf/data\nAccept: text/html, */*;q=0.1", 200, ""},
		{"DELETE /restconf/data/example-top:top\nAccept: application/json", 406, ""},
		{"GET /restconf/yang/example-top\nAccept: application/yang", 200, ""},
		{"GET /restconf/yang/example-top\nAccept: application/yang-data+json", 406, ""},
		{"GET /.well-known/host-meta.json\nAccept: application/xrd+xml", 406, ""},
		{"GET /.well-known/host-meta\nAccept: text/html", 200, ""},

		{"PUT /restconf/data/example-top:top\nContent-Type: application/json\n\n{\"example-top:top\": {}}", 415, ""},
		{"PUT /restconf/data/example-top:top\n\n{\"example-top:top\": {}}", 415, ""},
		{"PATCH /restconf/data/example-top:top\nContent-Type: application/json-patch+json\n\n[]", 415, ""},
		{"POST /restconf/operations/example-top:measure\nContent-Type: text/plain\n\n{}", 415, ""},

		{"GET /restconf/", 404, ""},
		{"GET /restconf/nothing", 404, ""},
		{"GET /", 404, ""},
		{"GET /restconf/data/example-top:nothing", 404, ""},
		{"GET /restconf/data/example-top:top/Y=1", 404, ""},
		{"GET /restconf/data/example-top:top/Y", 404, ""},
		{"GET /restconf/data/example-top:top/queue=a/id", 404, ""},
		{"GET /restconf/data/", 400, ""},
		{"POST /restconf/operations/example-top:nothing", 404, ""},
		{"POST /restconf/operations/nothing", 400, ""},
		{"POST /restconf/operations/%ff:a", 400, ""},
		{"GET /restconf/yang/nothing", 404, ""},
		{"GET /restconf/yang/example-top@1999-01-01", 404, ""},
	} {
		w := f.do(c.request)
		if w.Code != c.code || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s\n= %d %s %q, want %d %q", c.request, w.Code, w.Body, w.Header().Get("Allow"), c.code, c.allow)
		}
		if w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: Cache-Control %q", c.request, w.Header().Get("Cache-Control"))
		}
		if tag := map[int]string{405: "operation-not-supported", 406: "invalid-value", 404: "invalid-value"}[c.code]; tag != "" {
			if got, _ := firstError(t, w.Body.Bytes()); got != tag {
				t.Errorf("%s: %s", c.request, got)
			}
		}
	}
}

func TestAuthentication(t *testing.T) {
	f := newFixture(t, nil)
	for _, path := range []string{"", "/data", "/data/example-top:top", "/nothing", "/operations", "/yang/example-top"} {
		w := f.do("GET /restconf" + path + "\nAuthorization:" + wantXML)
		if w.Code != 401 || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), `Basic realm="`) {
			t.Errorf("%s = %d %v", path, w.Code, w.Header())
		}
		if !strings.Contains(w.Body.String(), "<error-tag>access-denied</error-tag>") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	if w := f.do("DELETE /restconf/data/example-top:top\nAuthorization: Basic YTpi"); w.Code != 401 {
		t.Errorf("a wrong password = %d", w.Code)
	}
	if n := len(f.store.Sessions()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestTooBig(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.MaxBody = 100 })
	body := func(n int) string {
		return `{"example-top:top": {"names": ["` + strings.Repeat("x", n-36) + `"]}}`
	}
	w := f.must(413, "PUT /restconf/data/example-top:top"+jsonBody+body(101))
	if tag, _ := firstError(t, w.Body.Bytes()); tag != "too-big" {
		t.Error(w.Body)
	}
	f.must(413, "PUT /restconf/data/example-top:top"+xmlBody+`<top xmlns="http://example.com/ns/example-top"><names>`+strings.Repeat("x", 100)+`</names></top>`)
	f.must(413, "PUT /restconf/data"+jsonBody+`{"ietf-restconf:data": `+body(100)+`}`)
	f.must(201, "PUT /restconf/data/example-top:top"+jsonBody+body(100))
}

func TestLockedByAnother(t *testing.T) {
	f := newFixture(t, nil)
	x := f.store.NewSession(datastore.User{Name: "nms"}, datastore.Source{Protocol: "netconf-ssh"})
	defer x.Close()
	if err := x.Lock(datastore.Running); err != nil {
		t.Fatal(err)
	}
	w := f.must(409, "PUT /restconf/data/example-top:top"+jsonBody+`{"example-top:top": {}}`)
	if tag, _ := firstError(t, w.Body.Bytes()); tag != "in-use" {
		t.Error(w.Body)
	}
	f.must(200, "GET /restconf/data")
	if err := x.Unlock(datastore.Running); err != nil {
		t.Fatal(err)
	}
	f.must(201, "PUT /restconf/data/example-top:top"+jsonBody+`{"example-top:top": {}}`)
}

// State is produced for those who ask for it only.
func TestStateIsNotProducedInVain(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		uri  string
		runs int
	}{
		{"/restconf/data?content=config", 0},
		{"/restconf/data/example-top:defaults/colour", 0},
		{"/restconf/data/example-top:machine/temperature", 1},
		{"/restconf/data", 1},
	} {
		f.wheels = 0
		f.must(200, "GET "+c.uri)
		if f.wheels != c.runs {
			t.Errorf("%s: the provider ran %d times, want %d", c.uri, f.wheels, c.runs)
		}
	}
}

// TestOverTLS speaks both versions of HTTP over TLS, with a body of unknown length.
func TestOverTLS(t *testing.T) {
	f := newFixture(t, nil)
	for version, http2 := range map[int]bool{1: false, 2: true} {
		s := httptest.NewUnstartedServer(f.server)
		s.EnableHTTP2 = http2
		s.StartTLS()
		defer s.Close()
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: http2}}
		do := func(method, path string, body io.Reader) *http.Response {
			r, err := http.NewRequest(method, s.URL+path, body)
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth("admin", "secret")
			if body != nil {
				r.Header.Set("Content-Type", "application/yang-data+json")
			}
			resp, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { resp.Body.Close() })
			if resp.ProtoMajor != version {
				t.Fatalf("HTTP/%d, want %d", resp.ProtoMajor, version)
			}
			return resp
		}
		created := do("POST", "/restconf/data", io.MultiReader(strings.NewReader(`{"example-top:top": {"list1": [{`),
			strings.NewReader(`"key1": "a/b", "key2": "", "key3": "c d"}]}}`)))
		if created.StatusCode != 201 || created.Header.Get("Location") != s.URL+"/restconf/data/example-top:top" {
			t.Fatalf("%d %v", created.StatusCode, created.Header)
		}
		got := do("GET", "/restconf/data/example-top:top/list1=a%2Fb,,c%20d", nil)
		if text, _ := io.ReadAll(got.Body); !strings.Contains(string(text), `"key1":"a/b"`) {
			t.Fatalf("%d %s", got.StatusCode, text)
		}
		head := do("HEAD", "/restconf/data", nil)
		if text, _ := io.ReadAll(head.Body); len(text) > 0 || head.Header.Get("ETag") == "" {
			t.Errorf("HEAD: %v %s", head.Header, text)
		}
		if called := do("POST", "/restconf/operations/example-top:measure", nil); called.StatusCode != 200 {
			t.Errorf("operation: %d", called.StatusCode)
		}
		if deleted := do("DELETE", "/restconf/data/example-top:top", nil); deleted.StatusCode != 204 {
			t.Errorf("DELETE: %d", deleted.StatusCode)
		}
	}
}

func TestMetrics(t *testing.T) {
	f := newFixture(t, nil)
	f.do("GET /restconf")
	f.do("GET /restconf/nothing")
	f.do("GET /restconf/nothing")
	f.do("BREW /restconf")
	f.do("BOIL /restconf")
	const want = `
# HELP altoam_restconf_requests_total RESTCONF requests by method and status code.
# TYPE altoam_restconf_requests_total counter
altoam_restconf_requests_total{code="200",method="GET"} 1
altoam_restconf_requests_total{code="404",method="GET"} 2
altoam_restconf_requests_total{code="405",method="other"} 2
`
	if err := testutil.CollectAndCompare(f.server, strings.NewReader(want), "altoam_restconf_requests_total"); err != nil {
		t.Error(err)
	}
	if err := prometheus.NewPedanticRegistry().Register(f.server); err != nil {
		t.Error(err)
	}
}
