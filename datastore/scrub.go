package datastore

import (
	"context"
	"fmt"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// cleared tells whether a backend is to be scrubbed, as t, which it holds, has secrets in
// clear, or as a start of before had to and has ended too early. From then on the backend
// knows, until it is done. Where t has secrets that do not open it is not told yet.
func (s *Store) cleared(ctx context.Context, b persist.Backend, state persist.State, t *tree.Tree) (bool, error) {
	if s.sealer == nil || state.Scrub {
		return state.Scrub, nil
	}
	if _, inClear, _, err := s.sealer.Reseal(t); err != nil || inClear == 0 {
		return false, nil // who goes on finds it again
	}
	if err := b.Commit(ctx, persist.Txn{Base: state.Head.Revision, Pending: state.Pending, Scrub: true}); err != nil {
		return false, fmt.Errorf("mark secrets in clear: %w", err)
	}
	return true, nil
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
