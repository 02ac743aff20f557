package datastore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

// startup is the startup datastore (RFC 6241 Section 8.7), durable in a backend of
// its own. What it holds is always valid.
type startup struct {
	backend persist.Backend
	tree    atomic.Pointer[tree.Tree] // empty when it was deleted
	mark    atomic.Pointer[tree.Mark] // of head
	head    persist.Head              // guarded by Store.writer
	// unsealed holds until Start has scrubbed the backend.
	unsealed bool
}

// snapshot is startup; running is whose Head it has.
func (s *startup) snapshot(running *Snapshot) *Snapshot {
	m := s.mark.Load() // before the data: a mark that is too old does no harm
	if m == nil {
		m = &tree.Mark{}
	}
	return &Snapshot{Tree: s.tree.Load(), Head: running.Head, whole: m}
}

// kindDeleted marks a startup that was deleted: the next start is one with what a
// new server starts with.
const kindDeleted = "deleted"

// HasStartup tells whether there is a startup datastore.
func (s *Store) HasStartup() bool { return s.startup != nil }

// known refuses startup where there is none.
func (s *Store) known(ds Datastore) error {
	if ds == Startup && s.startup == nil {
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the server has no startup datastore")
	}
	return nil
}

// boot makes l, what running was before the restart, what startup says. Without a
// startup, as where the option is new, running stays and becomes startup.
func (s *Store) boot(ctx context.Context, l *loaded, seed func() (*tree.Tree, error)) error {
	t, err := s.loadStartup(ctx)
	if err != nil {
		return err
	}
	switch deleted := s.startup.head.Kind == kindDeleted; {
	case s.startup.head.Revision == 0 && l.state.Head.Revision == 0, deleted:
		t = tree.New(s.schema.Root)
		if seed != nil {
			if t, err = seed(); err == nil {
				t, err = s.normalized(tree.New(s.schema.Root), t)
			}
			if err != nil {
				return err
			}
		}
	case s.startup.head.Revision == 0:
		return nil
	}
	if errs := s.validator.Tree(ctx, t, validate.Options{Max: maxMisfits}); len(errs) > 0 {
		return fmt.Errorf("startup is not valid: %w", rpcerr.Join(errs))
	}
	return s.restart(ctx, l, t)
}

// restart makes t what the backend holds as running, as a commit where it differs.
// A confirmed commit that waited is over.
func (s *Store) restart(ctx context.Context, l *loaded, t *tree.Tree) error {
	txn := persist.Txn{Base: l.state.Head.Revision, Modules: modules(s.schema)}
	head := persist.Head{
		Revision: txn.Base + 1, Time: s.now().UTC(), User: "start", Kind: kindSeed, Comment: "as startup has it",
	}
	change, err := marked(Change{Old: l.tree, New: t, Diff: tree.Compare(l.tree, t)}, markOf(head))
	if err != nil {
		return err
	}
	if !change.Diff.Empty() || txn.Base == 0 || len(l.problems) > 0 {
		records, err := s.rewrite(ctx, s.backend, change.New)
		if err != nil {
			return err
		}
		head.Records = persist.Count(records)
		txn.Commits = []persist.Commit{{Head: head, Records: records}}
		l.tree, l.state.Head = change.New, head
	}
	if err := s.backend.Commit(ctx, txn); err != nil {
		return fmt.Errorf("store running as startup has it: %w", err)
	}
	s.history.add(txn)
	l.problems, l.state.Modules, l.state.Pending = nil, txn.Modules, nil
	return nil
}

// loadStartup reads startup. What the modules do not have room for any more is left
// out with Options.Recover, and else an error.
func (s *Store) loadStartup(ctx context.Context) (*tree.Tree, error) {
	l := persist.NewLoader(s.schema)
	state, err := s.startup.backend.Load(ctx, func(r persist.Record) error {
		l.Add(r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load startup: %w", err)
	}
	t, problems := l.Tree()
	if s.startup.unsealed, err = s.cleared(ctx, s.startup.backend, state, t); err != nil {
		return nil, err
	}
	t, unopened := s.withoutUnopened(t)
	problems = append(problems, unopened...)
	misfits := append([]error{}, problems...)
	for _, e := range s.validator.Tree(ctx, t, validate.Options{Max: maxMisfits}) {
		misfits = append(misfits, e)
	}
	switch {
	case len(misfits) == 0 || state.Head.Kind == kindDeleted:
	case !s.recover:
		return nil, fmt.Errorf("stored startup does not fit the modules that are loaded now; --recover leaves out what does not fit:\n%w", joinAll(byModule(misfits)))
	default:
		var dropped []error
		if t, dropped, err = s.reduce(ctx, t); err != nil {
			return nil, err
		}
		s.report(append(problems, dropped...), 0)
		s.startup.head = state.Head
		records, err := s.rewrite(ctx, s.startup.backend, t)
		if err != nil {
			return nil, err
		}
		return t, s.storeStartup(ctx, t, records, kindRecover)
	}
	s.startup.head = state.Head
	s.startup.tree.Store(t)
	s.startup.mark.Store(markOf(state.Head))
	return t, nil
}

// sealStartup seals what of startup is not sealed as it would be now.
func (s *Store) sealStartup(ctx context.Context) error {
	if s.startup == nil || s.sealer == nil {
		return nil
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	t, clear, other, err := s.sealer.Reseal(s.startup.tree.Load())
	if err != nil {
		return err
	}
	if clear > 0 && !s.startup.unsealed {
		s.startup.unsealed, err = s.cleared(ctx, s.startup.backend, persist.State{Head: s.startup.head}, s.startup.tree.Load())
	}
	if err == nil && clear+other > 0 {
		err = s.setStartup(ctx, t, "")
	}
	if err != nil || !s.startup.unsealed {
		return err
	}
	if err := s.setStartup(ctx, t, s.startup.head.Kind); err != nil { // lets what leads back go
		return err
	}
	s.scrub(ctx, s.startup.backend, Startup)
	return nil
}

// adoptStartup makes the running that was started with startup too, where there has
// been none.
func (s *Store) adoptStartup(ctx context.Context) error {
	if s.startup.head.Revision > 0 {
		return nil
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	return s.setStartup(ctx, s.running.Load().Tree, kindSeed)
}

// setStartup makes t startup, durably. Needs writer. Cost is that of the difference.
func (s *Store) setStartup(ctx context.Context, t *tree.Tree, kind string) error {
	was := s.startup.tree.Load()
	return s.storeStartup(ctx, t, persist.Records(tree.Compare(was, t)), kind)
}

// storeStartup makes t startup with the records that lead there.
func (s *Store) storeStartup(ctx context.Context, t *tree.Tree, records []persist.Record, kind string) error {
	head := persist.Head{
		Revision: s.startup.head.Revision + 1, Time: s.now().UTC(), User: "start", Kind: kind, Records: persist.Count(records),
	}
	err := s.startup.backend.Commit(ctx, persist.Txn{
		Base: s.startup.head.Revision, Modules: modules(s.schema), Forget: s.startup.head.Revision,
		Commits: []persist.Commit{{Head: head, Records: records}},
	})
	if err != nil {
		return &rpcerr.Error{
			Tag: rpcerr.OperationFailed, Err: err, Message: "the change could not be stored durably; startup is unchanged",
		}
	}
	s.startup.head = head
	s.startup.tree.Store(t)
	s.startup.mark.Store(markOf(head))
	return nil
}

// changeStartup lets plan change startup. What it becomes must be valid, as nothing
// else can be started with.
func (x *Session) changeStartup(ctx context.Context, o EditOptions, plan func(at *Snapshot) (*tree.Tree, error)) error {
	s := x.store
	s.writer.Lock()
	defer s.writer.Unlock()
	if err := x.checkLock(Startup); err != nil {
		return err
	}
	t, err := plan(s.Snapshot(Startup))
	if err != nil {
		return err
	}
	if !o.unjudged {
		if err := x.referred(s.startup.tree.Load(), t); err != nil {
			return err
		}
	}
	if t != s.running.Load().Tree { // which is valid
		if errs := s.validator.Tree(ctx, t, validate.Options{}); len(errs) > 0 {
			return rpcerr.Join(errs)
		}
	}
	if o.Test == TestOnly {
		return nil
	}
	defer x.announceStartup(s.startup.tree.Load())
	err = s.setStartup(ctx, t, "")
	if err == nil && o.After != nil {
		o.After(s.Snapshot(Startup))
	}
	return err
}

// DeleteStartup deletes startup (RFC 6241 Section 8.7.5.1): the next start is one
// with what a new server starts with.
func (x *Session) DeleteStartup(ctx context.Context) (err error) {
	s, a := x.store, x.attempt(Edited, "delete-config", Startup.String())
	defer func() { a.end(err) }()
	if err := s.writable(Startup); err != nil {
		return err
	}
	if err := s.ready(); err != nil {
		return err
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	if err := x.checkLock(Startup); err != nil {
		return err
	}
	defer x.announceStartup(s.startup.tree.Load())
	a.would(s.startup.tree.Load(), tree.New(s.schema.Root))
	return s.setStartup(ctx, tree.New(s.schema.Root), kindDeleted)
}

// updatesStartup tells whether a change of running by x is to change startup too:
// one over RESTCONF (RFC 8040 Section 1.4).
func (x *Session) updatesStartup() bool {
	return x != nil && x.store.startup != nil && x.source.Protocol == "restconf"
}

// followStartup makes running startup after a group with a change that asks for it.
// Needs writer. Running has changed already: what fails is logged, and made up for
// by the next such change.
func (s *Store) followStartup(group []*staged) {
	for _, x := range group {
		if !x.turn.session.updatesStartup() {
			continue
		}
		defer x.turn.session.announceStartup(s.startup.tree.Load())
		if err := s.setStartup(context.WithoutCancel(x.turn.ctx), s.running.Load().Tree, ""); err != nil {
			s.log.Error("startup does not follow running", "error", err, "cause", errors.Unwrap(err))
		}
		return
	}
}
