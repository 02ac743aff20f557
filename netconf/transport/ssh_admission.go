package transport

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// admission counts connections against the limits. It is safe for concurrent use.
type admission struct {
	limits SSHLimits

	mu      sync.Mutex
	all     load
	sources map[string]*load
}

// load is a number of connections, and how many of them are not authenticated.
type load struct{ connections, unauthenticated int }

func newAdmission(limits SSHLimits) *admission {
	return &admission{limits: limits, sources: map[string]*load{}}
}

// ticket is the place of one connection in an admission.
type ticket struct {
	a             *admission
	source        string
	authenticated bool
}

// admit counts a connection from remote, or says which limit is in its way. The
// caller must leave with the ticket when the connection has ended.
func (a *admission) admit(remote net.Addr) (*ticket, error) {
	t := &ticket{a: a, source: source(remote)}
	a.mu.Lock()
	defer a.mu.Unlock()
	from := a.sources[t.source]
	if from == nil {
		from = &load{}
	}
	for _, check := range []struct {
		have, limit int
		what        string
	}{
		{a.all.connections, a.limits.Connections, "connections"},
		{a.all.unauthenticated, a.limits.Unauthenticated, "unauthenticated connections"},
		{from.connections, a.limits.ConnectionsPerSource, "connections from " + t.source},
		{from.unauthenticated, a.limits.UnauthenticatedPerSource, "unauthenticated connections from " + t.source},
	} {
		if check.have >= check.limit {
			return nil, fmt.Errorf("limit of %d %s reached", check.limit, check.what)
		}
	}
	a.sources[t.source] = from
	a.add(t.source, 1, 1)
	return t, nil
}

// add is called with a.mu held.
func (a *admission) add(source string, connections, unauthenticated int) {
	from := a.sources[source]
	for _, l := range []*load{&a.all, from} {
		l.connections += connections
		l.unauthenticated += unauthenticated
	}
	if *from == (load{}) {
		delete(a.sources, source)
	}
}

// authenticate counts the connection as authenticated; call it once at most.
func (t *ticket) authenticate() {
	t.a.mu.Lock()
	defer t.a.mu.Unlock()
	t.authenticated = true
	t.a.add(t.source, 0, -1)
}

// leave ends the count of the connection; call it once.
func (t *ticket) leave() {
	t.a.mu.Lock()
	defer t.a.mu.Unlock()
	if t.authenticated {
		t.a.add(t.source, -1, 0)
	} else {
		t.a.add(t.source, -1, -1)
	}
}

// source names what limits per source count together: an IPv4 address, an IPv6
// /64 (one host commonly has all of it), or whatever other address it is.
func source(remote net.Addr) string {
	ap, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return remote.String()
	}
	addr := ap.Addr().Unmap()
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}
