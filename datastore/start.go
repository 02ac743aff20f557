package datastore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

// Start loads running, validates it and lets the participants take it. With an
// empty backend running starts as what seed returns, made durable; seed may be nil.
// It fails, and changes nothing, when stored data does not fit the schema: the error
// names every node; with Options.Recover they are left out instead. A confirmed
// commit that waited is taken back (RFC 6241 Section 8.4.1).
func (s *Store) Start(ctx context.Context, seed func() (*tree.Tree, error)) error {
	loaded, err := s.load(ctx)
	if err != nil {
		return fmt.Errorf("load running: %w", err)
	}
	if s.unsealed, err = s.cleared(ctx, s.backend, loaded.state, loaded.tree); err != nil {
		return err
	}
	if err := s.history.load(ctx, s.backend); err != nil {
		return fmt.Errorf("load the history: %w", err)
	}
	if s.startup != nil {
		if err := s.boot(ctx, loaded, seed); err != nil {
			return err
		}
	}
	if loaded.state.Head.Revision == 0 {
		return s.plant(ctx, seed)
	}
	if err := s.openable(loaded); err != nil {
		return err
	}
	wrong := s.misfits(ctx, loaded)
	switch {
	case len(wrong) == 0:
		err = s.resume(ctx, loaded)
	case s.recover:
		err = s.salvage(ctx, loaded)
	default:
		err = s.misfitError(loaded.state, wrong)
	}
	if err != nil {
		return err
	}
	if p := loaded.state.Pending; p != nil {
		err = s.resumePending(ctx, *p)
	}
	if err == nil {
		err = s.sealRunning(ctx)
	}
	if err == nil {
		err = s.sealStartup(ctx)
	}
	if err == nil && s.startup != nil {
		err = s.adoptStartup(ctx)
	}
	return err
}

// resumePending takes back the confirmed commit p of before the restart. It fails when
// the history does not lead back; with Options.Recover p stays then, as if confirmed.
func (s *Store) resumePending(ctx context.Context, p persist.Pending) error {
	p.Session = 0 // that has ended; its number may be another's soon
	s.pending.Store(&p)
	_, _, err := s.unconfirmed(ctx, p.Base)
	switch {
	case err == nil:
		s.takeBack(&p, "not confirmed before a restart")
		return nil
	case !s.recover:
		return fmt.Errorf("the confirmed commit that waits cannot be taken back to commit %d; "+
			"--recover takes back what fits the modules that are loaded now: %w", p.Base, err)
	}
	s.log.Error("the confirmed commit that waits cannot be taken back; it stays", "base", p.Base, "error", err)
	return s.submit(&turn{
		ctx: ctx, plan: func(at *Snapshot) (*tree.Tree, error) { return at.Tree, nil },
		confirm: func(*Snapshot, *persist.Pending) (*persist.Pending, error) { return nil, nil },
	})
}

// loaded is what the backend holds.
type loaded struct {
	tree     *tree.Tree
	state    persist.State
	problems []error // with records that the schema does not have room for
	index    *validate.Index
}

func (s *Store) load(ctx context.Context) (*loaded, error) {
	l := persist.NewLoader(s.schema)
	state, err := s.backend.Load(ctx, func(r persist.Record) error {
		l.Add(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	t, problems := l.Tree()
	return &loaded{tree: t, state: state, problems: problems}, nil
}

// misfits returns everything in the stored data that does not fit the schema, and
// makes its index meanwhile.
func (s *Store) misfits(ctx context.Context, l *loaded) []error {
	var indexed sync.WaitGroup
	indexed.Go(func() { l.index = s.validator.Index(l.tree) })
	defer indexed.Wait()
	wrong := slices.Clone(l.problems)
	for _, e := range s.validator.Tree(ctx, l.tree, validate.Options{Max: maxMisfits}) {
		wrong = append(wrong, e)
	}
	return wrong
}

// maxMisfits bounds the validation errors that a start looks at in one pass.
const maxMisfits = 10_000

// plant makes the first commit.
func (s *Store) plant(ctx context.Context, seed func() (*tree.Tree, error)) error {
	if seed == nil {
		return nil
	}
	t, err := seed()
	if err == nil {
		t, err = s.normalized(s.running.Load().Tree, t)
	}
	if err != nil {
		return err
	}
	return s.submit(&turn{
		ctx: ctx, head: persist.Head{User: "start", Kind: kindSeed},
		plan: func(*Snapshot) (*tree.Tree, error) { return t, nil },
	})
}

// resume lets the participants take what the backend holds already.
func (s *Store) resume(ctx context.Context, l *loaded) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	if l.tree.Mark(nil) == nil { // written before there were marks
		l.tree = l.tree.MarkAll(markOf(l.state.Head))
	}
	c := Change{Old: s.running.Load().Tree, New: l.tree, Resumed: true}
	c.Diff = tree.Compare(c.Old, c.New)
	prepared, err := s.prepare(ctx, c)
	if err != nil {
		return err
	}
	if err := s.adopt(ctx, l.state); err != nil {
		s.abort(prepared)
		return err
	}
	s.running.Store(&Snapshot{Tree: l.tree, Head: l.state.Head, index: l.index})
	if err := s.access.follow(l.tree); err != nil {
		s.log.Warn("rules of access control match nothing, as no node has their path", "error", err)
	}
	s.apply(prepared)
	return nil
}

// adopt stores with which modules the data is read from now on.
func (s *Store) adopt(ctx context.Context, was persist.State) error {
	now := modules(s.schema)
	if slices.Equal(was.Modules, now) {
		return nil
	}
	if was.Modules != nil {
		s.log.Info("the modules have changed; all stored data fits them", "changes", strings.Join(moduleChanges(was.Modules, now), " "))
	}
	return s.backend.Commit(ctx, persist.Txn{Base: was.Head.Revision, Pending: was.Pending, Modules: now})
}

// modules are the implemented modules as "name@revision", in order.
func modules(s *yang.Schema) []string {
	var out []string
	for _, m := range s.Modules {
		if m.Implemented {
			out = append(out, m.Name+"@"+m.Revision)
		}
	}
	slices.Sort(out)
	return out
}

// moduleChanges are the modules that came, with "+", and those that went, with "-".
func moduleChanges(was, now []string) (out []string) {
	for _, m := range now {
		if !slices.Contains(was, m) {
			out = append(out, "+"+strings.TrimSuffix(m, "@"))
		}
	}
	for _, m := range was {
		if !slices.Contains(now, m) {
			out = append(out, "-"+strings.TrimSuffix(m, "@"))
		}
	}
	return out
}

// joinAll makes one error with a line for each of errs, up to a limit.
func joinAll(errs []error) error {
	const most = 20
	lines := make([]string, 0, most+1)
	for i, e := range errs {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(errs)-most))
			break
		}
		lines = append(lines, e.Error())
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}
