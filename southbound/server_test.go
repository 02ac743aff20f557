package southbound

import (
	"net"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// exhausted is a listener that fails a few times before it gives a connection.
type exhausted struct {
	net.Listener
	left int
}

func (l *exhausted) Accept() (net.Conn, error) {
	if l.left--; l.left >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "unix", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

// TestNoDescriptors: a server that cannot take a manager serves on, and takes one when it can.
func TestNoDescriptors(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	inner, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- NewServer(ServerOptions{Realise: realise}).Run(t.Context(), &exhausted{inner, 2}) }()
	l, err := dial(t.Context(), socket, nil)
	if err != nil {
		t.Fatalf("the server is not managed: %v", err)
	}
	defer l.close()
	if l.ask(&ask{Release: true, Quit: true}) == nil {
		t.Error("the server does not answer")
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server goes on although it was told to end")
	}
}

// TestLateManager: a connection that was accepted while the server ended is closed.
func TestLateManager(t *testing.T) {
	s := NewServer(ServerOptions{Realise: realise})
	s.takeNoMore()
	here, there := net.Pipe()
	defer there.Close()
	s.take(here)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.manage(here)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the manager is answered for ever")
	}
}

// TestReconfiguredMeanwhile: an account that is configured again while a step is made is
// told with the next one.
func TestReconfiguredMeanwhile(t *testing.T) {
	s := NewSide(Options{})
	h, p := &handover{Side: s, mirror: newMirror()}, new(Process)
	x := stepOf(t, map[string]int{"a": 1})
	x.Reconfigured = []string{"a"}
	s.status.Remote, s.process = true, p
	s.status.Want = s.status.Want.follow(x, s.now())
	s.reconfigured["a"] = true
	v, told, _, _ := s.take(p)
	s.status.Want = v.follow(x, s.now()) // published meanwhile
	h.applied(v, &step{Reconfigured: told}, new(applied))
	newest, told, _, _ := s.take(p)
	if !slices.Equal(told, []string{"a"}) {
		t.Fatalf("reconfigured are %q, expected a", told)
	}
	h.applied(newest, &step{Reconfigured: told}, new(applied))
	if _, told, _, _ = s.take(p); len(told) > 0 {
		t.Errorf("reconfigured are %q, expected none", told)
	}
}
