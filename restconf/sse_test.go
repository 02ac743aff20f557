package restconf

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// pipes is a network without sockets, whose time is that of a bubble.
type pipes struct {
	made  chan net.Conn
	ended chan struct{}
	end   func()
}

func newPipes() *pipes {
	p := &pipes{made: make(chan net.Conn), ended: make(chan struct{})}
	p.end = sync.OnceFunc(func() { close(p.ended) })
	return p
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.made <- far:
		return near, nil
	case <-p.ended:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.end(); return nil }

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// live serves a fixture over TLS and HTTP/2 as altoamd does; ended gets a value for each request
// that has ended.
func live(t *testing.T, with func(*Options), modules ...string) (f *fixture, url string, ended chan struct{}) {
	f = newFixture(t, with, modules...)
	ended = make(chan struct{}, 100)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- struct{}{} }()
		f.server.ServeHTTP(w, r)
	}))
	s.Listener.Close()
	network := newPipes()
	s.Listener = network
	s.Config.ReadTimeout = 100 * time.Millisecond
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	t.Cleanup(f.server.EndStreams)
	f.client = s.Client()
	f.client.Transport.(*http.Transport).DialContext = network.dial
	return f, "https://example.com/restconf/streams/NETCONF/json", ended
}

// listen subscribes.
func (f *fixture) listen(url string, header ...string) (*http.Response, *bufio.Reader) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 20*time.Second)
	f.t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	r.SetBasicAuth("admin", "secret")
	r.Header.Set("Accept", eventMedia)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := f.client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { a.Body.Close() })
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != eventMedia {
		f.t.Fatal(a.Status, a.Header)
	}
	return a, bufio.NewReader(a.Body)
}

// happen makes an event.
func (f *fixture) happen(class string) {
	f.t.Helper()
	f.must(204, "POST /restconf/operations/example-mod:report"+jsonBody+`{"example-mod:input":{"event-class":"`+class+`"}}`)
}

// wantEvent reads an event of that class, and returns its id.
func wantEvent(t *testing.T, r *bufio.Reader, class string) (id string) {
	t.Helper()
	var text strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal("the stream ended: ", err)
		}
		if line == "\n" && strings.HasPrefix(text.String(), "retry: ") {
			text.Reset()
			continue
		}
		if line == "\n" {
			break
		}
		if x, ok := strings.CutPrefix(line, "id: "); ok {
			id = strings.TrimSpace(x)
		}
		text.WriteString(line)
	}
	if !strings.Contains(text.String(), `"event-class":"`+class+`"`) {
		t.Fatalf("got %s, want %s", text.String(), class)
	}
	return id
}

func within(t *testing.T, what string, c chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("in vain: ", what)
	}
}

func TestStreamIsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f, url, ended := live(t, nil)
		f.happen("before")
		a, r := f.listen(url)
		time.Sleep(150 * time.Millisecond) // longer than a request may take
		f.happen("one")
		wantEvent(t, r, "one")
		f.happen("two")
		id := wantEvent(t, r, "two")
		a.Body.Close()
		within(t, "the end with the client's", ended)
		f.happen("three")

		_, r = f.listen(url, "Last-Event-ID", id)
		wantEvent(t, r, "three")
		f.happen("four")
		wantEvent(t, r, "four")
		f.server.EndStreams()
		within(t, "the end with the server's", ended)
		if line, err := r.ReadString('\n'); err == nil {
			t.Errorf("after the end: %s", line)
		}
	})
}

func TestStreamEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f, url, ended := live(t, nil)
		f.listen(url)
		for _, s := range f.store.Sessions() {
			s.Close()
		}
		within(t, "the end of the stream", ended)
	})
}

// TestQuietStream has events further apart than what a client may take for one.
func TestQuietStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, url, _ := live(t, func(o *Options) { o.EventTimeout = time.Second })
		_, r := f.listen(url)
		for _, class := range []string{"one", "two", "three"} {
			time.Sleep(5 * time.Second)
			f.happen(class)
			wantEvent(t, r, class)
		}
	})
}

func TestSlowReaderIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f, url, ended := live(t, func(o *Options) { o.EventTimeout = time.Second })
		f.listen(url)
		_, fast := f.listen(url)
		long := strings.Repeat("x", 1<<20)
		for i := range 16 {
			f.happen(fmt.Sprint(i, long))
			wantEvent(t, fast, fmt.Sprint(i, long))
		}
		within(t, "the end of who does not read", ended)
		f.happen("more")
		wantEvent(t, fast, "more")
	})
}

// TestMessageLines says that no text can end a message or add a field to it.
func TestMessageLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("a:\r\n id"))).Draw(t, "text")
		id := rapid.Uint64().Draw(t, "id")
		got := strings.Split(strings.TrimSuffix(string(message(id, text)), "\n\n"), "\n")
		if id != 0 {
			if got[0] != fmt.Sprintf("id: %d", id) {
				t.Fatal(got[0])
			}
			got = got[1:]
		}
		for i, line := range got {
			if !strings.HasPrefix(line, "data: ") || strings.Contains(line, "\r") {
				t.Fatalf("line %q", line)
			}
			got[i] = line[len("data: "):]
		}
		if back := strings.Join(got, "\n"); back != lines.Replace(text) {
			t.Fatalf("%q came as %q", text, back)
		}
	})
}
