package datastore

import (
	"context"
	"fmt"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Sealer keeps secrets out of the datastores: what is stored and read is their sealed
// form. Its methods may be called at any time, by many goroutines.
type Sealer interface {
	// Seal returns next with the secrets sealed that diff, from base to next, brings in
	// clear, and refuses what it brings sealed and cannot be opened. Errors are
	// *rpcerr.Errors.
	Seal(base, next *tree.Tree, diff *tree.Diff) (*tree.Tree, error)
	// Reseal returns t with all secrets sealed as new ones would be, and how many of them
	// were in clear or sealed otherwise: t itself for none.
	Reseal(t *tree.Tree) (sealed *tree.Tree, inClear, otherwise int, err error)
	// Unopened tells of each sealed secret of t that cannot be opened.
	Unopened(t *tree.Tree) []*rpcerr.Error
}

// sealed passes what next has other than base through Options.Sealer.
func (s *Store) sealed(base, next *tree.Tree) (*tree.Tree, error) {
	if s.sealer == nil {
		return next, nil
	}
	return s.sealer.Seal(base, next, tree.Compare(base, next))
}

// sealedAt is running as commit n left it, with secrets sealed, to be written over at.
func (s *Store) sealedAt(ctx context.Context, at *Snapshot, n uint64) (*tree.Tree, error) {
	t, err := s.At(ctx, n)
	if err != nil {
		return nil, err
	}
	return s.sealed(at.Tree, t)
}

// Kept returns t as a datastore would have it that had nothing before: passwords hashed,
// secrets sealed. It refuses sealed secrets that cannot be opened, with *rpcerr.Errors.
func (x *Session) Kept(t *tree.Tree) (*tree.Tree, error) {
	return x.store.normalized(tree.New(x.store.schema.Root), t)
}

// Reseal seals the secrets of running anew that are not sealed as new ones would be, by a
// commit of its own, unless none is. It returns how many those are.
func (x *Session) Reseal(ctx context.Context, o EditOptions) (n int, err error) {
	if x.store.sealer == nil {
		return 0, nil
	}
	t := x.turn(ctx, o)
	t.plan = func(at *Snapshot) (*tree.Tree, error) {
		next, clear, other, err := x.store.sealer.Reseal(at.Tree)
		n = clear + other
		return x.judged(at.Tree, next, err)
	}
	return n, x.told(x.store.submit(t))
}

// openable refuses stored data with secrets that cannot be opened. With Options.Recover
// they are left out, as if they did not fit the schema.
func (s *Store) openable(l *loaded) error {
	t, errs := s.withoutUnopened(l.tree)
	if len(errs) == 0 || s.recover {
		l.tree, l.problems = t, append(l.problems, errs...)
		return nil
	}
	return fmt.Errorf("stored secrets cannot be opened; give the agent the keys they were sealed with (--secret-key), or --recover, which leaves them out:\n%w", joinAll(errs))
}

// withoutUnopened returns t without the secrets that cannot be opened.
func (s *Store) withoutUnopened(t *tree.Tree) (*tree.Tree, []error) {
	if s.sealer == nil {
		return t, nil
	}
	var out []error
	m := t.Mutate()
	for _, e := range s.sealer.Unopened(t) {
		out = append(out, e)
		if p, err := tree.ParsePath(s.schema, e.Path); err == nil {
			remove(m, p)
		}
	}
	return m.Done(), out
}

// sealRunning seals what an older program stored in clear, or with a key that is no
// longer the first, and lets the history of before go where it has secrets in clear.
func (s *Store) sealRunning(ctx context.Context) error {
	if s.sealer == nil {
		return nil
	}
	_, clear, other, err := s.sealer.Reseal(s.running.Load().Tree)
	if err != nil || clear+other == 0 && !s.unsealed {
		return err
	}
	if clear > 0 && !s.unsealed {
		at := s.running.Load()
		s.unsealed, err = s.cleared(ctx, s.backend, persist.State{Head: at.Head, Pending: s.pending.Load()}, at.Tree)
	}
	if err == nil && clear+other > 0 {
		err = s.sealNow(ctx, clear, other)
	}
	if err != nil || !s.unsealed {
		return err
	}
	if s.pending.Load() != nil {
		s.log.Warn("the history keeps secrets in clear until a start at which no confirmed commit waits")
		return nil
	}
	if err := s.forgetAll(ctx); err != nil {
		return err
	}
	s.scrub(ctx, s.backend, Running)
	return nil
}

// sealNow is the commit of sealRunning.
func (s *Store) sealNow(ctx context.Context, clear, other int) error {
	s.log.Info("secrets are sealed", "in-clear", clear, "with-another-key", other)
	return s.submit(&turn{
		ctx: ctx, head: persist.Head{User: "start", Comment: sealedComment(clear + other)},
		plan: func(at *Snapshot) (*tree.Tree, error) {
			t, _, _, err := s.sealer.Reseal(at.Tree)
			return t, err
		},
	})
}

// sealedComment is that of the commit that seals n secrets.
func sealedComment(n int) string {
	if n == 1 {
		return "1 secret sealed"
	}
	return fmt.Sprintf("%d secrets sealed", n)
}

// forgetAll lets the history go at once, by a commit that changes nothing: what leads
// back from the newest commit is always kept.
func (s *Store) forgetAll(ctx context.Context) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	at := s.running.Load()
	head := persist.Head{
		Revision: at.Head.Revision + 1, Time: s.now().UTC(), User: "start", Comment: "the history before had secrets in clear",
	}
	txn := persist.Txn{Base: at.Head.Revision, Commits: []persist.Commit{{Head: head}}, Forget: at.Head.Revision}
	for range len(s.history.kept)/forgetAtOnce + 1 {
		if err := s.backend.Commit(ctx, txn); err != nil {
			return fmt.Errorf("forget what was stored in clear: %w", err)
		}
		txn.Base, txn.Commits = head.Revision, nil
	}
	txn.Commits = []persist.Commit{{Head: head}}
	s.history.add(txn)
	s.running.Store(&Snapshot{Tree: at.Tree, Head: head, index: at.index})
	return nil
}
