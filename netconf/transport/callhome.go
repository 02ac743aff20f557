package transport

import (
	"context"
	"errors"
	"net"
)

// ErrNoSession ends a connection that had no authenticated client.
var ErrNoSession = errors.New("the client was not authenticated")

// ServeConn serves one connection that this side has opened, which is how a server
// calls home (RFC 8071 Section 4.1); what is on it is the same as on a connection that
// was accepted. It returns when the connection has ended and all that it started, and
// closes nc. The error is not nil where no client was authenticated.
func (s *SSHServer) ServeConn(ctx context.Context, nc net.Conn) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v, err := s.begin(ctx)
	if err != nil {
		nc.Close()
		return err
	}
	t, err := v.admission.admit(nc.RemoteAddr(), func() { nc.Close() })
	if err != nil {
		nc.Close()
		return err
	}
	defer t.Leave()
	v.serve(ctx, nc, t)
	if !t.authenticated {
		return ErrNoSession
	}
	return nil
}

// ServeConn is for TLS what [SSHServer.ServeConn] is for SSH.
func (s *TLSServer) ServeConn(ctx context.Context, nc net.Conn) error {
	err := s.begin().serve(ctx, nc, func() {})
	if err != nil {
		return errors.Join(ErrNoSession, err)
	}
	return nil
}
