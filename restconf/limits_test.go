package restconf

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"
)

const limitsPath = "/restconf/data/altoam-restconf:restconf-limits"

// limit sets a limit.
func (f *fixture) limit(name string, value int) {
	f.t.Helper()
	if w := f.do("PUT " + limitsPath + "/" + name + jsonBody + fmt.Sprintf(`{"altoam-restconf:%s":%d}`, name, value)); w.Code >= 300 {
		f.t.Fatalf("%s: %d %s", name, w.Code, w.Body)
	}
}

// counted checks how often a limit was exceeded.
func (f *fixture) counted(limit string, want float64) {
	f.t.Helper()
	if got := testutil.ToFloat64(f.server.metrics.limited.WithLabelValues(limit)); got != want {
		f.t.Errorf("%s counts %v, want %v", limit, got, want)
	}
}

// wantLimited checks an answer to a request that has exceeded a limit.
func wantLimited(t *testing.T, w *httptest.ResponseRecorder, code int, tag, retry string) {
	t.Helper()
	media := w.Header().Get("Content-Type")
	if w.Code != code || w.Header().Get("Retry-After") != retry || !strings.Contains(w.Body.String(), tag) || !strings.Contains(media, "yang-data") {
		t.Errorf("%d %v %s, want %d %s", w.Code, w.Header(), w.Body, code, tag)
	}
}

func TestSizes(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	f.limit("body-size", 1024)
	long := "PATCH /restconf/data" + jsonBody + strings.Repeat(" ", 2000)
	wantLimited(t, f.do(long), 413, "too-big", "")
	wantLimited(t, f.do(strings.ReplaceAll(long, "+json", "+xml")), 413, "<error-tag>too-big</error-tag>", "")
	f.counted("body-size", 2)
	f.limit("body-size", 4096)
	f.must(400, long)

	f.limit("header-size", 1024)
	head := "GET /restconf/data" + wantXML + "\nX-Long: " + strings.Repeat("a", 1000)
	wantLimited(t, f.do(head), 431, "<error-tag>too-big</error-tag>", "")
	wantLimited(t, f.do("GET /restconf/data?"+strings.Repeat("a", 1000)), 431, "too-big", "")
	f.counted("header-size", 2)
	f.limit("header-size", 4096)
	f.must(200, head)

	patch := func(e encoding, value string) string {
		head := "PATCH /restconf/data\nAccept: application/yang-data+json\nContent-Type: " + yangPatchTypes[e] + "\n\n"
		if e == inXML {
			return head + `<yang-patch xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-patch"><patch-id>p</patch-id><edit><edit-id>e</edit-id>` +
				`<operation>merge</operation><target>/example-top:defaults</target><value>` + value + `</value></edit></yang-patch>`
		}
		return head + `{"ietf-yang-patch:yang-patch":{"patch-id":"p","edit":[{"edit-id":"e","operation":"merge","target":"/example-top:defaults","value":` + value + `}]}}`
	}
	json := func(n int) string {
		return patch(inJSON, strings.Repeat(`{"example-top:x":`, n)+`"}{{{{{{{{{{\"{{{"`+strings.Repeat("}", n))
	}
	xml := func(n int) string { return patch(inXML, strings.Repeat("<a>", n)+strings.Repeat("</a>", n)) }
	f.limit("nesting-depth", 10) // the value is in three objects
	f.must(400, json(7))
	f.must(400, xml(7))
	wantLimited(t, f.do(json(8)), 413, "too-big", "")
	wantLimited(t, f.do(xml(8)), 413, "too-big", "")
	f.counted("body-content", 2)
	f.limit("nesting-depth", 11)
	f.must(400, json(8))
	f.must(400, xml(8))
}

// TestNesting says that texts in pieces are nested as in one.
func TestNesting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune(`{}"\a[`))).Draw(t, "text")
		most := rapid.IntRange(0, 4).Draw(t, "most")
		var whole, pieces nesting
		want, got := whole.scan([]byte(text), most), true
		for i := range len(text) {
			got = got && pieces.scan([]byte(text[i:i+1]), most)
		}
		if got != want {
			t.Fatalf("%q: %v in pieces, %v in one", text, got, want)
		}
	})
}

func TestRates(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	get := func(user, address string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/restconf/yang-library-version", nil)
		r.SetBasicAuth(user, "secret")
		r.RemoteAddr = address + ":1234"
		w := httptest.NewRecorder()
		f.server.ServeHTTP(w, r)
		return w
	}
	f.limit("requests-per-second-per-user", 3)
	refused := 0
	for range 10 {
		if w := get("ann", "192.0.2.1"); w.Code != 200 {
			wantLimited(t, w, 429, "resource-denied", "1")
			refused++
		}
	}
	if refused < 4 || refused > 7 { // one or two seconds
		t.Errorf("%d of 10 were refused, want 7", refused)
	}
	f.counted("requests-per-second-per-user", float64(refused))
	if w := get("bob", "192.0.2.1"); w.Code != 200 {
		t.Errorf("another user: %d", w.Code)
	}
	time.Sleep(1100 * time.Millisecond)
	if w := get("ann", "192.0.2.1"); w.Code != 200 {
		t.Errorf("a second later: %d", w.Code)
	}
	f.limit("requests-per-second-per-user", 0)
	f.limit("requests-per-second-per-source", 3)
	refused = 0
	for i := range 10 {
		if w := get(fmt.Sprint("user", i), "192.0.2.2"); w.Code != 200 {
			wantLimited(t, w, 429, "resource-denied", "1")
			refused++
		}
	}
	if refused < 4 || refused > 7 {
		t.Errorf("%d of 10 were refused, want 7", refused)
	}
	f.counted("requests-per-second-per-source", float64(refused))
	if w := get("ann", "192.0.2.3"); w.Code != 200 {
		t.Errorf("another address: %d", w.Code)
	}
}

// halfSent is a body of which the rest is missing for a while.
type halfSent struct {
	begun chan struct{}
	rest  chan struct{}
}

func (h *halfSent) Read([]byte) (int, error) {
	close(h.begun)
	<-h.rest
	return 0, io.EOF
}

func TestRequestsAtOnce(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	f.limit("requests", 1)
	f.must(200, "GET /restconf")
	h := &halfSent{make(chan struct{}), make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := httptest.NewRequest(http.MethodPut, "/restconf/data", h)
		r.SetBasicAuth("admin", "secret")
		r.Header.Set("Content-Type", mediaTypes[inJSON])
		f.server.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-h.begun
	wantLimited(t, f.do("GET /restconf"), 503, "resource-denied", "1")
	f.counted("requests", 1)
	close(h.rest)
	<-done
	f.must(200, "GET /restconf")
}

// TestTimeForBody sends bodies slowly over HTTP/2.
func TestTimeForBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, url, _ := live(t, nil, policyModule)
		f.limit("request-timeout", 10)
		url = strings.TrimSuffix(url, "/streams/NETCONF/json") + "/data/example-top:defaults/colour"
		put := func(pause time.Duration) (int, string) {
			r, w := io.Pipe()
			go func() {
				io.WriteString(w, `{"example-top:colour":`)
				time.Sleep(pause)
				io.WriteString(w, `"red"}`)
				w.Close()
			}()
			q, _ := http.NewRequest(http.MethodPut, url, r)
			q.SetBasicAuth("admin", "secret")
			q.Header.Set("Content-Type", mediaTypes[inJSON])
			a, err := f.client.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Body.Close()
			text, _ := io.ReadAll(a.Body)
			return a.StatusCode, string(text)
		}
		if code, text := put(time.Second / 20); code != 201 {
			t.Errorf("in time: %d %s", code, text)
		}
		if code, text := put(20 * time.Second); code != 408 || !strings.Contains(text, "did not arrive within 10s") {
			t.Errorf("too late: %d %s", code, text)
		}
		f.counted("request-timeout", 1)
		time.Sleep(20 * time.Second) // until nobody sends any more
	})
}

// TestDeafClient asks for an answer that does not fit into any buffer, and reads nothing.
func TestDeafClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, url, ended := live(t, nil, policyModule)
		f.limit("write-timeout", 3)
		url = strings.TrimSuffix(url, "/streams/NETCONF/json")
		f.must(201, "PUT /restconf/data/example-top:defaults/colour"+jsonBody+`{"example-top:colour":"`+strings.Repeat("x", 10<<20)+`"}`)
		get := func() *http.Response {
			r, _ := http.NewRequest(http.MethodGet, url+"/data/example-top:defaults/colour", nil)
			r.SetBasicAuth("admin", "secret")
			r.Header.Set("Accept-Encoding", "identity")
			a, err := f.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Body.Close() })
			return a
		}
		start := time.Now()
		deaf := get()
		within(t, "the end of who does not read", ended)
		if d := time.Since(start); d > 4*time.Second {
			t.Errorf("after %v", d)
		}
		f.counted("write-timeout", 1)
		if text, err := io.ReadAll(deaf.Body); err == nil || len(text) > 8<<20 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		slow := get()
		for n := 0; n < 10<<20; {
			m, err := io.CopyN(io.Discard, slow.Body, 1<<20)
			if n += int(m); err != nil {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			time.Sleep(2 * time.Second)
		}
		f.counted("write-timeout", 1)
	})
}
