package restconf

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/doorway"
	"github.com/altoam/altoam/yang"
)

// limits are those of restconf-limits of altoam-restconf, or of the Options where the
// schema does not have it. Zero means none.
type limits struct {
	body, header                        int64 // bytes
	depth                               int
	request, write, event               time.Duration // to send a body, to take some of an answer, an event
	requests, userRate, sourceRate      int           // rates in a second
	streams, userStreams, sourceStreams int
	connections, sourceConnections      int
}

// limitsOf are the limits without any configuration of them.
func limitsOf(o Options) limits { return limits{body: o.MaxBody, event: o.EventTimeout} }

// readLimits are the limits in a configuration.
func readLimits(t *tree.Tree, container *yang.Node) limits {
	value := func(name string) int {
		u, _ := leafOf(t, container, name).Uint()
		return int(u)
	}
	seconds := func(name string) time.Duration { return time.Duration(value(name)) * time.Second }
	return limits{
		body: int64(value("body-size")), header: int64(value("header-size")), depth: value("nesting-depth"),
		request: seconds("request-timeout"), write: seconds("write-timeout"), event: seconds("event-timeout"), requests: value("requests"),
		userRate: value("requests-per-second-per-user"), sourceRate: value("requests-per-second-per-source"),
		streams: value("event-streams"), userStreams: value("event-streams-per-user"), sourceStreams: value("event-streams-per-source"),
		connections: value("connections"), sourceConnections: value("connections-per-source"),
	}
}

// leafOf is the value of a leaf of a container that a configuration may have, with its
// default.
func leafOf(t *tree.Tree, container *yang.Node, name string) yang.Value {
	return tree.Setting(t.Root().Child(container), container.Child(policyModule, name))
}

// streamRetry is after how many seconds a client may ask again for an event stream that
// it was refused; other bounds on how much there is at once free sooner.
const streamRetry = "5"

// exceeded counts that a request exceeds a limit, and makes the error for it: with a
// header Retry-After where retry is not empty.
func (s *Server) exceeded(limit string, code int, retry, format string, args ...any) error {
	s.metrics.limited.WithLabelValues(limit).Inc()
	tag := rpcerr.ResourceDenied
	if code == http.StatusRequestEntityTooLarge || code == http.StatusRequestHeaderFieldsTooLarge {
		tag = rpcerr.TooBig
	}
	e := &statusError{err: rpcerr.NewProtocol(tag, format, args...), code: code}
	if retry != "" {
		e.header = http.Header{"Retry-After": {retry}}
	}
	return e
}

func newLimited() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "altoam_restconf_limited_total", Help: "RESTCONF requests refused and event streams ended, by the limit they exceeded.",
	}, []string{"limit"})
}

// admit refuses a request before anything is known of it but its header.
func (s *Server) admit(r *http.Request, l *limits) error {
	if size := headerSize(r); l.header > 0 && size > l.header {
		return s.exceeded("header-size", http.StatusRequestHeaderFieldsTooLarge, "",
			"the request line and header fields are %d bytes, more than %d", size, l.header)
	}
	if l.sourceRate > 0 && !s.rates.take(party{bySource, doorway.Source(r.RemoteAddr)}, l.sourceRate, time.Now()) {
		return s.exceeded("requests-per-second-per-source", http.StatusTooManyRequests, "1",
			"an address may send %d requests a second", l.sourceRate)
	}
	return nil
}

// begin counts the request of a user among those that are being answered: strangers, whose
// answers wait, take no place. The caller calls leave when it is answered.
func (q *request) begin() (leave func(), err error) {
	most := q.policy.Load().requests
	if n := q.answering.Add(1); most > 0 && n > int64(most) {
		q.answering.Add(-1)
		return nil, q.exceeded("requests", http.StatusServiceUnavailable, "1", "%d requests are being answered: no more at once", most)
	}
	return func() { q.answering.Add(-1) }, nil
}

// headerSize is about how many bytes came before the message-body.
func headerSize(r *http.Request) int64 {
	size := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	return int64(size)
}

// withinRate refuses a request of a user who has sent too many.
func (q *request) withinRate() error {
	rate := q.policy.Load().userRate
	if rate == 0 || q.rates.take(party{byUser, q.user.Name}, rate, time.Now()) {
		return nil
	}
	return q.exceeded("requests-per-second-per-user", http.StatusTooManyRequests, "1", "a user may send %d requests a second", rate)
}

// party is who uses something: everybody, a user, or an address.
type party struct {
	kind byte
	name string
}

const (
	byAll byte = iota
	byUser
	bySource
)

// rates counts the requests of a second by who sends them.
type rates struct {
	mu     sync.Mutex
	second time.Time // its beginning
	counts map[party]int
}

// take counts a request, unless there were as many as the bound in this second.
func (r *rates) take(p party, bound int, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.second) >= time.Second {
		r.second, r.counts = now, map[party]int{}
	}
	if r.counts[p] >= bound {
		return false
	}
	r.counts[p]++
	return true
}

// census counts what is open by who has opened it.
type census struct {
	mu     sync.Mutex
	counts map[party]int
}

// quota is how many a party may have open, 0 for any number.
type quota struct {
	party
	most  int
	limit string // the name of the leaf
}

// enter counts one more, unless a quota is used up, which it then returns. Otherwise
// the caller calls leave.
func (c *census) enter(quotas ...quota) (full *quota, leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, q := range quotas {
		if q.most > 0 && c.counts[q.party] >= q.most {
			return &quotas[i], nil
		}
	}
	for _, q := range quotas {
		c.counts[q.party]++
	}
	return nil, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, q := range quotas {
			if c.counts[q.party]--; c.counts[q.party] == 0 {
				delete(c.counts, q.party)
			}
		}
	}
}

// openStream counts an event stream, which is then none of the requests that are being
// answered. The caller calls leave when it has ended.
func (q *request) openStream() (leave func(), err error) {
	l := q.policy.Load()
	full, left := q.subscribers.enter(
		quota{party{byAll, ""}, l.streams, "event-streams"},
		quota{party{byUser, q.user.Name}, l.userStreams, "event-streams-per-user"},
		quota{party{bySource, doorway.Source(q.r.RemoteAddr)}, l.sourceStreams, "event-streams-per-source"},
	)
	switch {
	case full == nil:
		q.answering.Add(-1)
		return func() { q.answering.Add(1); left() }, nil
	case full.kind == byAll:
		return nil, q.exceeded(full.limit, http.StatusServiceUnavailable, streamRetry, "%d event streams are open: no more at once", full.most)
	}
	who := map[byte]string{byUser: "a user", bySource: "an address"}[full.kind]
	return nil, q.exceeded(full.limit, http.StatusTooManyRequests, streamRetry, "%s may have %d event streams open", who, full.most)
}
