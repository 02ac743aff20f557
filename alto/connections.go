package alto

import (
	"math"
	"net"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// connections counts those that are open, by client.
type connections struct {
	mu      sync.Mutex
	all     int
	clients map[netip.Addr]int
}

// EnterConnection counts a connection from remote. It is false where there are as many as
// Limits allow, or half of the files that the process may have open; half of those may be
// of one client. Then the caller closes the connection, otherwise it calls leave when the
// connection has ended.
func (s *Server) EnterConnection(remote net.Addr) (leave func(), ok bool) {
	var l Limits
	if e := s.epoch.Load(); e != nil {
		l = e.snapshot.config.Limits
	}
	at, _ := netip.ParseAddrPort(remote.String()) // what is no address is one client
	client := budgetKey(at.Addr().Unmap())
	files := openFiles()
	exceeded := s.connections.enter(client, fewer(l.Connections, files/2), fewer(l.ConnectionsPerClient, files/4))
	if exceeded != noLimit {
		s.limited[exceeded].Add(1)
		return nil, false
	}
	return sync.OnceFunc(func() { s.connections.leave(client) }), true
}

func (c *connections) enter(client netip.Addr, most, perClient int) Limit {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case most > 0 && c.all >= most:
		return LimitConnections
	case perClient > 0 && c.clients[client] >= perClient:
		return LimitConnectionsPerClient
	}
	if c.clients == nil {
		c.clients = make(map[netip.Addr]int)
	}
	c.all++
	c.clients[client]++
	return noLimit
}

func (c *connections) leave(client netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.clients[client]--; c.clients[client] == 0 {
		delete(c.clients, client)
	}
}

// fewer is the lower of two bounds, of which 0 is none.
func fewer(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// openFiles is how many files and sockets the process may have open; 0 where that is not
// known, or any number.
var openFiles = sync.OnceValue(func() int {
	var most unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &most) != nil || most.Cur > math.MaxInt32 {
		return 0
	}
	return int(most.Cur)
})

// admitted is a connection that counts until it is closed.
type admitted struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (a *admitted) Close() error {
	defer a.leave()
	return a.Conn.Close()
}
