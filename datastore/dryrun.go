package datastore

import (
	"context"
	"slices"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Effect is something that a Participant would change outside the datastores.
type Effect struct {
	Resource string // what it is about, as its owner names it
	Action   string // add, change, remove, rebuild, listen
	Detail   string // one sentence, may be empty
	// More writes what modules of the Participant's own add to the entry of this effect;
	// nil: nothing. It may be called after the change was abandoned, and takes its time then.
	More func(*Writer)
}

// Effecter is a Prepared that can tell what Apply will change.
type Effecter interface{ Effects() []Effect }

// Outcome is what a change of running would do.
type Outcome struct {
	Change  Change
	Errors  []*rpcerr.Error // all that is wrong; the change would be refused
	Effects []Effect        // only without errors
}

// TryEdit tells what Edit of running would do.
func (x *Session) TryEdit(ctx context.Context, e *edit.Edit, o EditOptions) *Outcome {
	return x.dry("edit-config", func(a *attempt) *Outcome { return x.tryEdit(ctx, e, o, a) })
}

func (x *Session) tryEdit(ctx context.Context, e *edit.Edit, o EditOptions, a *attempt) *Outcome {
	return x.try(ctx, true, func(at *Snapshot) (*tree.Tree, error) {
		blind := x.blind(e)
		next, err := x.store.rebased(ctx, at, o.Base, func(base *tree.Tree) (*tree.Tree, error) {
			next, failed := edit.Apply(base, e, edit.Options{ContinueOnError: true, Hidden: x.hidden(base)})
			if next == nil {
				return nil, failed
			}
			next, err := x.store.normalized(base, next)
			return next, rpcerr.Join(append(rpcerr.All(failed), rpcerr.All(err)...))
		})
		a.would(at.Tree, next)
		return x.judged(at.Tree, next, rpcerr.Join(append(rpcerr.All(blind), rpcerr.All(err)...)))
	})
}

// TryCommit tells what Commit would do, were there no confirmed commit that waits.
func (x *Session) TryCommit(ctx context.Context) *Outcome {
	return x.dry("commit", func(a *attempt) *Outcome {
		return x.try(ctx, true, func(at *Snapshot) (*tree.Tree, error) {
			to := x.store.candidate.Load().on(at.Tree)
			a.would(at.Tree, to)
			return x.judged(at.Tree, to, x.checkLock(Candidate))
		})
	})
}

// TryRollback tells what Rollback would do.
func (x *Session) TryRollback(ctx context.Context, n uint64) *Outcome {
	return x.dry("rollback", func(a *attempt) *Outcome {
		return x.try(ctx, true, func(at *Snapshot) (*tree.Tree, error) {
			to, err := x.store.sealedAt(ctx, at, n)
			a.would(at.Tree, to)
			return x.judged(at.Tree, to, err)
		})
	})
}

// dry tells the observer of a change of running that try only tries.
func (x *Session) dry(operation string, try func(*attempt) *Outcome) *Outcome {
	a := x.attempt(Edited, operation, Running.String())
	a.DryRun = true
	out := try(a)
	a.end(rpcerr.Join(out.Errors))
	return out
}

// Validate judges a configuration datastore as a commit would, the participants
// included (RFC 6241 Section 8.6.4.1).
func (x *Session) Validate(ctx context.Context, ds Datastore) error {
	if ds == Operational {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the operational datastore cannot be validated")
	}
	if err := x.store.known(ds); err != nil {
		return err
	}
	return x.validated(ctx, false, func(at *Snapshot) (*tree.Tree, error) {
		to := at.Tree
		switch ds {
		case Candidate:
			to = x.store.candidate.Load().on(at.Tree)
		case Startup:
			to = x.store.current(Startup)
		}
		return to, x.referred(at.Tree, to)
	})
}

// ValidateTree judges a complete configuration likewise. Cost is that of how it
// differs from running.
func (x *Session) ValidateTree(ctx context.Context, t *tree.Tree) error {
	return x.validated(ctx, false, func(*Snapshot) (*tree.Tree, error) { return t, nil })
}

// try makes the change of running by plan up to where it would become durable, and
// abandons it. Writers wait for it. Errors of plan count besides those of the tree
// that it returns; locked tells whether locks do. Where ctx has ended before its turn came
// nothing is tried.
func (x *Session) try(ctx context.Context, locked bool, plan func(at *Snapshot) (*tree.Tree, error)) *Outcome {
	x.store.writer.Lock()
	defer x.store.writer.Unlock()
	if err := ctx.Err(); err != nil {
		now := x.store.running.Load().Tree
		gone := &rpcerr.Error{Tag: rpcerr.OperationFailed, Err: err, Message: "the request ended before its turn came"}
		return &Outcome{Change: Change{Old: now, New: now, Diff: &tree.Diff{}}, Errors: []*rpcerr.Error{gone}}
	}
	return x.tryLocked(ctx, locked, plan)
}

// tryLocked is try with writer held. The outcome is what the session may see of it.
func (x *Session) tryLocked(ctx context.Context, locked bool, plan func(at *Snapshot) (*tree.Tree, error)) *Outcome {
	out := x.tried(ctx, locked, plan)
	a := x.access()
	if a == nil {
		return out
	}
	out.Errors = rpcerr.All(x.told(rpcerr.Join(out.Errors)))
	if c := &out.Change; !c.Diff.Empty() {
		c.Old, c.New = a.Prune(c.Old, nil), a.Prune(c.New, nil)
		c.Diff = tree.Compare(c.Old, c.New)
	}
	if !a.Unrestricted() { // effects name what is in the data
		out.Effects = nil
	}
	return out
}

// tried is tryLocked for one who may see everything.
func (x *Session) tried(ctx context.Context, locked bool, plan func(at *Snapshot) (*tree.Tree, error)) *Outcome {
	s := x.store
	at := s.running.Load()
	var errs []*rpcerr.Error
	if locked {
		errs = slices.Clip(rpcerr.All(x.checkLocks())) // first, as where the change is made
	}
	to, err := plan(at)
	errs = append(errs, rpcerr.All(err)...)
	if to == nil {
		return &Outcome{Change: Change{Old: at.Tree, New: at.Tree, Diff: &tree.Diff{}}, Errors: errs}
	}
	ch, invalid := s.validate(ctx, at, to)
	out := &Outcome{Change: ch, Errors: append(errs, rpcerr.All(invalid)...)}
	if locked {
		out.Errors = append(out.Errors, rpcerr.All(s.checkPartialLocks(x, ch.Diff))...)
	}
	if len(out.Errors) > 0 {
		return out
	}
	prepared, err := s.prepare(ctx, ch)
	defer s.abort(prepared)
	out.Errors = rpcerr.All(err)
	for _, p := range prepared {
		if e, ok := p.(Effecter); ok {
			out.Effects = append(out.Effects, e.Effects()...)
		}
	}
	return out
}
