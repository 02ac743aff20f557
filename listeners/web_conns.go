package listeners

import (
	"context"
	"net"
)

// secured is a listener whose connections are secured by TLS.
type secured struct {
	net.Listener
	web *web
}

// Accept implements net.Listener.
func (s *secured) Accept() (net.Conn, error) {
	nc, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return s.web.secure(nc, s.web.streams), nil
}

// single is the net.Listener of one connection. It ends when the connection does.
type single struct {
	conn   net.Conn
	given  bool
	open   context.Context
	closed context.CancelFunc // ends it
}

// Accept implements net.Listener.
func (s *single) Accept() (net.Conn, error) {
	if !s.given {
		s.given = true
		return s.conn, nil
	}
	<-s.open.Done()
	return nil, net.ErrClosed
}

// Close implements net.Listener. It leaves the connection open.
func (s *single) Close() error {
	s.closed()
	return nil
}

// Addr implements net.Listener.
func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

// hangup is a connection that tells when it is closed.
type hangup struct {
	net.Conn
	tell func()
}

// Close implements net.Conn.
func (h *hangup) Close() error {
	defer h.tell()
	return h.Conn.Close()
}
