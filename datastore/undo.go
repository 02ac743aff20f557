package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// undone is what taking back the confirmed commits on top of commit base makes of at: whole,
// which is running as base left it. Where others have changed running since, and those who
// made the confirmed commits may not take that back, it is at without the confirmed commits
// alone, as long as that is valid: otherwise a confirmed commit of what one may change would
// be a way to undo everything else. Cost is that of what has changed since base.
func (s *Store) undone(ctx context.Context, at *Snapshot, base uint64, whole *tree.Tree) (*tree.Tree, error) {
	var own []uint64 // newest first
	allowed := true
	d := tree.Compare(at.Tree, whole)
	err := s.Commits(ctx, 0, func(h persist.Head) bool {
		if h.Revision > base && h.Kind == kindConfirmed {
			own = append(own, h.Revision)
			allowed = allowed && s.access.of(User{Name: h.User}).Judge(d) == nil
		}
		return h.Revision > base
	})
	if err != nil || allowed || len(own) == 0 {
		return whole, err
	}
	t := at.Tree
	for _, n := range own {
		after, err := s.At(ctx, n)
		if err != nil {
			return nil, err
		}
		before := tree.New(s.schema.Root)
		if n > 1 {
			if before, err = s.At(ctx, n-1); err != nil {
				return nil, err
			}
		}
		t, _ = tree.Merge(after, before, t)
	}
	if _, err := s.validate(ctx, at, t); err != nil {
		return whole, nil // others built on what was not confirmed
	}
	return t, nil
}
