package datastore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

// PartialLock is a lock on parts of running (RFC 5717).
type PartialLock struct {
	ID      uint32
	Session uint32
	Since   time.Time
	Select  []string    // the expressions it was asked for with
	Nodes   []tree.Path // what it covers, with everything below; deleted nodes leave it
}

// heldLock is a partial lock with what is left of its nodes.
type heldLock struct {
	PartialLock
	scope *scope
}

// AppLocked is the error-app-tag of a change within another's partial lock
// (RFC 5717 Section 2.5).
const AppLocked = "locked"

// PartialLock locks the nodes that find selects in what the session may read of running, for which selects is the
// text, all or none. It is refused with access-denied where the session may not change one of them in
// any way, with lock-denied while a session holds the global
// lock or another one a lock that overlaps, and with in-use while a confirmed commit
// waits (RFC 5717 Sections 2.4.1 and 2.6.2). Nobody waits for find: what is deleted
// while it runs is not locked.
func (x *Session) PartialLock(selects []string, find func(running *tree.Tree) ([]tree.Path, error)) (_ PartialLock, err error) {
	s := x.store
	defer func() { x.attempt(Called, "partial-lock", Running.String()).end(err) }()
	then := s.running.Load().Tree
	nodes, err := find(x.Visible(then))
	if err != nil {
		return PartialLock{}, err
	}
	if err := x.mayLock(nodes); err != nil {
		return PartialLock{}, err
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	scope := newScope(nodes)
	if d := tree.Compare(then, s.running.Load().Tree); !d.Empty() {
		scope.forget(d.Root)
		nodes = scope.of(nodes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := x.open(); err != nil {
		return PartialLock{}, err
	}
	if s.pending.Load() != nil {
		return PartialLock{}, outstanding("a confirmed commit waits for its confirmation; nothing can be locked before")
	}
	if l, held := s.locks[Running]; held {
		return PartialLock{}, lockDenied(Running, l.Session)
	}
	for _, l := range s.partial {
		for _, p := range nodes {
			if l.Session != x.id && l.scope.at(p) != nil {
				return PartialLock{}, l.denied()
			}
		}
	}
	s.lastLock++
	l := PartialLock{ID: s.lastLock, Session: x.id, Since: s.now(), Select: selects, Nodes: nodes}
	s.partial = append(s.partial, heldLock{l, scope})
	return l, nil
}

// mayLock refuses a lock of nodes that the session may not change, of which it would keep
// those away who may (RFC 5717 Section 3).
func (x *Session) mayLock(nodes []tree.Path) error {
	a := x.access()
	for _, p := range nodes {
		if !a.MayWrite(p) {
			return nacm.Denied(p.String())
		}
	}
	return nil
}

// denied refuses a lock because of l.
func (l heldLock) denied() *rpcerr.Error {
	e := lockDenied(Running, l.Session)
	e.Message = fmt.Sprintf("session %d holds a partial lock on running, number %d", l.Session, l.ID)
	return e
}

// PartialUnlock releases a partial lock of this session (RFC 5717 Section 2.4.2).
func (x *Session) PartialUnlock(id uint32) (err error) {
	defer func() { x.attempt(Called, "partial-unlock", Running.String()).end(err) }()
	x.store.mu.Lock()
	defer x.store.mu.Unlock()
	for i, l := range x.store.partial {
		if l.ID == id && l.Session == x.id {
			x.store.partial = append(x.store.partial[:i:i], x.store.partial[i+1:]...)
			return nil
		}
	}
	return rpcerr.New(rpcerr.InvalidValue, "", "this session holds no partial lock %d", id)
}

// PartialLocks returns the partial locks in the order they were taken.
func (s *Store) PartialLocks() []PartialLock {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]PartialLock, len(s.partial))
	for i, l := range s.partial {
		out[i] = l.PartialLock
		out[i].Nodes = l.scope.of(l.Nodes)
	}
	return out
}

// checkPartialLocks refuses a change within a partial lock of a session other than x,
// which is nil for the Store's own changes: nothing keeps those away. Cost is that of
// the change, for each lock.
func (s *Store) checkPartialLocks(x *Session, d *tree.Diff) error {
	if x == nil || d.Empty() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []*rpcerr.Error
	for _, l := range s.partial {
		if l.Session == x.id {
			continue
		}
		l.scope.touched(nil, d.Root, func(p tree.Path) {
			if len(errs) >= validate.DefaultMax {
				return
			}
			e := rpcerr.New(rpcerr.InUse, p.String(), "session %d has locked this part of running", l.Session)
			e.Type = rpcerr.Protocol
			e.Info = []rpcerr.Info{{Name: "session-id", Value: strconv.Itoa(int(l.Session))}}
			errs = append(errs, e.WithApp(AppLocked).WithReason(rpcerr.Conflict))
		})
	}
	return rpcerr.Join(errs)
}

// forgetDeleted takes nodes that d deletes out of the partial locks.
func (s *Store) forgetDeleted(d *tree.Diff) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.partial {
		if !d.Empty() {
			l.scope.forget(d.Root)
		}
	}
}

// releasePartial releases the partial locks of a session that has ended. It needs mu.
func (s *Store) releasePartial(x *Session) {
	var left []heldLock
	for _, l := range s.partial {
		if l.Session != x.id {
			left = append(left, l)
		}
	}
	s.partial = left
}
