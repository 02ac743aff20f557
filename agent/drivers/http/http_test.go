package http

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/gen"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

const good = `{"meta":{"vtag":{"resource-id":"m","tag":"t1"}},"network-map":{"A":{"ipv4":["192.0.2.0/24"]}}}`

// asking opens a source of some URIs with quick settings that set may change.
func asking(t *testing.T, set func(*gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Http, *driver.Network), uris ...string) (driver.Source, error) {
	t.Helper()
	one, none, size := uint32(1), uint8(0), uint32(10_000)
	p := &gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Http{
		Uri: uris, PollInterval: &one, MaxBackoff: &one, Timeout: &one, Jitter: &none, MaxSize: &size,
	}
	n := &driver.Network{Server: "us", MaxHops: 3}
	if set != nil {
		set(p, n)
	}
	s, err := open(t.Context(), driver.SourceConfig{ID: "test", Params: &driver.SourceParams{Http: p}, Network: n})
	if err == nil {
		quick := s.(*source).schedule
		quick.Interval, quick.MaxBackoff = 20*time.Millisecond, 20*time.Millisecond
	}
	return s, err
}

// pageServer answers with whatever handler is set.
type pageServer struct {
	*httptest.Server
	handler atomic.Pointer[http.HandlerFunc]
}

func serving(t *testing.T, f http.HandlerFunc) *pageServer {
	t.Helper()
	s := new(pageServer)
	s.answer(f)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.handler.Load())(w, r) }))
	t.Cleanup(s.Close)
	return s
}

func (s *pageServer) answer(f http.HandlerFunc) { s.handler.Store(&f) }

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/alto-networkmap+json")
		_, _ = io.WriteString(w, text)
	}
}

// runs runs a source until the test ends; each change is a receive.
func runs(t *testing.T, s driver.Source) <-chan struct{} {
	t.Helper()
	changes, done := make(chan struct{}, 10), make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- s.Run(ctx, func() { changes <- struct{}{} }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return changes
}

// status waits until a source is as f wants it.
func status(t *testing.T, s driver.Source, what string, f func(*driver.Data, driver.Status) bool) (*driver.Data, driver.Status) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		d, st := s.Snapshot()
		if f(d, st) {
			return d, st
		}
		if time.Now().After(end) {
			t.Fatalf("not %s: %+v", what, st)
		}
	}
}

// bad are answers that a source must not take: by what the error says.
var bad = []struct {
	name, want string
	answer     http.HandlerFunc
}{
	{"missing", "status 404 Not Found", http.NotFound},
	{"broken", "status 503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }},
	{"not changed, but from what", "status 304", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(304) }},
	{"malformed", "jsontext: invalid character", says(`{"network-map":!}`)},
	{"half a document", "unexpected EOF", says(good[:len(good)-5])},
	{"another document", "expected one", says(`{}`)},
	{"empty", "the answer is empty", says("")},
	{"white space", "the answer is empty", says(" \n")},
	{"of another type", `the answer is of type "text/html", expected JSON`, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, good)
	}},
	{"half written", "before its end", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(good)))
		_, _ = io.WriteString(w, good[:40])
	}},
	{"too large", "more than max-size, 10000 bytes", says(good + strings.Repeat(" ", 100_000))},
	{"too large when decompressed", "more than max-size", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, good+strings.Repeat(" ", 1<<20))
		z.Close()
	}},
	{"slow", "no whole answer within 1s", func(w http.ResponseWriter, r *http.Request) {
		says(good[:30])(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}},
	{"redirected for ever", "redirected too often", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }},
	{"a loop", "came through this ALTO server (us) already", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Altoam-Path", "x, us")
		says(good)(w, r)
	}},
	{"too far", "came through 4 servers, expected 3 at most", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Altoam-Path"] = []string{"a,b", "c,d"}
		says(good)(w, r)
	}},
	{"a path of nobody", "not the identifier of a server", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Altoam-Path", "a b")
		says(good)(w, r)
	}},
}

// TestBadAnswers: what is bad is refused at first, and later the last good data stays.
func TestBadAnswers(t *testing.T) {
	for _, c := range bad {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := serving(t, c.answer)
			uri := server.URL + "/m?key=hidden"
			_, err := asking(t, nil, uri)
			var fault *driver.ParamError
			if !errors.As(err, &fault) || !strings.Contains(fault.Message, c.want) || fault.Leaf != top+"/uri" || strings.Contains(fault.Message, "hidden") {
				t.Fatalf("error %v, want one of the URI that says %q", err, c.want)
			}
			server.answer(says(good))
			s, err := asking(t, nil, uri)
			if err != nil {
				t.Fatal(err)
			}
			before, _ := s.Snapshot()
			server.answer(c.answer)
			changes := runs(t, s)
			d, st := status(t, s, "stale", func(_ *driver.Data, st driver.Status) bool { return st.Stale() })
			if d != before || !strings.Contains(st.LastError, c.want) || strings.Contains(st.LastError, "hidden") {
				t.Errorf("data %p, was %p; error %q", d, before, st.LastError)
			}
			server.answer(says(strings.Replace(good, "t1", "t2", 1)))
			select {
			case <-changes:
			case <-time.After(5 * time.Second):
				t.Fatal("good data was not taken")
			}
			if d, st := s.Snapshot(); d.NetworkMapTag != "t2" || st.Stale() || st.Transfer.Status != 200 {
				t.Errorf("tag %q, status %+v", d.NetworkMapTag, st)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		server := serving(t, says(good))
		s, err := asking(t, nil, server.URL)
		if err != nil {
			t.Fatal(err)
		}
		server.Close()
		runs(t, s)
		if _, st := status(t, s, "stale", func(_ *driver.Data, st driver.Status) bool { return st.Stale() }); !strings.Contains(st.LastError, "connection refused") || st.Transfer.Status != 0 {
			t.Errorf("status %+v", st)
		}
	})
}

// TestConditional: what has not changed is not sent again, and what was bad is.
func TestConditional(t *testing.T) {
	var whole, same atomic.Int32
	body, tag := good, `"1"`
	page := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == tag {
			same.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		whole.Add(1)
		w.Header().Set("ETag", tag)
		says(body)(w, r)
	}
	server := serving(t, page)
	s, err := asking(t, nil, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	changes := runs(t, s)
	status(t, s, "asked again", func(*driver.Data, driver.Status) bool { return same.Load() > 0 })
	_, st := status(t, s, "told", func(_ *driver.Data, st driver.Status) bool { return st.Transfer.Status == 304 })
	if whole.Load() != 1 || st.Stale() || st.Transfer.ETag != tag || st.Transfer.Received != uint64(len(good)) || st.Transfer.Next.IsZero() {
		t.Errorf("%d whole answers, transfer %+v", whole.Load(), st.Transfer)
	}
	server.answer(func(w http.ResponseWriter, r *http.Request) { // bad, with validators of its own
		if r.Header.Get("If-None-Match") == `"2"` {
			t.Error("what was never used is taken for what is in use")
		}
		w.Header().Set("ETag", `"2"`)
		says(`{`)(w, r)
	})
	status(t, s, "stale", func(_ *driver.Data, st driver.Status) bool { return st.Stale() })
	server.answer(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"3"`)
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Error("nothing compressed was asked for")
		}
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, strings.Replace(good, "t1", "t3", 1))
		z.Close()
	})
	<-changes
	if d, _ := s.Snapshot(); d.NetworkMapTag != "t3" {
		t.Errorf("tag %q", d.NetworkMapTag)
	}
}

// TestModified: where there is no entity tag the time of the last change counts.
func TestModified(t *testing.T) {
	const at = "Sun, 22 Nov 2026 12:00:00 GMT"
	var same atomic.Bool
	server := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Modified-Since") == at {
			same.Store(true)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Last-Modified", at)
		says(good)(w, r)
	})
	s, err := asking(t, nil, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	runs(t, s)
	status(t, s, "asked again", func(*driver.Data, driver.Status) bool { return same.Load() })
}

// TestCredentials: they go to the server of the first URI, not to where it leads.
func TestCredentials(t *testing.T) {
	elsewhere := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("another server is told %q", got)
		}
		says(`{"meta":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":{"A":{"A":1}}}`)(w, r)
	})
	server := serving(t, func(w http.ResponseWriter, r *http.Request) {
		switch got := r.Header.Get("Authorization"); {
		case got != "Basic YW5uOnNlY3JldA==" && got != "Bearer secret":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/away":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		default:
			says(good)(w, r)
		}
	})
	for name, set := range map[string]func(*params, *driver.Network){
		"basic":  func(_ *params, n *driver.Network) { n.Authorization = "Basic YW5uOnNlY3JldA==" },
		"bearer": func(_ *params, n *driver.Network) { n.Authorization = "Bearer secret" },
	} {
		if _, err := asking(t, set, server.URL, server.URL+"/away"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := asking(t, func(_ *params, n *driver.Network) { n.Authorization = "Bearer wrong-secret" }, server.URL)
	if err == nil || !strings.Contains(err.Error(), "status 401") || strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("wrong token: %v", err)
	}
}

// TestTLS: the authority, the name and the client's certificate are as configured.
func TestTLS(t *testing.T) {
	plain := serving(t, says(good))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		says(good)(w, r)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	with := func(c *tls.Config) func(*params, *driver.Network) {
		return func(_ *params, n *driver.Network) { n.TLS = c }
	}
	whole := &tls.Config{RootCAs: pool, ServerName: "example.com", Certificates: server.TLS.Certificates}
	other, anonymous, foreign := whole.Clone(), whole.Clone(), whole.Clone()
	other.ServerName, anonymous.Certificates, foreign.RootCAs = "other.example", nil, x509.NewCertPool()
	for _, c := range []struct {
		name, path, want string
		config           *tls.Config
	}{
		{"trusted", "", "", whole},
		{"by another name", "", "not other.example", other},
		{"without a certificate of the client", "", "certificate required", anonymous},
		{"from another authority", "", "unknown authority", foreign},
		{"led out of TLS", "/down", "redirected from HTTPS", whole},
	} {
		_, err := asking(t, with(c.config), server.URL+c.path)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestDocumentsTogether: of several documents all are good or none is used.
func TestDocumentsTogether(t *testing.T) {
	one, two := serving(t, says(good)), serving(t, says(good))
	if _, err := asking(t, nil, one.URL, two.URL); err == nil || !strings.Contains(err.Error(), "a network map stands in "+one.URL) {
		t.Errorf("two network maps: %v", err)
	}
	two.answer(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Altoam-Path", "far, near")
		says(`{"property-map":{"ipv4:192.0.2.1":{"a":"b"}}}`)(w, r)
	})
	s, err := asking(t, nil, one.URL, two.URL)
	if err != nil {
		t.Fatal(err)
	}
	if d, st := s.Snapshot(); len(d.PIDs) != 1 || len(d.Entities) != 1 || fmt.Sprint(d.Path) != "[far near]" || fmt.Sprint(st.Transfer.Path) != "[far near]" {
		t.Errorf("data %+v", d)
	}
}

// TestQueryNotTold: which document is at fault is not told by a path that has its query.
func TestQueryNotTold(t *testing.T) {
	s := serving(t, http.NotFound)
	for uri, leaf := range map[string]string{s.URL + "/a": top + "/" + driver.Entry("uri", ".", s.URL+"/a"), s.URL + "/a?key=secret": top + "/uri"} {
		_, err := asking(t, nil, uri)
		var fault *driver.ParamError
		if !errors.As(err, &fault) || fault.Leaf != leaf || strings.Contains(fmt.Sprint(fault.Leaf, err), "secret") {
			t.Errorf("%s: %+v", uri, fault)
		}
	}
}
