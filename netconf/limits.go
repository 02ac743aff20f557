package netconf

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/yang"
)

const limitsModule = "altoam-limits"

// limits are those of the module altoam-limits, or of the Options where the schema
// does not have it. Zero means none.
type limits struct {
	sessions, perUser, perSource int
	hello, idle, write           time.Duration
	message                      int64
	depth, rate                  int
}

// limitsOf are the limits without any configuration of them.
func limitsOf(o Options) *limits {
	return &limits{
		hello: o.HelloTimeout, idle: o.IdleTimeout, write: o.WriteTimeout,
		message: o.Limits.MaxMessage, depth: o.XML.Depth,
	}
}

// readLimits are the limits in a running datastore.
func readLimits(t *tree.Tree, container *yang.Node) *limits {
	n := t.Root().Child(container)
	value := func(name string) int {
		s := container.Child(limitsModule, name)
		v := s.Defaults[0]
		if n != nil && n.Child(s) != nil {
			v = n.Child(s).Value()
		}
		u, _ := v.Uint()
		return int(u)
	}
	seconds := func(name string) time.Duration { return time.Duration(value(name)) * time.Second }
	return &limits{
		sessions: value("sessions"), perUser: value("sessions-per-user"), perSource: value("sessions-per-source"),
		hello: seconds("hello-timeout"), idle: seconds("idle-timeout"), write: seconds("write-timeout"),
		message: int64(value("message-size")), depth: value("nesting-depth"), rate: value("requests-per-second"),
	}
}

// limiter lets the limits follow running.
type limiter struct {
	*Server
	container *yang.Node
}

// Name implements datastore.Participant.
func (l *limiter) Name() string { return limitsModule }

// Prepare implements datastore.Participant.
func (l *limiter) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	return &limitChange{l, readLimits(c.New, l.container)}, nil
}

type limitChange struct {
	*limiter
	to *limits
}

// Apply implements datastore.Prepared.
func (c *limitChange) Apply() { c.limits.Store(c.to) }

// Abort implements datastore.Prepared.
func (c *limitChange) Abort() {}

// population counts the open sessions.
type population struct {
	mu       sync.Mutex
	all      int
	byUser   map[string]int
	bySource map[string]int
}

// enter counts a session on c unless that would exceed a limit, whose name it
// returns. The caller calls leave when the session has ended.
func (s *Server) enter(user, source string) (exceeded string, leave func()) {
	l, p := s.limits.Load(), &s.population
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case l.sessions > 0 && p.all >= l.sessions:
		return "sessions", nil
	case l.perUser > 0 && p.byUser[user] >= l.perUser:
		return "sessions-per-user", nil
	case l.perSource > 0 && p.bySource[source] >= l.perSource:
		return "sessions-per-source", nil
	}
	p.all++
	p.byUser[user]++
	p.bySource[source]++
	return "", func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.all--
		less(p.byUser, user)
		less(p.bySource, source)
	}
}

func less(counts map[string]int, key string) {
	if counts[key]--; counts[key] == 0 {
		delete(counts, key)
	}
}

// limited counts that a limit was exceeded.
func (s *Server) limited(limit string) { s.metrics.limited.WithLabelValues(limit).Inc() }

func newLimited() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "altoam_netconf_limited_total", Help: "NETCONF sessions closed or refused and requests refused, by the limit they exceeded.",
	}, []string{"limit"})
}

// framing are the limits of the messages of a session that begins.
func (s *Server) framing() transport.Limits {
	l := s.o.Limits
	l.MaxMessage = s.limits.Load().message
	return l
}

// xmlLimits are those of what is within a message.
func (s *Server) xmlLimits() codec.XMLLimits {
	l := s.o.XML
	l.Depth = s.limits.Load().depth
	return l
}

// pace counts the requests of a session in the current second.
type pace struct {
	second time.Time
	count  int
}

// paced refuses a request above the rate. Cost is constant.
func (ss *session) paced() error {
	rate := ss.limits.Load().rate
	if rate == 0 {
		return nil
	}
	now := time.Now()
	if now.Sub(ss.pace.second) >= time.Second {
		ss.pace = pace{second: now}
	}
	if ss.pace.count++; ss.pace.count <= rate {
		return nil
	}
	ss.limited("requests-per-second")
	return rpcerr.NewProtocol(rpcerr.ResourceDenied, "a session may send %d requests a second", rate)
}
