package alto

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/doorway"
)

// Server answers ALTO clients from the Snapshot published last. All methods are
// safe for concurrent use.
type Server struct {
	epoch atomic.Pointer[epoch]

	now     func() time.Time
	started time.Time

	requests      counter
	clients       clientCounters
	window        atomic.Int64 // nanoseconds
	discontinuity atomic.Int64 // nanoseconds since started

	publishing sync.Mutex
	streams    streamSet
	views      viewSet

	budgets     budgets
	rates       rateBudgets
	held        held
	connections doorway.Doorway
	limited     [limitCount]atomic.Uint64 // requests and connections refused
}

// epoch pairs a snapshot with the accounts its requests count towards, so that a
// request sees one state of both.
type epoch struct {
	snapshot *Snapshot
	accounts persistent.Map[string, *account]
}

var _ http.Handler = (*Server)(nil)

// NewServer returns a server without a snapshot, which answers 503 until the first
// Publish. now is the clock, nil for time.Now.
func NewServer(now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	s := &Server{now: now, started: now(), clients: clientCounters{limit: DefaultMaxClients}, rates: rateBudgets{now: now}}
	s.SetWindow(DefaultWindow)
	return s
}

// Publish serves snapshot from now on; requests in flight finish with the one they
// began with. Counters of accounts that remain go on. reconfigured names the
// accounts whose configuration has changed: their discontinuity time becomes now.
// Publish cannot fail; cost is proportional to what differs from the snapshot before,
// and to the number of open substreams, small for each: updates are made later by the
// streams that send them.
func (s *Server) Publish(snapshot *Snapshot, reconfigured ...string) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	previous := s.epoch.Load()
	if previous == nil {
		previous = &epoch{snapshot: new(Snapshot)}
	}
	now := int64(s.sinceStart())
	next := &epoch{snapshot: snapshot, accounts: advanceAccounts(previous, snapshot, now)}
	for _, name := range reconfigured {
		if a := next.accounts.At(name); a != nil {
			a.discontinuity.Store(now)
		}
	}
	s.epoch.Store(next)
	if previous.snapshot != snapshot && (s.streams.count() > 0 || s.views.some()) {
		t := newTransition(previous.snapshot, snapshot)
		s.streams.advance(t)
		s.views.advance(t, s.sinceStart())
	}
}

// advanceAccounts returns the accounts of next: those of previous, but for the
// resources that differ.
func advanceAccounts(previous *epoch, next *Snapshot, now int64) persistent.Map[string, *account] {
	accounts := previous.accounts.Edit()
	advance := func(name string) { // a second time for one name does nothing
		resources := next.account(name)
		if len(resources) == 0 {
			accounts.Delete(name)
			return
		}
		versions := versionsOf(resources)
		if a := accounts.At(name); a == nil {
			a = &account{versions: versions, created: time.Duration(now)}
			a.discontinuity.Store(now)
			a.changed.Store(now)
			accounts.Set(name, a)
		} else if a.versions != versions {
			a.versions = versions
			a.changed.Store(now)
			a.updates.Add(1)
		}
	}
	persistent.Diff(previous.snapshot.byID, next.byID, func(_ string, old, n *served) {
		if old != nil {
			advance(old.account())
		}
		if n != nil && (old == nil || n.account() != old.account()) {
			advance(n.account())
		}
	})
	return accounts.Done()
}

// versionsOf tells the version of an account: that of its full resources, so that a
// filtered variant more or less is no update, and of all where none is full.
func versionsOf(resources []*served) version {
	if len(resources) == 1 {
		return resources[0].version
	}
	if full := slices.DeleteFunc(slices.Clone(resources), func(n *served) bool { return n.full == nil }); len(full) > 0 {
		resources = full
	}
	if len(resources) == 1 {
		return resources[0].version
	}
	parts := make([][]byte, len(resources))
	for i, n := range resources {
		parts[i] = n.version[:]
	}
	return versionOf(parts...)
}

// Snapshot returns the snapshot published last, nil before the first.
func (s *Server) Snapshot() *Snapshot {
	if e := s.epoch.Load(); e != nil {
		return e.snapshot
	}
	return nil
}

// ServeHTTP answers one request. It is counted before the first byte of the
// response goes out; what the answer took is when it has been written. For an update
// stream it returns when the stream has ended.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began, e := s.sinceStart(), s.epoch.Load()
	if e == nil {
		s.refuseUnpublished(w, began)
		return
	}
	var n *served
	end, exceeded := s.budgets.begin(clientOf(r), e.snapshot.config.Limits, s.now())
	resp := unavailable(exceeded, "1")
	h := &hold{of: &s.held, client: budgetKey(clientOf(r)), max: e.snapshot.config.Limits.Memory, rates: &s.rates}
	defer h.set(0)
	if exceeded == noLimit {
		defer func() { end() }()
		if resp, n = s.respond(e, w, r, h); resp.answer != nil && resp.answer.polls != nil {
			end() // what waits is no request that is being answered
			end = func() {}
			e, resp, n, began = s.await(resp.answer.polls, w, r, h)
		}
	}
	var st *stream
	if resp.answer != nil && resp.answer.opens != nil {
		if st = s.open(e, n, resp.answer.opens, clientOf(r)); st == nil {
			resp = unavailable(LimitStreams, "60").by(resp.clients)
		}
	}
	if st != nil {
		st.keep(h)
	} else {
		h.settle(resp.answer)
	}
	var a *account
	if n != nil {
		a = e.accounts.At(n.account())
	}
	s.count(a, resp.clients, resp.status)
	if resp.limit != noLimit {
		s.limited[resp.limit].Add(1)
	}
	if name := e.snapshot.config.ServerName; name != "" {
		resp.header.Set("Server", name)
	}
	if st != nil {
		end() // a stream is no request that is being answered
		end = func() {}
		s.answered(a, began, 0)
		s.serveStream(st, a, e.snapshot, w, r, resp.header)
		return
	}
	s.answered(a, began, resp.write(w, r))
}

// refuseUnpublished answers before the first Publish.
func (s *Server) refuseUnpublished(w http.ResponseWriter, began time.Duration) {
	s.count(nil, nil, http.StatusServiceUnavailable)
	defer s.answered(nil, began, 0)
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
}

// respond answers for a resource of e, the control URI of an open stream, or what is below a
// TIPS view.
func (s *Server) respond(e *epoch, w http.ResponseWriter, r *http.Request, h *hold) (*response, *served) {
	if st := s.streams.at(r.URL.Path); st != nil {
		return s.control(e.snapshot, st, w, r, h)
	}
	if n, token, rest := e.snapshot.belowTIPS(r.URL.Path); n != nil {
		return s.pull(e.snapshot, n, token, rest, w, r, h)
	}
	resp, n := e.snapshot.respond(w, r, h)
	if resp.answer != nil && resp.answer.views != nil {
		resp = s.openTIPS(e, n, resp, r).by(resp.clients)
	}
	return resp, n
}

func (s *Server) count(a *account, clients []string, status int) {
	now, window, success := s.sinceStart(), s.windowNow(), status < 400
	second := int64(now / time.Second)
	for _, id := range clients {
		s.clients.of(id, now).add(second, window, success)
	}
	s.requests.add(second, window, success)
	if a != nil {
		a.counter().add(second, window, success)
	}
}

// answered counts what an answer took.
func (s *Server) answered(a *account, began time.Duration, bytes int) {
	took := s.sinceStart() - began
	s.requests.answered(took, bytes)
	if a != nil {
		a.counter().answered(took, bytes)
	}
}
