package transport

import (
	"fmt"
	"math"
	"net"

	"github.com/altoam/altoam/doorway"
)

// admission counts connections against the limits. Those that are not authenticated are
// loose. It is safe for concurrent use.
type admission struct {
	doorway.Doorway
	limits doorway.Limits
}

// ticket is the place of one connection in an admission.
type ticket struct {
	*doorway.Place
	authenticated bool
}

func newAdmission(l SSHLimits) *admission {
	bound := func(n int) int {
		if n == math.MaxInt {
			return 0
		}
		return n
	}
	return &admission{limits: doorway.Limits{
		Open: bound(l.Connections), OpenPerSource: bound(l.ConnectionsPerSource),
		Loose: bound(l.Unauthenticated), LoosePerSource: bound(l.UnauthenticatedPerSource),
	}}
}

// admit counts a connection from remote, which cut ends, or says which limit is in its way.
// Where there are too many another one, that is not authenticated, may be cut for it. The
// caller must Leave with the ticket when the connection has ended.
func (a *admission) admit(remote net.Addr, cut func()) (*ticket, error) {
	place, reached := a.Enter(remote, a.limits, cut)
	if place != nil {
		return &ticket{Place: place}, nil
	}
	l := a.limits
	most, what := l.Open, "connections"
	switch reached {
	case doorway.OpenPerSource:
		most, what = l.OpenPerSource, "connections from "+doorway.Source(remote.String())
	case doorway.Loose:
		most, what = l.Loose, "unauthenticated connections"
	case doorway.LoosePerSource:
		most, what = l.LoosePerSource, "unauthenticated connections from "+doorway.Source(remote.String())
	}
	return nil, fmt.Errorf("limit of %d %s reached", most, what)
}

// authenticate counts the connection as authenticated; call it once at most.
func (t *ticket) authenticate() {
	t.authenticated = true
	t.Hold()
}
