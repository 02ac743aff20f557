package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// TestOption is edit-config's test-option (RFC 6241 Section 7.2).
type TestOption uint8

// The test options. TestDefault validates what goes into running and takes into
// the candidate what may still be incomplete.
const (
	TestDefault TestOption = iota
	TestThenSet
	TestSet
	TestOnly
)

// EditOptions are the parameters of an edit.
type EditOptions struct {
	Test TestOption
	// ContinueOnError applies what can be applied and reports the rest.
	// Otherwise an edit is made as a whole or not at all.
	ContinueOnError bool
	// Comment and Label go into the history of running.
	Comment, Label string
	// Base, where not 0, is the commit that the writer of an edit of running has
	// seen. What others changed since then is kept; where they changed the same
	// nodes the edit is refused.
	Base uint64
	// Outcome, where set, learns what an edit of running would do, which is then not
	// made: the Test is TestOnly.
	Outcome *Outcome
	// Before, where set, sees the datastore as the edit finds it, and may refuse the
	// edit; After sees it as the edit left it. Other writers wait for both.
	Before func(*Snapshot) error
	After  func(*Snapshot)

	unjudged  bool   // access control does not look at what changes
	operation string // for the observer
}

// Edit applies e to running or the candidate. Errors are those of edit.Apply,
// in-use while another session holds the lock, and for running everything a
// commit may report.
func (x *Session) Edit(ctx context.Context, ds Datastore, e *edit.Edit, o EditOptions) error {
	var failed error
	o.operation = "edit-config"
	err := x.change(ctx, ds, o, func(base *tree.Tree) (next *tree.Tree, err error) {
		if err := x.blind(e); err != nil {
			return nil, err
		}
		next, failed = edit.Apply(base, e, edit.Options{ContinueOnError: o.ContinueOnError, Hidden: x.hidden(base)})
		if next == nil {
			err, failed = failed, nil
		}
		return next, err
	})
	switch failed = x.told(failed); {
	case err == nil:
		return failed
	case failed == nil:
		return err
	}
	return rpcerr.Join(append(rpcerr.All(failed), rpcerr.All(err)...))
}

// Replace makes running or the candidate equal to t (copy-config from an inline
// configuration, PUT on the datastore resource).
func (x *Session) Replace(ctx context.Context, ds Datastore, t *tree.Tree, o EditOptions) error {
	o.operation = "copy-config"
	return x.change(ctx, ds, o, func(at *tree.Tree) (*tree.Tree, error) {
		if err := x.judge(x.Visible(at), t); err != nil { // else what is hidden could be guessed: see blind
			return nil, err
		}
		return t, nil
	})
}

// Copy makes one datastore equal to another (RFC 6241 Section 7.3), as far as the
// session may read it: the rest counts as absent, and what the target has of it as
// deleted. Running goes to startup as it is (RFC 8341 Section 3.2.6).
func (x *Session) Copy(ctx context.Context, from, to Datastore, o EditOptions) error {
	if from == Operational {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the operational datastore is not a configuration to copy")
	}
	if err := x.store.known(from); err != nil {
		return err
	}
	o.operation = "copy-config"
	if from == Running && to == Startup {
		o.unjudged = true
	}
	return x.change(ctx, to, o, func(at *tree.Tree) (*tree.Tree, error) {
		switch {
		case from == Candidate && to == Running:
			return x.readable(x.store.candidate.Load().on(at))
		case from == to:
		case from == Startup:
			return x.readable(x.store.current(Startup))
		case from == Candidate && to == Startup:
			return x.readable(x.store.candidateTree())
		case to == Candidate:
			return x.readable(x.store.running.Load().Tree)
		case to == Startup:
			return x.store.running.Load().Tree, nil
		}
		return at, nil
	})
}

// change lets build make ds into something else.
func (x *Session) change(ctx context.Context, ds Datastore, o EditOptions, build func(*tree.Tree) (*tree.Tree, error)) (err error) {
	a := x.attempt(Edited, o.operation, ds.String())
	a.DryRun = o.Test == TestOnly || o.Outcome != nil
	defer func() { a.end(err) }()
	if err := x.store.writable(ds); err != nil {
		return err
	}
	if ds != Running && !a.DryRun { // of running submit asks
		if err := x.store.ready(); err != nil {
			return err
		}
	}
	plan := func(at *Snapshot) (*tree.Tree, error) {
		if o.Before != nil {
			if err := o.Before(at); err != nil {
				return nil, err
			}
		}
		next, err := x.store.rebased(ctx, at, o.Base, func(base *tree.Tree) (*tree.Tree, error) {
			next, err := build(base)
			if err != nil {
				return nil, err
			}
			return x.store.normalized(base, next)
		})
		a.would(at.Tree, next)
		switch {
		case o.unjudged:
			return next, err
		case ds != Running:
			return x.judgedDraft(at.Tree, next, err)
		}
		return x.judged(at.Tree, next, err)
	}
	switch {
	case ds == Candidate:
		return x.told(x.changeCandidate(ctx, o, plan))
	case ds == Startup:
		return x.told(x.changeStartup(ctx, o, plan))
	case o.Outcome != nil:
		*o.Outcome = *x.try(ctx, true, plan)
		return rpcerr.Join(o.Outcome.Errors)
	case o.Test == TestOnly:
		return x.validated(ctx, true, plan)
	}
	t := x.turn(ctx, o)
	t.plan, t.attempt = plan, a
	return x.told(x.store.submit(t))
}

// turn is a change of running by x, its plan still missing.
func (x *Session) turn(ctx context.Context, o EditOptions) *turn {
	return &turn{
		ctx: ctx, session: x, after: o.After,
		head: persist.Head{Comment: o.Comment, Label: o.Label},
	}
}

// current is a configuration datastore as it stands.
func (s *Store) current(ds Datastore) *tree.Tree {
	switch {
	case ds == Candidate:
		return s.candidateTree()
	case ds == Startup && s.startup != nil:
		return s.startup.tree.Load()
	}
	return s.running.Load().Tree
}

// normalized passes every leaf that next has other than base through Normalize, and then
// the secrets among them through the Sealer. Cost is proportional to the difference.
func (s *Store) normalized(base, next *tree.Tree) (*tree.Tree, error) {
	if s.normalize == nil {
		return s.sealed(base, next)
	}
	n := normalizer{f: s.normalize}
	if c := tree.Compare(base, next).Root; c != nil {
		n.change(nil, c)
	}
	if n.err != nil {
		return next, n.err
	}
	m := next.Mutate()
	for _, f := range n.found {
		f.replace(m)
	}
	return s.sealed(base, m.Done())
}
