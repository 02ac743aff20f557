package datastore

import (
	"context"
	"fmt"
	"slices"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// cleared tells whether a backend is to be scrubbed, as t, which it holds, or its history has
// secrets in clear, or as a start of before had to and has ended too early. From then on the
// backend knows, until it is done. Where t has secrets that do not open it is not told yet:
// who goes on finds it again.
func (s *Store) cleared(ctx context.Context, b persist.Backend, state persist.State, t *tree.Tree) (bool, error) {
	if s.sealer == nil || state.Scrub {
		return state.Scrub, nil
	}
	if !s.inClear(t) && !s.clearBefore(ctx, b, state, t) {
		return false, nil
	}
	if err := b.Commit(ctx, persist.Txn{Base: state.Head.Revision, Pending: state.Pending, Scrub: true}); err != nil {
		return false, fmt.Errorf("mark secrets in clear: %w", err)
	}
	return true, nil
}

// inClear tells whether t has secrets in clear, as far as all others open.
func (s *Store) inClear(t *tree.Tree) bool {
	_, n, _, err := s.sealer.Reseal(t)
	return err == nil && n > 0
}

// bringsClear tells whether next has secrets in clear that base has not, as far as all other
// secrets that it brings open. Cost is that of the difference.
func (s *Store) bringsClear(base, next *tree.Tree) bool {
	sealed, err := s.sealed(base, next)
	return err == nil && sealed.Root() != next.Root()
}

// clearBefore tells whether a commit of before has secrets in clear. Only a program with other
// modules can have made it, so it does not look where all are the same. Cost is that of the
// history.
func (s *Store) clearBefore(ctx context.Context, b persist.Backend, state persist.State, t *tree.Tree) bool {
	if slices.Equal(state.Modules, modules(s.schema)) {
		return false
	}
	for n := state.Head.Revision; n > 0; n-- {
		undo, err := b.Undo(ctx, n)
		if err != nil {
			return false // nothing leads further back
		}
		before, _ := persist.Apply(s.schema, t, undo) // what the modules have no room for is no secret that is known
		if s.bringsClear(t, before) {
			return true
		}
		t = before
	}
	return false
}

// scrub removes from the files what was there in clear once. It is tried again at the next
// start when it fails: what is stored is sealed already.
func (s *Store) scrub(ctx context.Context, b persist.Backend, of Datastore) {
	if err := b.Scrub(ctx); err != nil {
		s.log.Error("the file still has remnants of secrets in clear; the next start removes them", "datastore", of.String(), "error", err)
		return
	}
	s.log.Info("the file was written anew, without remnants of secrets in clear", "datastore", of.String())
}
