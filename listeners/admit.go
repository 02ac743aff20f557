package listeners

import (
	"net"
	"sync"
)

// Admission counts a connection from an address, or is false where there are too many.
// leave is called once the connection has ended. cut ends it, and may be called before that
// to make room for others.
type Admission func(remote net.Addr, cut func()) (leave func(), ok bool)

// Admitted is l with connections that admit lets in alone: others are closed at once, and
// Accept does not return them.
func Admitted(l net.Listener, admit Admission) net.Listener { return &admitted{l, admit} }

type admitted struct {
	net.Listener
	admit Admission
}

// Accept implements net.Listener.
func (a *admitted) Accept() (net.Conn, error) {
	for {
		nc, err := a.Listener.Accept()
		if err != nil {
			return nil, err
		}
		leave, ok := a.admit(nc.RemoteAddr(), func() { nc.Close() })
		if ok {
			return &hangup{Conn: nc, tell: sync.OnceFunc(leave)}, nil
		}
		nc.Close()
	}
}
