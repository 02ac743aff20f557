package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
)

// undone is what taking back the confirmed commits that p stands for makes of at: whole,
// which is running as of before them. Where others have changed running since, and those
// who made the confirmed commits may not take that back, it is at without the confirmed
// commits alone, and at itself where that is not valid, as others built on them: otherwise a
// confirmed commit of what one may change, or of nothing, would be a way to undo everything
// else. Cost is that of what has changed since.
func (s *Store) undone(ctx context.Context, at *Snapshot, p *persist.Pending, whole *tree.Tree) (*tree.Tree, error) {
	var own []uint64 // newest first
	d := tree.Compare(at.Tree, whole)
	allowed := s.mayUndo(p.User, d)
	err := s.Commits(ctx, 0, func(h persist.Head) bool {
		if h.Revision > p.Base && h.Kind == kindConfirmed {
			own = append(own, h.Revision)
			allowed = allowed && s.mayUndo(h.User, d)
		}
		return h.Revision > p.Base
	})
	if err != nil || allowed {
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
		s.log.Warn("a confirmed commit stays: others, whose changes its user may not take back, built on it", "user", p.User, "error", err)
		return at.Tree, nil
	}
	return t, nil
}

func (s *Store) mayUndo(user string, d *tree.Diff) bool {
	return s.access.of(User{Name: user}).Judge(d) == nil
}
