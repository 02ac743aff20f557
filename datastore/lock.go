package datastore

import (
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// Lock is a held global lock.
type Lock struct {
	Session uint32
	Since   time.Time
}

// Lock takes the global lock of a datastore (RFC 6241 Section 7.5). It is
// refused with lock-denied while another session, or this one, holds it, and on
// a candidate with changes that nobody committed or discarded, and on running while
// partial locks are held or a confirmed commit of another session waits.
func (x *Session) Lock(ds Datastore) (err error) {
	s := x.store
	defer func() { x.attempt(Called, "lock", ds.String()).end(err) }()
	if err := s.writable(ds); err != nil {
		return err
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := x.open(); err != nil {
		return err
	}
	if l, held := s.locks[ds]; held {
		return lockDenied(ds, l.Session)
	}
	if ds == Running && len(s.partial) > 0 {
		return s.partial[0].denied()
	}
	if p := s.pending.Load(); ds == Running && p != nil && p.Session != x.id {
		return s.awaited(p)
	}
	if ds == Candidate && s.candidateChanged() {
		e := lockDenied(ds, 0)
		e.Message = "the candidate datastore has changes that were neither committed nor discarded"
		return e
	}
	s.locks[ds] = Lock{Session: x.id, Since: s.now()}
	return nil
}

// awaited denies a lock while p waits. It needs mu.
func (s *Store) awaited(p *persist.Pending) *rpcerr.Error {
	holder := p.Session
	if s.sessions[holder] == nil {
		holder = 0
	}
	e := lockDenied(Running, holder)
	e.Message = "a confirmed commit of another session waits for its confirmation"
	return e
}

// Unlock releases a lock this session holds; on the candidate it discards what
// was not committed (RFC 6241 Section 8.3.5.2). Without the lock the error is operation-failed
// (RFC 6241 Section 7.6).
func (x *Session) Unlock(ds Datastore) (err error) {
	s := x.store
	defer func() { x.attempt(Called, "unlock", ds.String()).end(err) }()
	if err := s.writable(ds); err != nil {
		return err
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	l, held := s.locks[ds]
	if !held {
		return rpcerr.NewProtocol(rpcerr.OperationFailed, "the %s datastore is not locked", ds)
	}
	if l.Session != x.id {
		return rpcerr.NewProtocol(rpcerr.OperationFailed, "session %d holds the lock on the %s datastore", l.Session, ds)
	}
	s.unlock(ds)
	return nil
}

// Locks returns the held locks.
func (s *Store) Locks() map[Datastore]Lock {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[Datastore]Lock, len(s.locks))
	for ds, l := range s.locks {
		out[ds] = l
	}
	return out
}

// unlock needs writer and mu.
func (s *Store) unlock(ds Datastore) {
	delete(s.locks, ds)
	if ds == Candidate {
		s.candidate.Store(nil)
	}
}

// releaseLocks does not wait for writers when there is nothing to release.
func (s *Store) releaseLocks(x *Session) {
	if !s.holdsLock(x) {
		return
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for ds, l := range s.locks {
		if l.Session == x.id {
			s.unlock(ds)
		}
	}
	s.releasePartial(x)
}

func (s *Store) holdsLock(x *Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.partial {
		if l.Session == x.id {
			return true
		}
	}
	for _, l := range s.locks {
		if l.Session == x.id {
			return true
		}
	}
	return false
}

// open refuses what a session asks for after its end. It needs mu.
func (x *Session) open() error {
	if x.store.sessions[x.id] != x {
		return rpcerr.NewProtocol(rpcerr.OperationFailed, "session %d has ended", x.id)
	}
	return nil
}

// checkLock refuses a write by x to ds while another session holds its lock, and
// after the end of x.
func (x *Session) checkLock(ds Datastore) error {
	x.store.mu.Lock()
	defer x.store.mu.Unlock()
	if err := x.open(); err != nil {
		return err
	}
	if l, held := x.store.locks[ds]; held && l.Session != x.id {
		return &rpcerr.Error{
			Type: rpcerr.Protocol, Tag: rpcerr.InUse, Reason: rpcerr.Conflict,
			Message: "session " + strconv.Itoa(int(l.Session)) + " holds the lock on the " + ds.String() + " datastore",
		}
	}
	return nil
}

// checkLocks is checkLock of what an edit of running by x changes.
func (x *Session) checkLocks() error {
	err := x.checkLock(Running)
	if err == nil && x.updatesStartup() {
		err = x.checkLock(Startup)
	}
	return err
}

func lockDenied(ds Datastore, holder uint32) *rpcerr.Error {
	id := strconv.FormatUint(uint64(holder), 10)
	return &rpcerr.Error{
		Type: rpcerr.Protocol, Tag: rpcerr.LockDenied,
		Message: "session " + id + " holds the lock on the " + ds.String() + " datastore",
		Info:    []rpcerr.Info{{Name: "session-id", Value: id}},
	}
}
