package southbound

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
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
}

// Realise makes something of the access part of settings, which this package only hands
// on.
type Realise func(access []byte) (Realised, error)

// ServerOptions configure a Server.
type ServerOptions struct {
	Realise Realise
	Logger  *slog.Logger     // nil: no log
	Now     func() time.Time // nil: time.Now
}

// Server is a data plane that another process manages. It serves what it was told last,
// whoever comes and goes.
type Server struct {
	o     ServerOptions
	log   *slog.Logger
	state *state
	quit  chan struct{}
	once  sync.Once

	mu      sync.Mutex
	manager net.Conn   // the newest; the one before is closed
	turn    sync.Mutex // held by the manager that is listened to
}

// NewServer returns a server that has nothing.
func NewServer(o ServerOptions) *Server {
	s := &Server{o: o, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), quit: make(chan struct{})}
	s.state = newState(o)
	return s
}

// Run serves clients, and managers that come by ln, until ctx ends, a manager asks for
// the end or a socket fails. All that was started has ended when it returns; ln is closed.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var managers sync.WaitGroup
	managers.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				cancel()
				return
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
	s.take(nil)
	managers.Wait()
	return err
}

// take makes conn, which may be nil, the manager.
func (s *Server) take(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.manager != nil {
		_ = s.manager.Close()
	}
	s.manager = conn
}

// manage serves one manager until its connection ends.
func (s *Server) manage(conn net.Conn) {
	defer conn.Close()
	s.turn.Lock()
	defer s.turn.Unlock()
	w, r := bufio.NewWriter(conn), bufio.NewReader(conn)
	err := writeMessage(w, &message{Hello: s.state.hello()})
	fresh := make(map[alto.Digest][]byte)
	for err == nil {
		var kind byte
		var content []byte
		if kind, content, err = readFrame(r); err != nil {
			break
		}
		switch kind {
		case dataFrame:
			fresh[alto.DigestOf(content)] = content
		case messageFrame:
			err = s.answer(w, content, fresh)
			clear(fresh)
		default:
			err = fmt.Errorf("there are no frames of kind %q", kind)
		}
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		s.log.Warn("the manager has gone", "error", err)
	}
}

func (s *Server) answer(w *bufio.Writer, content []byte, fresh map[alto.Digest][]byte) error {
	m, err := readMessage(content)
	switch {
	case err != nil:
		return err
	case m.Step != nil:
		a := s.state.advance(m.Step, fresh)
		if a.Error != "" {
			s.log.Error("a step is refused", "error", a.Error)
		}
		return writeMessage(w, &message{Applied: a})
	case m.Ask != nil && m.Ask.Release:
		s.state.release()
		err := writeMessage(w, &message{Told: new(told)})
		if m.Ask.Quit {
			s.once.Do(func() { close(s.quit) })
		}
		return err
	case m.Ask != nil:
		return writeMessage(w, &message{Told: s.state.tell(m.Ask)})
	}
	return errors.New("a message that asks for nothing")
}

// hello is that of the moment.
func (s *state) hello() *hello {
	h := &hello{Protocol: protocol, PID: os.Getpid(), Settings: s.settings, Addrs: s.stack.Addrs(), Unbound: s.unbound}
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
