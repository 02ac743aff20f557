package alto

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// ClientStats are the requests of one client of the configuration: those in which the
// server asked who the client is, because the answer depended on it, and it proved to be
// this one.
type ClientStats struct {
	Total Counts
	Last  Counts    // over the last Window of the server
	Since time.Time // the first of them
}

// DefaultMaxClients is how many clients are counted each by itself until SetMaxClients.
const DefaultMaxClients = 1000

// clientCounters count requests by client: the first ones that come, each by itself.
type clientCounters struct {
	mu     sync.RWMutex
	limit  int
	byID   map[string]*clientCounter
	others counter // of the clients beyond the limit
}

type clientCounter struct {
	counter
	since time.Duration // of the server
}

// identity is what is known of who sent a request.
type identity struct {
	roles   []string
	clients []string // of the configuration
	rates   []Rate
	proven  bool
}

type identityKey struct{}

// NoteClients tells which clients of the configuration, by their IDs, a request has proved
// to be from. It is for Config.Authenticate, which is called with r, and without effect
// elsewhere.
func NoteClients(r *http.Request, ids ...string) {
	if i, ok := r.Context().Value(identityKey{}).(*identity); ok {
		for _, id := range ids {
			if !slices.Contains(i.clients, id) {
				i.clients = append(i.clients, id)
			}
		}
	}
}

// identify calls authenticate.
func identify(r *http.Request, authenticate func(*http.Request) ([]string, bool)) identity {
	i := new(identity)
	i.roles, i.proven = authenticate(r.WithContext(context.WithValue(r.Context(), identityKey{}, i)))
	return *i
}

// SetMaxClients bounds how many clients are counted each by itself, which bounds memory
// too. The clients counted already stay.
func (s *Server) SetMaxClients(n int) {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	s.clients.limit = n
}

// ForgetClients drops the counts of clients that are no more.
func (s *Server) ForgetClients(ids ...string) {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	for _, id := range ids {
		delete(s.clients.byID, id)
	}
}

// ClientStats returns the counts of a client; ok is false where no request of it is
// counted by itself.
func (s *Server) ClientStats(id string) (stats ClientStats, ok bool) {
	s.clients.mu.RLock()
	c := s.clients.byID[id]
	s.clients.mu.RUnlock()
	if c == nil {
		return ClientStats{}, false
	}
	stats.Total, stats.Last = c.read(int64(s.sinceStart()/time.Second), s.windowNow())
	stats.Since = s.started.Add(c.since)
	return stats, true
}

// Clients returns the clients that are counted each by itself, in ascending order.
func (s *Server) Clients() []string {
	s.clients.mu.RLock()
	defer s.clients.mu.RUnlock()
	ids := make([]string, 0, len(s.clients.byID))
	for id := range s.clients.byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// of returns the counter of a client, which is that of the others where there are too
// many.
func (c *clientCounters) of(id string, now time.Duration) *counter {
	c.mu.RLock()
	known, full := c.byID[id], len(c.byID) >= c.limit
	c.mu.RUnlock()
	switch {
	case known != nil:
		return &known.counter
	case full:
		return &c.others
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known = c.byID[id]; known != nil {
		return &known.counter
	}
	if len(c.byID) >= c.limit {
		return &c.others
	}
	if c.byID == nil {
		c.byID = make(map[string]*clientCounter)
	}
	known = &clientCounter{since: now}
	c.byID[id] = known
	return &known.counter
}
