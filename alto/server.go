package alto

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers ALTO clients from the Snapshot published last. All methods are
// safe for concurrent use.
type Server struct {
	epoch atomic.Pointer[epoch]

	now     func() time.Time
	started time.Time

	requests      *counter
	window        atomic.Int64 // nanoseconds
	discontinuity atomic.Int64 // nanoseconds since started

	publishing sync.Mutex
}

// epoch pairs a snapshot with the accounts its requests count towards, so that a
// request sees one state of both.
type epoch struct {
	snapshot *Snapshot
	accounts map[string]*account
}

var _ http.Handler = (*Server)(nil)

// NewServer returns a server without a snapshot, which answers 503 until the first
// Publish. now is the clock, nil for time.Now.
func NewServer(now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	s := &Server{now: now, started: now(), requests: newCounter(serverShards)}
	s.SetWindow(DefaultWindow)
	return s
}

// Publish serves snapshot from now on; requests in flight finish with the one they
// began with. Counters of accounts that remain go on. reconfigured names the
// accounts whose configuration has changed: their discontinuity time becomes now.
// Publish cannot fail; cost is proportional to the number of resources, small for
// each.
func (s *Server) Publish(snapshot *Snapshot, reconfigured ...string) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	var before map[string]*account
	if e := s.epoch.Load(); e != nil {
		before = e.accounts
	}
	now := int64(s.sinceStart())
	next := &epoch{snapshot: snapshot, accounts: make(map[string]*account, len(snapshot.accounts))}
	for name, resources := range snapshot.accounts {
		versions := versionsOf(resources)
		a := before[name]
		if a == nil {
			a = &account{requests: newCounter(1), versions: versions}
			a.discontinuity.Store(now)
		} else if a.versions != versions {
			a.versions = versions
			a.updates.Add(1)
		}
		next.accounts[name] = a
	}
	for _, name := range reconfigured {
		if a := next.accounts[name]; a != nil {
			a.discontinuity.Store(now)
		}
	}
	s.epoch.Store(next)
}

// versionsOf tells the version of an account: that of its full resources, so that a
// filtered variant more or less is no update, and of all where none is full.
func versionsOf(resources []*served) string {
	if len(resources) == 1 {
		return resources[0].version
	}
	var full, all strings.Builder
	for _, n := range resources {
		all.WriteString(n.version)
		if n.body != nil {
			full.WriteString(n.version)
		}
	}
	if full.Len() > 0 {
		return full.String()
	}
	return all.String()
}

// Snapshot returns the snapshot published last, nil before the first.
func (s *Server) Snapshot() *Snapshot {
	if e := s.epoch.Load(); e != nil {
		return e.snapshot
	}
	return nil
}

// ServeHTTP answers one request. It is counted before the first byte of the
// response goes out.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := s.epoch.Load()
	if e == nil {
		s.count(nil, http.StatusServiceUnavailable)
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	resp, n := e.snapshot.respond(w, r)
	var a *account
	if n != nil {
		a = e.accounts[n.account()]
	}
	s.count(a, resp.status)
	if name := e.snapshot.config.ServerName; name != "" {
		resp.header.Set("Server", name)
	}
	resp.write(w, r)
}

func (s *Server) count(a *account, status int) {
	second, window, success := int64(s.sinceStart()/time.Second), s.windowNow(), status < 400
	s.requests.add(second, window, success)
	if a != nil {
		a.requests.add(second, window, success)
	}
}
