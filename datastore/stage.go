package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// staged is a turn whose change is valid, on top of those staged before it.
type staged struct {
	turn    *turn
	change  Change
	next    *Snapshot
	commits bool             // next is a commit of its own, not the one before
	pending *persist.Pending // what waits for its confirmation afterwards
}

// make makes the turns of a group, each as a whole or not at all: first together, and
// when a participant refuses that, one after the other. Needs writer.
func (s *Store) make(group []*turn) {
	done := make([]func(error), len(group))
	for i := range group {
		done[i] = s.metrics.commit()
	}
	if !s.attempt(group) && len(group) > 1 {
		for i := range group {
			s.attempt(group[i : i+1])
		}
	}
	for i, t := range group {
		done[i](t.err)
	}
}

// attempt makes those turns of a group together that are valid, all or none; the
// others are refused. It tells whether the participants agreed; they are not asked where
// several turns change the rules of access control.
func (s *Store) attempt(group []*turn) (agreed bool) {
	l := s.stage(group)
	if len(l) == 0 {
		return true
	}
	if len(group) > 1 && s.access.differs(l[0].change.Old, l[len(l)-1].next.Tree) {
		return false // those behind new rules are judged by them
	}
	ctx := l[0].turn.ctx
	if len(l) > 1 {
		ctx = context.WithoutCancel(ctx)
	}
	prepared, err := s.prepare(ctx, s.joint(l))
	if agreed = err == nil; agreed {
		err = s.commit(ctx, l, prepared)
	}
	for _, x := range l {
		x.turn.err = err
	}
	return agreed
}

// stage plans and validates turns one on top of the other and returns those that
// stand; the others have their error. Needs writer.
func (s *Store) stage(group []*turn) []*staged {
	at, pending := s.running.Load(), s.pending.Load()
	var out []*staged
	for _, t := range group {
		var x *staged
		err := s.guarded(func() (err error) {
			x, err = s.stageOne(t, at, pending)
			return err
		})
		if err != nil {
			t.err = err
			continue
		}
		out = append(out, x)
		at, pending = x.next, x.pending
	}
	return out
}

func (s *Store) stageOne(t *turn, at *Snapshot, pending *persist.Pending) (*staged, error) {
	if t.session != nil {
		if err := t.session.checkLocks(); err != nil {
			return nil, err
		}
	}
	x := &staged{turn: t, pending: pending}
	if t.confirm != nil {
		var err error
		if x.pending, err = t.confirm(at, pending); err != nil {
			return nil, err
		}
	}
	to, err := t.plan(at)
	if err != nil {
		return nil, err
	}
	if x.change, err = s.validate(t.ctx, at, to); err != nil {
		return nil, err
	}
	if err := s.checkPartialLocks(t.session, x.change.Diff); err != nil {
		return nil, err
	}
	x.next = at
	if x.commits = !x.change.Diff.Empty() || at.Head.Revision == 0; x.commits {
		h := s.head(t, at)
		if x.change, err = marked(x.change, markOf(h)); err != nil {
			return nil, err
		}
		x.next = &Snapshot{Tree: x.change.New, Head: h, index: at.index.Update(at.Tree, x.change.New, x.change.Diff)}
	}
	return x, nil
}

// marked is the change with marks on what it changes. New is made of Old anew: what
// the change left alone keeps its marks, whatever way the planned tree came about.
func marked(c Change, by *tree.Mark) (Change, error) {
	if c.Diff.Empty() {
		c.New = c.New.MarkAll(by)
		return c, nil
	}
	next, err := c.Diff.ApplyMarked(c.Old, by)
	if err != nil {
		return c, err
	}
	c.New, c.Diff = next, tree.Compare(c.Old, next)
	return c, nil
}

// markOf is the mark of what a commit changes.
func markOf(h persist.Head) *tree.Mark { return &tree.Mark{Revision: h.Revision, Time: h.Time} }

// head is the metadata of the commit that t makes on top of at.
func (s *Store) head(t *turn, at *Snapshot) persist.Head {
	h := t.head
	h.Revision, h.Time = at.Head.Revision+1, s.now().UTC()
	if x := t.session; x != nil {
		h.User, h.Protocol, h.Address, h.Session = x.user.Name, x.source.Protocol, x.source.Address, x.id
	}
	return h
}

// joint is the change that a group makes, its trees the whole of running before and
// after.
func (s *Store) joint(group []*staged) Change {
	if len(group) == 1 {
		return group[0].change
	}
	c := Change{Old: s.running.Load().Tree, New: group[len(group)-1].next.Tree}
	c.Diff = tree.Compare(c.Old, c.New)
	return c
}
