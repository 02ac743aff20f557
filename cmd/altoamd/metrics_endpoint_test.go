package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/altoam/altoam/listeners"
)

// blocked is a collector that takes its time.
type blocked struct{ begun, end chan struct{} }

func (blocked) Describe(chan<- *prometheus.Desc) {}

func (b blocked) Collect(c chan<- prometheus.Metric) {
	b.begun <- struct{}{}
	<-b.end
}

// TestMetricsRequests has more requests for the metrics at once than may be.
func TestMetricsRequests(t *testing.T) {
	r := prometheus.NewRegistry()
	b := blocked{make(chan struct{}), make(chan struct{})}
	r.MustRegister(b)
	h := metricsHandler(r)
	ask := func() int {
		w := newAnswer()
		q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		h.ServeHTTP(w, q)
		return w.code
	}
	codes := make(chan int, metricsRequests)
	for range metricsRequests {
		go func() { codes <- ask() }()
		<-b.begun
	}
	if code := ask(); code != http.StatusServiceUnavailable {
		t.Errorf("a further request: status %d", code)
	}
	close(b.end)
	for range metricsRequests {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("status %d", code)
		}
	}
	go func() { codes <- ask() }()
	<-b.begun
	if code := <-codes; code != http.StatusOK {
		t.Errorf("afterwards: status %d", code)
	}
}

// answer is a connection that is told no deadline.
type answer struct {
	header http.Header
	code   int
}

func newAnswer() *answer { return &answer{http.Header{}, http.StatusOK} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return len(b), nil }
func (a *answer) WriteHeader(code int)        { a.code = code }

// TestMetricsDeaf asks for metrics and does not read them: the connection ends.
func TestMetricsDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := prometheus.NewRegistry()
		r.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "x", Help: strings.Repeat("long ", 1000)}))
		server, client := net.Pipe()
		srv := &http.Server{Handler: metricsHandler(r)}
		l := &once{c: server, end: make(chan struct{})}
		go func() { _ = srv.Serve(l) }()
		if _, err := io.WriteString(client, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(metricsTime + time.Second) // in the bubble: no wait
		if text, _ := io.ReadAll(client); len(text) > 0 {
			t.Errorf("%d bytes came after the time was over", len(text))
		}
		srv.Close()
	})
}

// once is a listener of one connection.
type once struct {
	c   net.Conn
	end chan struct{}
}

func (o *once) Accept() (net.Conn, error) {
	if c := o.c; c != nil {
		o.c = nil
		return c, nil
	}
	<-o.end
	return nil, net.ErrClosed
}

func (o *once) Close() error {
	close(o.end)
	return nil
}

func (*once) Addr() net.Addr { return &net.TCPAddr{} }

// TestAtMost demands that no more connections are open than may be, and that those that
// end leave room for others.
func TestAtMost(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := listeners.Admitted(ln, atMost(2))
	defer l.Close()
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	closed := func(c net.Conn) bool {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, err := c.Read(make([]byte, 1))
		return err == io.EOF || err != nil && strings.Contains(err.Error(), "reset")
	}
	dial()
	dial()
	one, two := <-accepted, <-accepted
	for range 50 {
		if !closed(dial()) {
			t.Fatal("a third connection is open")
		}
	}
	one.Close()
	one.Close() // counts once
	dial()
	three := <-accepted
	if !closed(dial()) {
		t.Error("a connection that was closed twice left room for two")
	}
	two.Close()
	three.Close()
}
