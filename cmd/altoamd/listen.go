package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/restconf"
)

// How long a client may take over request headers and over a whole request, may
// leave a connection idle, and how long open requests get at the end.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 5 * time.Second
)

// requestTimeout also bounds what a client without a password can hold open.
var requestTimeout = 5 * time.Minute

// listener is an open listener with what serves it until its context ends.
type listener struct{ run func(context.Context) error }

// listen opens all addresses, or none.
func (s *server) listen() (all []listener, err error) {
	var opened []net.Listener
	defer func() {
		if err != nil {
			for _, l := range opened {
				l.Close()
			}
		}
	}()
	for _, x := range []struct {
		name, addr string
		bound      *string
		serve      func(net.Listener) (listener, error)
	}{
		{"NETCONF", s.options.NetconfSSH, &s.netconfAddr, s.serveNetconf},
		{"RESTCONF", s.options.Restconf, &s.restconfAddr, s.serveRestconf},
		{"metrics", s.options.Metrics, &s.metricsAddr, s.serveMetrics},
	} {
		if x.addr == "" {
			continue
		}
		l, err := net.Listen("tcp", x.addr)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.name, err)
		}
		opened = append(opened, l)
		*x.bound = l.Addr().String()
		served, err := x.serve(l)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.name, err)
		}
		all = append(all, served)
	}
	return all, nil
}

func (s *server) serveNetconf(l net.Listener) (listener, error) {
	keys, err := transport.OpenHostKeys(s.options.DataDir)
	if err != nil {
		return listener{}, err
	}
	authorities, err := userAuthorities(s.options.SSHUserCA)
	if err != nil {
		return listener{}, err
	}
	s.watched = append(s.watched, watchedFiles{"SSH host keys", keys.Look})
	srv := &transport.SSHServer{
		KeysNow: keys.Keys, Auth: guardedUsers{sshUsers{s.users}, s.logins}, Attempted: s.logins.Key, UserAuthorities: authorities, Handle: s.netconf.Handle, Logger: s.sparing,
	}
	return listener{func(ctx context.Context) error { return srv.Serve(ctx, l) }}, nil
}

func (s *server) serveRestconf(l net.Listener) (listener, error) {
	files, err := s.options.restconfFiles(time.Now(), s.log)
	if err != nil {
		return listener{}, err
	}
	s.certificates = append(s.certificates, files)
	s.watched = append(s.watched, watchedFiles{"RESTCONF certificate " + files.Name(), files.Look})
	return s.serveHTTP(securedByFiles{listeners.Admitted(l, s.restconf.EnterConnection), files}, s.restconf), nil
}

func (s *server) serveMetrics(l net.Listener) (listener, error) {
	return s.serveHTTP(listeners.Admitted(l, atMost(metricsConnections)), metricsHandler(s.registry)), nil
}

// httpServer makes a server that bounds what clients can take from it.
func (s *server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, IdleTimeout: idleTimeout,
	}
}

// serveHTTP serves until its context ends, then lets open requests finish.
func (s *server) serveHTTP(l net.Listener, h http.Handler) listener {
	return listener{func(ctx context.Context) error {
		srv := s.httpServer(h)
		srv.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
		if r, ok := h.(*restconf.Server); ok {
			srv.RegisterOnShutdown(r.EndStreams)
		}
		done := make(chan error, 1)
		go func() { done <- srv.Serve(l) }()
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
		}
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		err := srv.Shutdown(drain)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		<-done
		return err
	}}
}
