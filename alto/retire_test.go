package alto

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
)

// lateListener does not notice at once that it has been closed.
type lateListener struct {
	net.Listener
	accepting chan struct{}
	notice    chan struct{}
	once      sync.Once
}

func (l *lateListener) Accept() (net.Conn, error) {
	l.once.Do(func() { close(l.accepting) })
	<-l.notice
	return l.Listener.Accept()
}

// TestRetireIdle: an address that is given up while nobody asks anything cuts nothing off,
// and does not say so.
func TestRetireIdle(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	inner, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	late := &lateListener{Listener: inner, accepting: make(chan struct{}), notice: make(chan struct{})}
	s := NewStack(http.NotFoundHandler())
	n := newSocket(late, s.handler, nil)
	n.settings.Store(new(ListenConfig))
	s.serving.Go(func() { s.serve(n) })
	<-late.accepting
	n.server.RegisterOnShutdown(func() { close(late.notice) })
	s.retire(n)
	s.serving.Wait()
	if log.Len() > 0 {
		t.Errorf("it says %s", log.String())
	}
}
