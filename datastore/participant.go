package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/tree"
)

// Participant must agree to every change of running, the first one at Start
// included, where Old is empty.
type Participant interface {
	// Name is for logs and errors.
	Name() string
	// Prepare does everything of the change that can fail, and leaves no trace
	// that is seen from outside. An error refuses the change; it should be an
	// *rpcerr.Error or rpcerr.List that names nodes. It is called by one
	// goroutine at a time and never again before Apply or Abort of its result, and
	// also where another participant has refused, so that all errors are told.
	Prepare(ctx context.Context, c Change) (Prepared, error)
}

// Prepared is a change that a Participant agreed to. Exactly one of its methods
// is called, once; neither can fail.
type Prepared interface {
	Apply()
	Abort()
}

// Change is a change of running. The trees are the whole of running before and
// after, immutable and to keep as long as wanted.
type Change struct {
	Old, New *tree.Tree
	Diff     *tree.Diff
	// Resumed tells that New was running before a restart: it was agreed to then, and
	// to refuse it now keeps the whole server from starting.
	Resumed bool
}
