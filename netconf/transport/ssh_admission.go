package transport

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// admission counts connections against the limits. It is safe for concurrent use.
type admission struct {
	limits SSHLimits

	mu      sync.Mutex
	all     load
	sources map[string]*load
	waiting []*ticket // that are not authenticated, the oldest first
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
	cut           func()
	authenticated bool
	gone          bool // another took its place
}

// admit counts a connection from remote, which cut ends without waiting, or says which limit is in its way.
// Where there are as many that are not authenticated as may be, one of a source with more
// of them than remote has is cut for it. The caller must leave with the ticket when the
// connection has ended. Cost grows with the limit of those that are not authenticated.
func (a *admission) admit(remote net.Addr, cut func()) (*ticket, error) {
	t := &ticket{a: a, source: source(remote), cut: cut}
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
		{from.connections, a.limits.ConnectionsPerSource, "connections from " + t.source},
		{from.unauthenticated, a.limits.UnauthenticatedPerSource, "unauthenticated connections from " + t.source},
	} {
		if check.have >= check.limit {
			return nil, fmt.Errorf("limit of %d %s reached", check.limit, check.what)
		}
	}
	if a.all.unauthenticated >= a.limits.Unauthenticated && !a.cutFor(from) {
		return nil, fmt.Errorf("limit of %d unauthenticated connections reached", a.limits.Unauthenticated)
	}
	a.sources[t.source] = from
	a.waiting = append(a.waiting, t)
	a.add(t.source, 1, 1)
	return t, nil
}

// cutFor cuts, of the source with the most connections that are not authenticated, the
// oldest, unless a newcomer's source has as many. It is called with a.mu held.
func (a *admission) cutFor(newcomer *load) bool {
	var oldest *ticket
	most := newcomer.unauthenticated
	for _, t := range a.waiting {
		if n := a.sources[t.source].unauthenticated; n > most {
			most, oldest = n, t
		}
	}
	if oldest == nil {
		return false
	}
	oldest.gone = true
	a.forget(oldest)
	a.add(oldest.source, -1, -1)
	oldest.cut()
	return true
}

// forget takes a ticket out of those that wait. It is called with a.mu held.
func (a *admission) forget(t *ticket) {
	a.waiting = slices.DeleteFunc(a.waiting, func(w *ticket) bool { return w == t })
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
	if t.gone {
		return
	}
	t.authenticated = true
	t.a.forget(t)
	t.a.add(t.source, 0, -1)
}

// leave ends the count of the connection; call it once.
func (t *ticket) leave() {
	t.a.mu.Lock()
	defer t.a.mu.Unlock()
	switch {
	case t.gone:
	case t.authenticated:
		t.a.add(t.source, -1, 0)
	default:
		t.a.forget(t)
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
