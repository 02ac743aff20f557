package southbound

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/altoam/altoam/alto"
)

// Realised is how clients reach the server and who they are.
type Realised struct {
	// Config holds what is in no alto.Settings: functions above all.
	Config alto.Config
	// Listen is where the server listens.
	Listen alto.ListenConfig
	// Client tells whether a client is configured: others are counted no longer.
	Client func(id string) bool
}

// Realise makes something of the access part of settings, which this package only hands
// on.
type Realise func(access []byte) (Realised, error)

// ServerOptions configure a Server.
type ServerOptions struct {
	Realise Realise
	// Build names what this program was built from.
	Build string
	// Handler is what clients reach the server by; nil: itself.
	Handler func(*alto.Server) http.Handler
	// Want, where set, is told what managers want to be pushed: see Options.Want.
	Want   func(form []byte)
	Logger *slog.Logger     // nil: no log
	Now    func() time.Time // nil: time.Now
}

// Server is a data plane that another process manages. It serves what it was told last,
// whoever comes and goes.
type Server struct {
	o     ServerOptions
	log   *slog.Logger
	state *state
	quit  chan struct{}
	once  sync.Once

	turn sync.Mutex // held by the manager that is answered

	mu       sync.Mutex
	newest   net.Conn      // of a manager; the one before is closed
	over     bool          // no manager is taken any more
	managing *manager      // that is answered; nil where there is none
	changed  chan struct{} // closed when managing is another
}

// NewServer returns a server that has nothing.
func NewServer(o ServerOptions) *Server {
	s := &Server{o: o, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), quit: make(chan struct{}), changed: make(chan struct{})}
	s.state = newState(o)
	return s
}

// Run serves clients, and managers that come by ln, until ctx ends, a manager asks for
// the end or ln is closed. All that was started has ended when it returns; ln is closed.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var managers sync.WaitGroup
	managers.Go(func() {
		for {
			conn, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) || ctx.Err() != nil && err != nil {
				cancel()
				return
			}
			if err != nil { // such as no descriptor that is free: clients are served on
				s.log.Warn("a manager cannot be taken", "error", err)
				pause(ctx, acceptWait)
				continue
			}
			if err := sameUser(conn); err != nil {
				s.log.Warn("a manager is sent away", "error", err)
				_ = conn.Close()
				continue
			}
			s.take(conn)
			managers.Go(func() { s.manage(conn) })
		}
	})
	managers.Go(func() {
		select {
		case <-s.quit:
			cancel()
		case <-ctx.Done():
		}
	})
	err := s.state.stack.Run(ctx)
	_ = ln.Close()
	s.takeNoMore()
	managers.Wait()
	return err
}

// acceptWait is how long to wait after a socket has failed to give a manager.
const acceptWait = 100 * time.Millisecond

// pause returns after that time, or when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// hello is that of the moment.
func (s *state) hello() *hello {
	h := &hello{Protocol: protocol, PID: os.Getpid(), Build: s.o.Build, Settings: s.settings, Bound: s.bound()}
	for _, r := range s.resources {
		h.Resources = append(h.Resources, r)
	}
	return h
}

func (s *state) tell(a *ask) *told {
	t := new(told)
	switch {
	case a.Server:
		stats := s.server.Stats()
		t.Server = &stats
	case a.Resource != "":
		if stats, ok := s.server.ResourceStats(a.Resource); ok {
			t.Resource = &stats
		}
	case a.Clients:
		t.Clients = s.server.Clients()
	case a.Client != "":
		if stats, ok := s.server.ClientStats(a.Client); ok {
			t.Client = &stats
		}
	case a.Limited:
		t.Limited = make(map[alto.Limit]uint64)
		s.server.Limited(func(l alto.Limit, n uint64) { t.Limited[l] = n })
	case a.Load != "":
		if memory, streams, ok := s.server.ResourceLoad(a.Load); ok {
			t.Load = &load{memory, streams}
		}
	}
	return t
}
