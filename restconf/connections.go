package restconf

import (
	"net"
	"net/http"
	"sync"

	"github.com/altoam/altoam/doorway"
)

// connections are those that are open. Those on which no user has sent a request are loose.
type connections struct {
	doorway.Doorway
	remotes sync.Map // of *doorway.Place, the newest by network and address
}

// EnterConnection counts a connection from remote that a client of this Server opens. It
// is false where there are as many as connections or connections-per-source of
// altoam-restconf allow, or Options.MaxConnections; then the caller closes the connection.
// Otherwise it calls leave when the connection has ended. Where there are as many as may be
// in all, cut is called, once at most, of one on which no user has sent a request yet, for
// a newcomer from an address that has fewer of these.
func (s *Server) EnterConnection(remote net.Addr, cut func()) (leave func(), ok bool) {
	l := s.policy.Load()
	place, reached := s.connections.Enter(remote, doorway.Limits{
		Open: fewer(l.connections, s.o.MaxConnections), OpenPerSource: fewer(l.sourceConnections, s.o.MaxConnections/2),
	}, cut)
	switch reached {
	case doorway.Open:
		s.metrics.limited.WithLabelValues("connections").Inc()
	case doorway.OpenPerSource:
		s.metrics.limited.WithLabelValues("connections-per-source").Inc()
	}
	if place == nil {
		return nil, false
	}
	key := remote.Network() + remote.String()
	s.connections.remotes.Store(key, place)
	return func() {
		s.connections.remotes.CompareAndDelete(key, place)
		place.Leave()
	}, true
}

// known notes that a user has sent a request.
func (x *connections) known(r *http.Request) {
	network := "tcp"
	if r.ProtoMajor == 3 {
		network = "udp"
	}
	if p, ok := x.remotes.Load(network + r.RemoteAddr); ok {
		p.(*doorway.Place).Hold()
	}
}

// fewer is the lower of two bounds, of which 0 is none.
func fewer(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
