package datastore

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// User is an authenticated user.
type User struct {
	Name   string
	Groups []string // as the transport knows them
}

// Source is where a session comes from.
type Source struct {
	Protocol string // an identity of ietf-netconf-monitoring's transport, or "restconf"
	Address  string // host of the peer
}

// Session is a user's handle on the Store. Its methods may be called by several
// goroutines; those that change a datastore take turns with all other writers.
type Session struct {
	store  *Store
	id     uint32
	user   User
	source Source
	login  time.Time
	done   chan struct{}
	once   sync.Once
	// killedBy is the session that killed this one, 0 for none.
	killedBy atomic.Uint32
	began    atomic.Bool             // AnnounceStart was called
	granted  atomic.Pointer[granted] // by the newest rules
	body     int64                   // bytes charged by HoldBody
	answer   atomic.Pointer[answer]  // what was made for the message that is being answered

	// Counters are kept by the protocol that owns the session (RFC 6022 Section 2.1.4).
	Counters Counters
}

// Counters counts a session's messages.
type Counters struct {
	InRPCs, InBadRPCs, OutErrors, OutNotifications atomic.Uint64
}

// NewSession starts a session. The caller must Close it.
func (s *Store) NewSession(u User, src Source) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		s.lastID++
		if s.lastID == 0 { // session-id 0 is reserved
			continue
		}
		if _, taken := s.sessions[s.lastID]; !taken {
			break
		}
	}
	x := &Session{store: s, id: s.lastID, user: u, source: src, login: s.now(), done: make(chan struct{})}
	s.sessions[x.id] = x
	return x
}

// Sessions returns the open sessions, in no particular order.
func (s *Store) Sessions() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Session, 0, len(s.sessions))
	for _, x := range s.sessions {
		out = append(out, x)
	}
	return out
}

// ID is the session-id: unique among the open sessions, never 0.
func (x *Session) ID() uint32 { return x.id }

// User is who the session acts for.
func (x *Session) User() User { return x.user }

// Source is where the session comes from.
func (x *Session) Source() Source { return x.source }

// Login is when the session started.
func (x *Session) Login() time.Time { return x.login }

// Done is closed when the session has ended: by Close, or because another
// session killed it; its owner should then end the connection.
func (x *Session) Done() <-chan struct{} { return x.done }

// Close ends the session: its confirmed commit is taken back, its locks are released,
// and a candidate that it had locked loses its changes (RFC 6241 Section 8.3.5.2). What it still has waiting
// for other writers is refused. Further calls do nothing.
func (x *Session) Close() {
	x.once.Do(func() {
		x.store.mu.Lock()
		delete(x.store.sessions, x.id) // from here on it can neither lock nor write
		x.store.mu.Unlock()
		x.store.orphaned(x)
		x.store.releaseLocks(x)
		x.giveBack(x.answer.Load())
		close(x.done)
	})
}

// Kill ends another session (RFC 6241 Section 7.9): its locks are gone when Kill
// returns, its connection ends soon after. Killing oneself or a session that
// does not exist is an invalid-value.
func (x *Session) Kill(id uint32) (err error) {
	defer func() { x.attempt(Called, "kill-session", "").end(err) }()
	if id == x.id {
		return rpcerr.New(rpcerr.InvalidValue, "", "session %d is this session; close-session ends it", id)
	}
	x.store.mu.Lock()
	victim := x.store.sessions[id]
	x.store.mu.Unlock()
	if victim == nil {
		return rpcerr.New(rpcerr.InvalidValue, "", "there is no session %d", id)
	}
	victim.killedBy.CompareAndSwap(0, x.id)
	victim.Close()
	return nil
}

func (x *Session) String() string {
	return fmt.Sprintf("session %d (%s from %s over %s)", x.id, x.user.Name, x.source.Address, x.source.Protocol)
}
