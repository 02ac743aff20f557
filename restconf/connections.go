package restconf

import (
	"net"
	"net/netip"
)

// EnterConnection counts a connection from remote that a client of this Server opens. It
// is false where there are as many as connections or connections-per-source of
// altoam-restconf allow, or Options.MaxConnections; then the caller closes the connection.
// Otherwise it calls leave when the connection has ended.
func (s *Server) EnterConnection(remote net.Addr) (leave func(), ok bool) {
	l := s.policy.Load()
	full, leave := s.connections.enter(
		quota{party{byAll, ""}, fewer(l.connections, s.o.MaxConnections), "connections"},
		quota{party{bySource, source(remote.String())}, fewer(l.sourceConnections, s.o.MaxConnections/2), "connections-per-source"},
	)
	if full != nil {
		s.metrics.limited.WithLabelValues(full.limit).Inc()
	}
	return leave, full == nil
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
