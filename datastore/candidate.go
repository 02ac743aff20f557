package datastore

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// workspace is a candidate with changes: tree grew out of base, which was running.
type workspace struct {
	base, tree *tree.Tree
	changed    time.Time               // no two workspaces have the same
	newest     atomic.Pointer[rebased] // what on returned last
}

// rebased is a candidate on top of a newer running.
type rebased struct{ running, tree *tree.Tree }

// candidateTree is the candidate as it stands: running with the candidate's changes.
// What other writers change in running shows up in it, so that a commit does not take
// it back; where both changed one node, the candidate's stays.
func (s *Store) candidateTree() *tree.Tree { return s.candidate.Load().on(s.running.Load().Tree) }

// on is the candidate on top of a running that may be newer than its base. A nil
// workspace has no changes.
func (c *workspace) on(running *tree.Tree) *tree.Tree {
	switch {
	case c == nil:
		return running
	case c.base == running:
		return c.tree
	}
	if r := c.newest.Load(); r != nil && r.running == running {
		return r.tree
	}
	merged, _ := tree.Merge(c.base, c.tree, running)
	c.newest.Store(&rebased{running, merged})
	return merged
}

// snapshot is the candidate on top of running; nil is running.
func (c *workspace) snapshot(running *Snapshot) *Snapshot {
	if c == nil {
		return running
	}
	return &Snapshot{
		Tree: c.on(running.Tree), Head: running.Head,
		whole: &tree.Mark{Revision: running.Head.Revision, Time: c.changed},
	}
}

// setCandidate needs writer.
func (s *Store) setCandidate(t *tree.Tree) {
	now := s.now().UTC()
	if !now.After(s.edited) {
		now = s.edited.Add(1)
	}
	s.edited = now
	s.candidate.Store(&workspace{base: s.running.Load().Tree, tree: t, changed: now})
}

// candidateChanged needs writer.
func (s *Store) candidateChanged() bool {
	return s.candidate.Load() != nil && !tree.Compare(s.running.Load().Tree, s.candidateTree()).Empty()
}

// changeCandidate lets plan change the candidate.
func (x *Session) changeCandidate(ctx context.Context, o EditOptions, plan func(at *Snapshot) (*tree.Tree, error)) error {
	s := x.store
	s.writer.Lock()
	defer s.writer.Unlock()
	if err := x.checkLock(Candidate); err != nil {
		return err
	}
	t, err := plan(s.Snapshot(Candidate))
	if err != nil {
		return err
	}
	if o.Test == TestOnly || o.Test == TestThenSet {
		out := x.tryLocked(ctx, false, func(at *Snapshot) (*tree.Tree, error) { return t, x.referred(at.Tree, t) })
		if len(out.Errors) > 0 || o.Test == TestOnly {
			return rpcerr.Join(out.Errors)
		}
	}
	s.setCandidate(t)
	if o.After != nil {
		o.After(s.Snapshot(Candidate))
	}
	return nil
}

// Discard makes the candidate equal to running (RFC 6241 Section 8.3.4.2).
func (x *Session) Discard(context.Context) (err error) {
	a := x.attempt(Edited, "discard-changes", Candidate.String())
	defer func() { a.end(err) }()
	x.store.writer.Lock()
	defer x.store.writer.Unlock()
	if err := x.checkLock(Candidate); err != nil {
		return err
	}
	a.would(x.store.candidateTree(), x.store.running.Load().Tree)
	x.store.candidate.Store(nil)
	return nil
}

// CommitOptions are the parameters of a commit of the candidate.
type CommitOptions struct {
	Comment, Label string
	// Confirm, where set, makes it a confirmed commit.
	Confirm *Confirm
	// PersistID names the confirmed commit that this one confirms or follows up.
	PersistID string
}

// Commit makes running equal to the candidate (RFC 6241 Section 8.3.4.1), and
// confirms a confirmed commit (RFC 6241 Section 8.4.1). A failed commit leaves both
// as they were.
func (x *Session) Commit(ctx context.Context, o CommitOptions) (err error) {
	s, a := x.store, x.attempt(Edited, "commit", Running.String())
	defer func() { a.end(err) }()
	t := x.turn(ctx, EditOptions{Comment: o.Comment, Label: o.Label})
	t.alone, t.attempt = true, a
	if o.Confirm != nil {
		t.head.Kind = kindConfirmed
	}
	t.plan = func(at *Snapshot) (*tree.Tree, error) {
		if err := x.checkLock(Candidate); err != nil {
			return nil, err
		}
		to := s.candidate.Load().on(at.Tree)
		a.would(at.Tree, to)
		return x.judged(at.Tree, to, nil)
	}
	t.confirm = func(at *Snapshot, now *persist.Pending) (*persist.Pending, error) {
		return x.confirms(at, now, o)
	}
	t.after = func(*Snapshot) { s.candidate.Store(nil) }
	return x.told(s.submit(t))
}
