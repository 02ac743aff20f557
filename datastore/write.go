package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
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
	Comment         string
	// Before, where set, sees running as the edit finds it, and may refuse the
	// edit; After sees running as the edit left it. Other writers wait for both.
	Before func(*Snapshot) error
	After  func(*Snapshot)
}

// Edit applies e to running or the candidate. Errors are those of edit.Apply,
// in-use while another session holds the lock, and for running everything a
// commit may report.
func (x *Session) Edit(ctx context.Context, ds Datastore, e *edit.Edit, o EditOptions) error {
	s := x.store
	done, err := x.admit(ds, o)
	if err != nil {
		return err
	}
	defer done()
	base := s.current(ds)
	next, failed := edit.Apply(base, e, edit.Options{ContinueOnError: o.ContinueOnError})
	if next == nil {
		return failed
	}
	next, err = s.normalized(base, next)
	if err == nil {
		err = x.set(ctx, ds, next, o)
	}
	switch {
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
	return x.replace(ctx, ds, func() *tree.Tree { return t }, o)
}

// replace asks for the configuration when no other writer can change it any more.
func (x *Session) replace(ctx context.Context, ds Datastore, with func() *tree.Tree, o EditOptions) error {
	s := x.store
	done, err := x.admit(ds, o)
	if err != nil {
		return err
	}
	defer done()
	t, err := s.normalized(s.current(ds), with())
	if err != nil {
		return err
	}
	return x.set(ctx, ds, t, o)
}

// Copy makes one datastore equal to another (RFC 6241 Section 7.3).
func (x *Session) Copy(ctx context.Context, from, to Datastore) error {
	if from == Operational {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the operational datastore is not a configuration to copy")
	}
	return x.replace(ctx, to, func() *tree.Tree { return x.store.current(from) }, EditOptions{})
}

// Commit makes running equal to the candidate (RFC 6241 Section 8.3.4.1). A
// failed commit leaves both as they were.
func (x *Session) Commit(ctx context.Context, comment string) error {
	s := x.store
	s.writer.Lock()
	defer s.writer.Unlock()
	if err := x.checkLock(Candidate); err != nil {
		return err
	}
	if err := x.checkLock(Running); err != nil {
		return err
	}
	c := s.candidate.Load()
	if c == nil {
		return nil
	}
	if err := x.set(ctx, Running, c, EditOptions{Comment: comment}); err != nil {
		return err
	}
	s.candidate.Store(nil)
	return nil
}

// Discard makes the candidate equal to running (RFC 6241 Section 8.3.4.2).
func (x *Session) Discard(context.Context) error {
	x.store.writer.Lock()
	defer x.store.writer.Unlock()
	if err := x.checkLock(Candidate); err != nil {
		return err
	}
	x.store.candidate.Store(nil)
	return nil
}

// Validate judges a configuration datastore as a commit would
// (RFC 6241 Section 8.6.4.1), without the participants.
func (x *Session) Validate(ctx context.Context, ds Datastore) error {
	if ds == Operational {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the operational datastore cannot be validated")
	}
	return x.ValidateTree(ctx, x.store.current(ds))
}

// ValidateTree judges a complete configuration likewise.
func (x *Session) ValidateTree(ctx context.Context, t *tree.Tree) error {
	t, err := x.store.prune(t)
	if err != nil {
		return err
	}
	return rpcerr.Join(x.store.validator.Tree(ctx, t, validate.Options{}))
}

// admit waits for the session's turn to write ds, or refuses an edit that may not
// start. Without an error writer is held until done is called.
func (x *Session) admit(ds Datastore, o EditOptions) (done func(), err error) {
	s := x.store
	if err := s.writable(ds); err != nil {
		return nil, err
	}
	s.writer.Lock()
	defer func() {
		if done == nil { // refused, or Before panicked
			s.writer.Unlock()
		}
	}()
	if err := x.checkLock(ds); err != nil {
		return nil, err
	}
	if o.Before != nil {
		if err := o.Before(s.running.Load()); err != nil {
			return nil, err
		}
	}
	return s.writer.Unlock, nil
}

// set needs writer.
func (x *Session) set(ctx context.Context, ds Datastore, t *tree.Tree, o EditOptions) error {
	s := x.store
	if o.Test == TestOnly || ds == Candidate && o.Test == TestThenSet {
		if err := x.ValidateTree(ctx, t); err != nil || o.Test == TestOnly {
			return err
		}
	}
	if ds == Candidate {
		s.candidate.Store(t)
	} else if err := s.commit(ctx, change{
		to: t, by: x.user.Name, comment: o.Comment,
		source: x.source, session: x.id,
	}); err != nil {
		return err
	}
	if o.After != nil {
		o.After(s.running.Load())
	}
	return nil
}

// current is a configuration datastore as it stands.
func (s *Store) current(ds Datastore) *tree.Tree {
	if c := s.candidate.Load(); ds == Candidate && c != nil {
		return c
	}
	return s.running.Load().Tree
}

// normalized passes every leaf that next has other than base through Normalize.
// Cost is proportional to the difference.
func (s *Store) normalized(base, next *tree.Tree) (*tree.Tree, error) {
	if s.normalize == nil {
		return next, nil
	}
	n := normalizer{f: s.normalize}
	if c := tree.Compare(base, next).Root; c != nil {
		n.change(nil, c)
	}
	if n.err != nil || len(n.found) == 0 {
		return next, n.err
	}
	m := next.Mutate()
	for _, f := range n.found {
		f.replace(m)
	}
	return m.Done(), nil
}
