package datastore

import (
	"context"
	"runtime/debug"
	"sync"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// turn is one change of running that waits to be made. Turns that wait at the same
// time are made together: see queue.
type turn struct {
	ctx     context.Context
	session *Session     // whose locks count; nil for the Store's own changes
	head    persist.Head // Kind, Comment and Label; the Store fills in the rest
	// plan returns what running shall be, given what it is when the turn comes. It
	// changes nothing, and may be asked again when the first answer came to nothing.
	plan func(at *Snapshot) (*tree.Tree, error)
	// confirm returns what waits for a confirming commit after the turn, given what
	// waits before it; nil keeps it.
	confirm func(at *Snapshot, now *persist.Pending) (*persist.Pending, error)
	// after, where set, sees running as the turn left it.
	after func(*Snapshot)
	// attempt is what the observer is told of; nil for the Store's own changes.
	attempt *attempt
	// expired tells of a turn that takes back what was not confirmed in time.
	expired bool
	// alone tells that confirm or plan look at what the turns before leave in the
	// Store besides running, so that it is in no group with others.
	alone bool

	err  error     // a fault until the turn is made or refused
	wake chan bool // true: lead the next group; false: the turn is over
}

// queue brings the turns in order. Whoever comes while nobody leads becomes the
// leader: it takes writer, makes all turns that wait by then as one group, wakes
// their owners and hands over to the first that came meanwhile. So many writers share
// one durable transaction.
type queue struct {
	mu      sync.Mutex
	waiting []*turn
	led     bool
}

// most is the number of turns in a group.
const most = 256

// submit makes t, or refuses it. What the Store does by itself is made also where the
// observer is not ready.
func (s *Store) submit(t *turn) error {
	if t.session != nil {
		if err := s.ready(); err != nil {
			return err
		}
		user := t.session.user.Name
		if err := s.budget.queued(user); err != nil {
			return err
		}
		defer s.budget.left(user)
	}
	t.wake = make(chan bool, 1)
	if s.queue.enter(t) || <-t.wake {
		s.lead(t)
	}
	return t.err
}

// enter tells whether t has to lead.
func (q *queue) enter(t *turn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, t)
	first := !q.led
	q.led = true
	return first
}

// take returns the turns to make now.
func (q *queue) take() []*turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 1
	for n < min(len(q.waiting), most) && !q.waiting[n-1].alone && !q.waiting[n].alone {
		n++
	}
	group := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return group
}

// pass makes the first who waits the leader.
func (q *queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.led, q.waiting = false, nil
		return
	}
	q.waiting[0].wake <- true
}

// lead makes a group that t, the first to wait, is in. Should it panic, what is not
// made yet is refused and the panic goes on in t's goroutine.
func (s *Store) lead(t *turn) {
	s.writer.Lock()
	group := s.queue.take()
	defer func() {
		for _, x := range group {
			if x != t {
				x.wake <- false
			}
		}
		s.writer.Unlock()
		s.queue.pass()
	}()
	for _, x := range group {
		x.err = fault()
	}
	s.make(group)
}

// guarded returns what f does; a panic of f is logged and an error.
func (s *Store) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a change of a datastore", "panic", p, "stack", string(debug.Stack()))
			err = fault()
		}
	}()
	return f()
}

func fault() error {
	return &rpcerr.Error{
		Tag: rpcerr.OperationFailed, Reason: rpcerr.Internal,
		Message: "the change was given up because of a fault of this program",
	}
}
