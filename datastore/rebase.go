package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// AppConflict is the error-app-tag of an edit that collides with a later commit.
const AppConflict = "conflict"

// rebased lets build change running as of commit base, and joins that with what was
// committed since. With base 0 build changes at itself. It fails with an error for
// each node that both changed; what it returns besides is for a dry run.
func (s *Store) rebased(ctx context.Context, at *Snapshot, base uint64, build func(*tree.Tree) (*tree.Tree, error)) (*tree.Tree, error) {
	if base == 0 || base == at.Head.Revision {
		return build(at.Tree)
	}
	then, err := s.At(ctx, base)
	if err != nil {
		return nil, err
	}
	mine, err := build(then)
	if mine == nil {
		return nil, err
	}
	merged, conflicts := tree.Merge(then, mine, at.Tree)
	errs := rpcerr.All(err)
	for _, p := range conflicts {
		errs = append(errs, rpcerr.New(rpcerr.OperationFailed, p.String(),
			"this node was changed since commit %d, which the edit is based on; running is at commit %d now: read it and try again",
			base, at.Head.Revision).WithApp(AppConflict).WithReason(rpcerr.Conflict))
	}
	return merged, rpcerr.Join(errs)
}
