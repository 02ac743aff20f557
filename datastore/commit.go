package datastore

import (
	"context"
	"errors"
	"fmt"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/failpoint"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

// commit makes a group of valid changes that the participants prepared for. Needs
// writer. When it returns nil they are durable, visible and applied; when it fails,
// nothing has changed anywhere.
func (s *Store) commit(ctx context.Context, group []*staged, prepared []Prepared) error {
	stored := false
	defer func() {
		if !stored {
			s.abort(prepared)
		}
	}()
	if err := s.persist(ctx, group); err != nil {
		return err
	}
	stored = true
	s.swap(group)
	s.apply(prepared)
	s.settle(group)
	s.followStartup(group) // its event comes after that of running
	return nil
}

// validate judges to as the successor of at. What a when forbids and the change
// itself did not write is removed first: see prune. Cost is that of what changes.
func (s *Store) validate(ctx context.Context, at *Snapshot, to *tree.Tree) (Change, error) {
	defer s.metrics.phase("validate")()
	old := at.Tree
	ch := Change{Old: old, New: to, Diff: tree.Compare(old, to)}
	errs := s.validator.Change(ctx, old, to, ch.Diff, validate.Options{Index: at.index})
	if len(errs) == 0 {
		return ch, s.access.check(ch)
	}
	pruned, err := s.prune(old, to)
	if err != nil {
		return ch, err
	}
	if pruned != to {
		ch.New, ch.Diff = pruned, tree.Compare(old, pruned)
		errs = s.validator.Change(ctx, old, pruned, ch.Diff, validate.Options{Index: at.index})
	}
	return ch, rpcerr.Join(append(errs, rpcerr.All(s.access.check(ch))...))
}

// prepare asks the participants in order, all of them, so that everything that is wrong is
// told; one refusal aborts those that agreed.
func (s *Store) prepare(ctx context.Context, ch Change) ([]Prepared, error) {
	defer s.metrics.phase("prepare")()
	if ch.Diff.Empty() {
		return nil, nil
	}
	var prepared []Prepared
	var refused []error
	for _, p := range s.participants {
		var x Prepared
		err := s.guarded(func() (err error) {
			x, err = p.Prepare(ctx, ch)
			return err
		})
		if err != nil {
			if refused = append(refused, fmt.Errorf("%s: %w", p.Name(), err)); ctx.Err() != nil {
				break
			}
			continue
		}
		prepared = append(prepared, x)
	}
	if len(refused) > 0 {
		s.abort(prepared)
		return nil, together(refused)
	}
	failpoint.At("datastore.prepared")
	return prepared, nil
}

// together makes one error of those of several participants.
func together(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	var all []*rpcerr.Error
	for _, err := range errs {
		all = append(all, rpcerr.All(err)...)
	}
	return rpcerr.Join(all)
}

// persist makes the group durable: one transaction with a commit for each change.
func (s *Store) persist(ctx context.Context, group []*staged) error {
	defer s.metrics.phase("persist")()
	txn := persist.Txn{Base: s.running.Load().Head.Revision, Pending: group[len(group)-1].pending}
	if txn.Base == 0 {
		txn.Modules = modules(s.schema)
	}
	for _, x := range group {
		if x.commits {
			records := persist.Records(x.change.Diff)
			x.next.Head.Records, x.next.Head.Size = persist.Count(records), persist.Size(records)
			txn.Commits = append(txn.Commits, persist.Commit{Head: x.next.Head, Records: records})
		}
	}
	if len(txn.Commits) == 0 && txn.Pending == s.pending.Load() {
		return nil
	}
	txn.Forget = s.history.forget(s.keep(group), s.now(), txn)
	err := s.backend.Commit(ctx, txn)
	failpoint.At("datastore.persisted")
	if errors.Is(err, persist.ErrStale) {
		return &rpcerr.Error{
			Tag: rpcerr.InUse, Reason: rpcerr.Conflict, Err: err,
			Message: "another writer changed the running datastore; read it and try again",
		}
	}
	if err != nil {
		s.log.Error("commit not durable, refused", "error", err)
		return &rpcerr.Error{
			Tag: rpcerr.OperationFailed, Err: err,
			Message: "the change could not be stored durably; running is unchanged",
		}
	}
	s.history.add(txn)
	return nil
}

// swap shows the new running to readers, who load the rules after it: so the rules go first,
// and nobody sees what is new by the old ones.
func (s *Store) swap(group []*staged) {
	next := group[len(group)-1].next
	s.access.changed(s.running.Load().Tree, next.Tree)
	s.running.Store(next)
	failpoint.At("datastore.swapped")
}

func (s *Store) apply(prepared []Prepared) {
	defer s.metrics.phase("apply")()
	for _, p := range prepared {
		_ = s.guarded(func() error { p.Apply(); return nil }) // running is this already
	}
}

// settle follows up on a group that was made.
func (s *Store) settle(group []*staged) {
	last := group[len(group)-1]
	_ = s.guarded(func() error { s.observeCommits(group, s.pending.Load()); return nil })
	_ = s.guarded(func() error { s.announce(group, s.pending.Load()); return nil })
	s.await(last.pending)
	for _, x := range group {
		s.forgetDeleted(x.change.Diff)
		if x.turn.after != nil {
			_ = s.guarded(func() error { x.turn.after(x.next); return nil }) // it is made already
		}
	}
}

// abort undoes preparations, newest first.
func (s *Store) abort(prepared []Prepared) {
	for i := len(prepared) - 1; i >= 0; i-- {
		_ = s.guarded(func() error { prepared[i].Abort(); return nil })
	}
}
