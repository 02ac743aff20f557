package netconf

import (
	"context"
	"fmt"
	"io"
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
		u, _ := tree.Setting(n, container.Child(limitsModule, name)).Uint()
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

// Apply implements datastore.Prepared. Sessions that are open have the new limits at
// once, but for those of how many there may be.
func (c *limitChange) Apply() {
	if before := c.limits.Swap(c.to); before.idle != c.to.idle {
		c.population.awake()
	}
}

// Abort implements datastore.Prepared.
func (c *limitChange) Abort() {}

// population counts the open sessions.
type population struct {
	mu       sync.Mutex
	all      int
	byUser   map[string]int
	bySource map[string]int
	silences map[*silence]struct{}
}

// listen has the silence of a session follow the limit until the session calls leave.
func (p *population) listen(s *silence) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silences[s] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.silences, s)
	}
}

// awake tells all sessions that the limit of silence has changed. Cost: one step for
// each.
func (p *population) awake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.silences {
		s.limitChanged()
	}
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

// framing are the limits of the framing of a session: that of its hello. Other
// messages are bounded as they are read.
func (s *Server) framing() transport.Limits {
	hello := s.o.Limits.MaxHello
	if hello == 0 {
		hello = s.limits.Load().message
	}
	return transport.Limits{MaxHello: hello}
}

// free is how much of a message is not charged, in bytes: most messages are smaller.
const free = 64 << 10

// bounded is a message below the limit of this moment, charged to the session.
type bounded struct {
	io.Reader
	session *session
	size    int64 // bytes delivered
	denied  bool  // what is left is to be thrown away
}

// Read implements io.Reader. Above the limit it returns transport.ErrTooBig, after which
// the session must end. Where other messages take too much it returns that error once: what
// comes then only serves to find the end of the message.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.size += int64(n)
	if most := b.session.limits.Load().message; most > 0 && b.size > most {
		return 0, fmt.Errorf("%w: more than %d bytes", transport.ErrTooBig, most)
	}
	if b.size <= free || b.denied {
		return n, err
	}
	if busy := b.session.data.HoldBody(int64(n)); busy != nil {
		b.denied = true
		return 0, busy
	}
	return n, err
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
