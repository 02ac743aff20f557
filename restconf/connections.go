package restconf

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// connections are those that are open. It is safe for concurrent use.
type connections struct {
	mu        sync.Mutex
	all       int
	sources   map[string]*load
	remotes   map[string]*connection // the newest by network and address
	strangers *list.List             // of *connection, those without a request of a user, the oldest first
}

// load is a number of connections, and of those of strangers among them.
type load struct{ open, strangers int }

// connection is one of connections. Guarded by their mu.
type connection struct {
	remote, source string
	from           *load
	cut            func()
	place          *list.Element // among the strangers, nil once it is none
	gone           bool          // another took its place
}

func newConnections() *connections {
	return &connections{sources: map[string]*load{}, remotes: map[string]*connection{}, strangers: list.New()}
}

// EnterConnection counts a connection from remote that a client of this Server opens. It
// is false where there are as many as connections or connections-per-source of
// altoam-restconf allow, or Options.MaxConnections; then the caller closes the connection.
// Otherwise it calls leave when the connection has ended. Where there are as many as may be
// in all, cut is called, once at most, of one on which no user has sent a request yet, for
// a newcomer from an address that has fewer of these.
func (s *Server) EnterConnection(remote net.Addr, cut func()) (leave func(), ok bool) {
	l := s.policy.Load()
	c := &connection{remote: remote.Network() + remote.String(), source: source(remote.String()), cut: cut}
	full, cut := s.connections.enter(c, fewer(l.connections, s.o.MaxConnections), fewer(l.sourceConnections, s.o.MaxConnections/2))
	if full != "" {
		s.metrics.limited.WithLabelValues(full).Inc()
	}
	if cut != nil {
		cut()
	}
	return func() { s.connections.leave(c) }, full == "" || cut != nil
}

// enter counts a connection, unless there are as many as may be: it returns which limit that
// is. With cut that of another one is to be called, whose place it has.
func (x *connections) enter(c *connection, most, perSource int) (full string, cut func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.from = x.sources[c.source]; c.from == nil {
		c.from = &load{}
	}
	if perSource > 0 && c.from.open >= perSource {
		return "connections-per-source", nil
	}
	if most > 0 && x.all >= most {
		oldest := x.crowding(c.from.strangers)
		if full = "connections"; oldest == nil {
			return full, nil
		}
		x.forget(oldest)
		oldest.gone, cut = true, oldest.cut
	}
	x.all++
	c.from.open++
	c.from.strangers++
	x.sources[c.source], x.remotes[c.remote] = c.from, c
	c.place = x.strangers.PushBack(c)
	return full, cut
}

// crowding is the oldest connection of a stranger from the address that has the most of
// them, nil where none has more than so many.
func (x *connections) crowding(most int) (oldest *connection) {
	for e := x.strangers.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*connection); c.from.strangers > most {
			most, oldest = c.from.strangers, c
		}
	}
	return oldest
}

// known notes that a user has sent a request.
func (x *connections) known(r *http.Request) {
	network := "tcp"
	if r.ProtoMajor == 3 {
		network = "udp"
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if c := x.remotes[network+r.RemoteAddr]; c != nil {
		x.befriend(c)
	}
}

// befriend takes a connection out of those of strangers. Needs mu.
func (x *connections) befriend(c *connection) {
	if c.place != nil {
		x.strangers.Remove(c.place)
		c.place = nil
		c.from.strangers--
	}
}

// leave ends the count of a connection.
func (x *connections) leave(c *connection) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !c.gone {
		x.forget(c)
	}
}

// forget takes a connection out of all counts. Needs mu.
func (x *connections) forget(c *connection) {
	x.befriend(c)
	x.all--
	if c.from.open--; c.from.open == 0 {
		delete(x.sources, c.source)
	}
	if x.remotes[c.remote] == c {
		delete(x.remotes, c.remote)
	}
}

// fewer is the lower of two bounds, of which 0 is none.
func fewer(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// source is what bounds of an address count together: an IPv4 address, or the first 64 bits
// of an IPv6 address, all of which one host commonly has. What is neither stands for itself.
func source(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	a := at.Addr().Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64) // any valid IPv6 address has one
	return p.String()
}
