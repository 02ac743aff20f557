package alto

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// heldBytes waits until s holds as much as there should be.
func heldBytes(t *testing.T, s *Server, want int64) {
	t.Helper()
	var got int64
	for range 500 {
		s.held.mu.Lock()
		got = s.held.bytes
		clients := len(s.held.clients)
		s.held.mu.Unlock()
		if got == want && (want > 0 || clients == 0) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d bytes are held, want %d", got, want)
}

// postFrom posts over a connection of its own from a local address; a body is as long as
// announced or shorter, in which case the connection stays.
func postFrom(t *testing.T, client, addr, path, media, body string, announced int) (net.Conn, string) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}, Timeout: patience}
	conn, err := d.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, media, announced, body); err != nil {
		t.Fatal(err)
	}
	if len(body) < announced {
		return conn, ""
	}
	text, _ := io.ReadAll(conn)
	status, _, _ := strings.Cut(string(text), "\r\n")
	return conn, status
}

// TestMemoryOfBodies has a client that sends many bodies and ends none of them: it gets a
// fourth of the memory, others get answers.
func TestMemoryOfBodies(t *testing.T) {
	const size = 8 << 10
	s := serving(t, filterConfig(t, Config{Limits: Limits{Memory: 16 * size * chargeBody}}))
	addr := strings.TrimPrefix(listening(t, s), "http://")
	body := `{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}}`
	start := body[:len(body)-1] + strings.Repeat(" ", size-len(body)+1)
	var open []net.Conn
	for i := range 4 {
		conn, _ := postFrom(t, "127.0.0.1", addr, "/filtered", MediaCostMapFilter, start, size+1)
		open = append(open, conn)
		heldBytes(t, s, int64(i+1)*size*chargeBody)
	}
	for client, want := range map[string]string{"127.0.0.1": "HTTP/1.1 503 Service Unavailable", "127.0.0.2": "HTTP/1.1 200 OK"} {
		if _, got := postFrom(t, client, addr, "/filtered", MediaCostMapFilter, body, len(body)); got != want {
			t.Errorf("%s: %q, want %q", client, got, want)
		}
	}
	if n := refused(s, LimitMemory); n != 1 {
		t.Errorf("%d refusals are counted", n)
	}
	for _, conn := range open {
		conn.Close()
	}
	heldBytes(t, s, 0)
	if _, got := postFrom(t, "127.0.0.1", addr, "/filtered", MediaCostMapFilter, body, len(body)); got != "HTTP/1.1 200 OK" {
		t.Errorf("once the bodies are gone: %q", got)
	}
}

// TestMemoryOfAnswers has a client that does not read an answer made for it.
func TestMemoryOfAnswers(t *testing.T) {
	const ask = `{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":["PID1","PID2"],"dsts":["PID1","PID2"]}}`
	charged := int64(len(ask)*chargeBody + 4*chargePair)
	for memory, want := range map[int64]int{0: 200, heldShare * charged: 200, heldShare*charged - heldShare: 503} {
		s := serving(t, filterConfig(t, Config{Limits: Limits{Memory: memory}}))
		if w := post(s, "/filtered", MediaCostMapFilter, ask); w.Code != want || want == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("memory %d: status %d, want %d", memory, w.Code, want)
		}
		heldBytes(t, s, 0)
	}
	s := serving(t, filterConfig(t, Config{}))
	began, take := make(chan struct{}, 10), make(chan struct{})
	done := make(chan struct{})
	w := slow{httptest.NewRecorder(), began, take}
	go func() {
		defer close(done)
		r := httptest.NewRequest(http.MethodPost, "/filtered", strings.NewReader(ask))
		r.Header.Set("Content-Type", MediaCostMapFilter)
		s.ServeHTTP(w, r)
	}()
	<-began
	s.held.mu.Lock()
	got := s.held.bytes
	s.held.mu.Unlock()
	close(take)
	<-done
	if got != int64(w.Body.Len()) {
		t.Errorf("%d bytes are held for an answer of %d", got, w.Body.Len())
	}
	heldBytes(t, s, 0)
}

// TestMemoryOfStreams: a stream keeps the parameters it was opened and controlled with.
func TestMemoryOfStreams(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	open := `{"add":{` + partInput + `}}` + strings.Repeat(" ", 1000)
	c := subscribe(t, listening(t, s), "/up", open, nil).readControl()
	heldBytes(t, s, int64(keptBody*len(open)))
	if status, text := c.send(`{"remove":["none"]}`, nil); status != 400 {
		t.Fatalf("status %d %s", status, text)
	}
	heldBytes(t, s, int64(keptBody*len(open)))
	more := `{"add":{` + addNetworkMap + `}}`
	if status, text := c.send(more, nil); status != http.StatusNoContent {
		t.Fatalf("status %d %s", status, text)
	}
	heldBytes(t, s, int64(keptBody*(len(open)+len(more))))
	if status, _ := c.send(`{"remove":[]}`, nil); status != http.StatusNoContent {
		t.Fatalf("status %d", status)
	}
	heldBytes(t, s, 0)
}

// TestMemoryOfLostStream has a stream whose client is gone before it reads.
func TestMemoryOfLostStream(t *testing.T) {
	s := serving(t, updateConfig(t, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/up", strings.NewReader(`{"add":{`+addNetworkMap+`}}`))
	r.Header.Set("Content-Type", MediaUpdateParams)
	s.ServeHTTP(httptest.NewRecorder(), r)
	heldBytes(t, s, 0)
}
