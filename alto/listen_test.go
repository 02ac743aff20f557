package alto

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running starts a stack and stops it with the test.
func running(t *testing.T, h http.Handler) *Stack {
	t.Helper()
	s := NewStack(h)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s
}

func bind(t *testing.T, s *Stack, c ListenConfig) *Binding {
	t.Helper()
	b, err := s.Bind(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fetch opens a connection of its own.
func fetch(addr string) (int, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	resp, err := client.Get("http://" + addr + "/directory")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

func TestListen(t *testing.T) {
	s := running(t, serving(t, labConfig(t)))
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}, KeepAlive: net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: time.Second, Count: 3}})
	addr := b.Addrs()[0]
	if got := s.Addrs(); len(got) != 0 {
		t.Errorf("addresses %v before Apply", got)
	}
	b.Apply()
	if status, err := fetch(addr); err != nil || status != 404 {
		t.Fatalf("status %d, %v", status, err)
	}

	// The port is taken: the failing Bind changes nothing.
	_, err := s.Bind(ListenConfig{Addrs: []string{"127.0.0.1:0", "[::1]:0", addr}})
	var busy *BindError
	if !errors.As(err, &busy) || busy.Addr != addr {
		t.Errorf("error %v, want a BindError for %s", err, addr)
	}
	// So does an aborted one.
	aborted := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0", "127.0.0.2:0"}})
	aborted.Abort()
	if _, err := fetch(aborted.Addrs()[1]); err == nil {
		t.Error("an aborted socket answers")
	}
	if status, err := fetch(addr); err != nil || status != 404 {
		t.Fatalf("after failed changes: status %d, %v", status, err)
	}

	// One socket stays, one comes.
	b = bind(t, s, ListenConfig{Addrs: []string{"127.0.0.2:0", "127.0.0.1:0"}})
	if b.Addrs()[1] != addr {
		t.Errorf("the socket was bound again: %v, want %s", b.Addrs(), addr)
	}
	b.Apply()
	other := b.Addrs()[0]
	for _, a := range []string{addr, other} {
		if status, err := fetch(a); err != nil || status != 404 {
			t.Errorf("%s: status %d, %v", a, status, err)
		}
	}

	// One goes.
	bind(t, s, ListenConfig{Addrs: []string{"127.0.0.2:0"}}).Apply()
	if _, err := fetch(addr); err == nil {
		t.Error("a retired socket answers")
	}
	if got := s.Addrs(); len(got) != 1 || got[0] != other {
		t.Errorf("addresses %v, want %s", got, other)
	}
}

func TestBindErrors(t *testing.T) {
	s := NewStack(nil)
	for _, addrs := range [][]string{{"localhost:0"}, {"127.0.0.1"}, {"127.0.0.1:0", "127.0.0.1:0"}, {"127.0.0.1:70000"}} {
		b, err := s.Bind(ListenConfig{Addrs: addrs})
		var got *BindError
		if !errors.As(err, &got) {
			t.Errorf("%v: error %v", addrs, err)
			b.Abort()
		}
	}
	b, err := s.Bind(ListenConfig{Addrs: []string{"127.0.0.1:0", "[::1]:0"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Abort()
}

// TestGracefulRetire keeps a request in flight while its socket goes and Run ends.
func TestGracefulRetire(t *testing.T) {
	for _, how := range []string{"reconfigured", "stopped"} {
		t.Run(how, func(t *testing.T) {
			arrived, release := make(chan struct{}), make(chan struct{})
			s := NewStack(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				close(arrived)
				<-release
				_, _ = io.WriteString(w, "whole")
			}))
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
			b.Apply()
			result := make(chan error, 1)
			go func() {
				_, err := fetch(b.Addrs()[0])
				result <- err
			}()
			<-arrived
			if how == "stopped" {
				cancel()
			} else {
				bind(t, s, ListenConfig{}).Apply()
			}
			select {
			case err := <-done:
				t.Fatalf("Run ended with a request in flight: %v", err)
			case <-time.After(50 * time.Millisecond):
			}
			close(release)
			if err := <-result; err != nil {
				t.Errorf("request in flight: %v", err)
			}
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
}

func TestApplyAfterRun(t *testing.T) {
	s := NewStack(http.NotFoundHandler())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	b.Apply()
	if _, err := fetch(b.Addrs()[0]); err == nil {
		t.Error("a stack that has ended answers")
	}
}

func TestSocketFailure(t *testing.T) {
	s := NewStack(http.NotFoundHandler())
	bound := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	bound.Apply()
	for _, n := range s.sockets {
		_ = n.Listener.Close()
	}
	if err := s.Run(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Run: %v, want the failure of the socket", err)
	}
}

func TestTLS(t *testing.T) {
	cert := httptest.NewTLSServer(nil)
	defer cert.Close()
	s := running(t, serving(t, labConfig(t)))
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}, TLS: cert.TLS})
	b.Apply()
	client := cert.Client()
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://" + b.Addrs()[0] + "/alto/directory")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}
