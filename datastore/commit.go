package datastore

import (
	"context"
	"errors"
	"fmt"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

// change is a request to make running equal to a tree.
type change struct {
	to          *tree.Tree
	by, comment string
	source      Source
	session     uint32
}

// commit makes running equal to c.to. Needs writer. When it returns nil the
// change is valid, agreed, durable, visible and applied; when it fails, nothing
// has changed anywhere.
func (s *Store) commit(ctx context.Context, c change) (err error) {
	done := s.metrics.commit()
	defer func() { done(err) }()

	old := s.running.Load()
	ch, err := s.validate(ctx, c.to)
	if err != nil {
		return err
	}
	if ch.Diff.Root == nil && old.Head.Revision > 0 {
		return nil
	}
	prepared, err := s.prepare(ctx, ch)
	if err != nil {
		return err
	}
	next, err := s.persist(ctx, old, ch, c)
	if err != nil {
		abort(prepared)
		return err
	}
	s.swap(next)
	s.apply(prepared)
	return nil
}

// validate judges to as the successor of running. What a when forbids and the
// change itself did not write is removed first: see prune. A valid change costs
// what it touches; only one with errors is looked at whole.
func (s *Store) validate(ctx context.Context, to *tree.Tree) (Change, error) {
	defer s.metrics.phase("validate")()
	old := s.running.Load().Tree
	ch := Change{Old: old, New: to, Diff: tree.Compare(old, to)}
	errs := s.validator.Change(ctx, old, to, ch.Diff, validate.Options{})
	if len(errs) == 0 {
		return ch, nil
	}
	pruned, err := s.prune(to)
	if err != nil {
		return ch, err
	}
	if pruned != to {
		ch.New, ch.Diff = pruned, tree.Compare(old, pruned)
		errs = s.validator.Change(ctx, old, pruned, ch.Diff, validate.Options{})
	}
	return ch, rpcerr.Join(errs)
}

// prepare asks the participants in order; the first refusal aborts those that agreed.
func (s *Store) prepare(ctx context.Context, ch Change) ([]Prepared, error) {
	defer s.metrics.phase("prepare")()
	var prepared []Prepared
	for _, p := range s.participants {
		x, err := p.Prepare(ctx, ch)
		if err != nil {
			abort(prepared)
			return nil, fmt.Errorf("%s: %w", p.Name(), err)
		}
		prepared = append(prepared, x)
	}
	return prepared, nil
}

// persist makes the change durable.
func (s *Store) persist(ctx context.Context, old *Snapshot, ch Change, c change) (*Snapshot, error) {
	defer s.metrics.phase("persist")()
	head := persist.Head{
		Revision: old.Head.Revision + 1, Time: s.now().UTC(),
		User: c.by, Protocol: c.source.Protocol, Address: c.source.Address, Session: c.session, Comment: c.comment,
	}
	err := s.backend.Commit(ctx, persist.Txn{Base: old.Head.Revision, Commits: []persist.Commit{{
		Head: head, Records: persist.Records(ch.Diff),
	}}})
	if errors.Is(err, persist.ErrStale) {
		return nil, &rpcerr.Error{
			Tag: rpcerr.InUse, Reason: rpcerr.Conflict, Err: err,
			Message: "another writer changed the running datastore; read it and try again",
		}
	}
	if err != nil {
		s.log.Error("commit not durable, refused", "error", err)
		return nil, &rpcerr.Error{
			Tag: rpcerr.OperationFailed, Err: err,
			Message: "the change could not be stored durably; running is unchanged",
		}
	}
	return &Snapshot{Tree: ch.New, Head: head}, nil
}

// swap shows the new running to readers. A candidate without changes follows.
func (s *Store) swap(next *Snapshot) {
	if !s.candidateChanged() {
		s.candidate.Store(nil)
	}
	s.running.Store(next)
}

func (s *Store) apply(prepared []Prepared) {
	defer s.metrics.phase("apply")()
	for _, p := range prepared {
		p.Apply()
	}
}

// abort undoes preparations, newest first.
func abort(prepared []Prepared) {
	for i := len(prepared) - 1; i >= 0; i-- {
		prepared[i].Abort()
	}
}

// candidateChanged needs writer.
func (s *Store) candidateChanged() bool {
	c := s.candidate.Load()
	return c != nil && tree.Compare(s.running.Load().Tree, c).Root != nil
}
