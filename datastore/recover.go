package datastore

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

// salvage starts with what fits the schema of l, and makes that durable as a commit
// of its own: what is left out is logged node by node, and stays in the history for
// a program with the modules of before.
func (s *Store) salvage(ctx context.Context, l *loaded) error {
	fits, dropped, err := s.reduce(ctx, l.tree)
	if err != nil {
		return err
	}
	dropped = append(l.problems, dropped...)
	s.report(dropped, l.state.Head.Revision)
	head := persist.Head{
		Revision: l.state.Head.Revision + 1, Time: s.now().UTC(), User: "start", Kind: kindRecover,
		Comment: fmt.Sprintf("%d nodes left out that do not fit the modules", len(dropped)),
	}
	fits = fits.MarkAll(markOf(head)) // what was left out is nowhere marked
	records, err := s.rewrite(ctx, s.backend, fits)
	if err != nil {
		return err
	}
	head.Records, head.Size = persist.Count(records), persist.Size(records)
	txn := persist.Txn{
		Base: l.state.Head.Revision, Pending: l.state.Pending, Modules: modules(s.schema),
		Commits: []persist.Commit{{Head: head, Records: records}},
	}
	if err := s.backend.Commit(ctx, txn); err != nil {
		return fmt.Errorf("store what was recovered: %w", err)
	}
	s.history.add(txn)
	l.tree, l.state.Head, l.state.Modules = fits, head, txn.Modules
	return s.resume(ctx, l)
}

// report logs what is left out of the data of a commit.
func (s *Store) report(dropped []error, commit uint64) {
	for _, e := range dropped {
		s.log.Warn("left out on recovery", "reason", e, "kept-in-commit", commit)
	}
}

// reduce removes from t what validation complains about until nothing is left to
// complain about. The errors say what was removed and why.
func (s *Store) reduce(ctx context.Context, t *tree.Tree) (_ *tree.Tree, dropped []error, err error) {
	t = s.validator.Prune(t)
	for {
		errs := s.validator.Tree(ctx, t, validate.Options{Max: maxMisfits})
		if len(errs) == 0 {
			return t, dropped, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		m := t.Mutate()
		for _, e := range errs {
			if p := s.removable(t, e); len(p) > 0 && m.Node().Find(p) != nil {
				remove(m, p)
				dropped = append(dropped, fmt.Errorf("%s is left out: %w", p, e))
			}
		}
		next := s.validator.Prune(m.Done())
		if tree.Compare(t, next).Empty() {
			return nil, nil, fmt.Errorf("nothing can be left out to make the rest valid: %w", rpcerr.Join(errs))
		}
		t = next
	}
}

// removable is the innermost node of t, neither a key nor the root, that e concerns.
func (s *Store) removable(t *tree.Tree, e *rpcerr.Error) tree.Path {
	p, err := tree.ParsePath(s.schema, e.Path)
	if err != nil { // of a list or leaf-list as a whole
		p, err = tree.ParsePath(s.schema, e.Path[:max(strings.LastIndexByte(e.Path, '/'), 0)])
	}
	if err != nil {
		return nil
	}
	for len(p) > 0 && (t.Find(p) == nil || p.Schema().IsKey) {
		p = p.Parent()
	}
	return p
}

// remove deletes the node at p, which is there.
func remove(m *tree.Mut, p tree.Path) {
	parent, last := m.Find(p.Parent()), p[len(p)-1]
	if len(last.Keys) > 0 {
		parent.DeleteEntry(last.Schema, tree.KeyOf(last.Keys...))
	} else {
		parent.Delete(last.Schema)
	}
}

// rewrite returns the records that make what backend holds those of t.
func (s *Store) rewrite(ctx context.Context, backend persist.Backend, t *tree.Tree) ([]persist.Record, error) {
	want := map[string][]byte{}
	for _, r := range persist.Records(tree.Compare(tree.New(s.schema.Root), t)) {
		want[r.Key] = r.Value
	}
	var out []persist.Record
	_, err := backend.Load(ctx, func(r persist.Record) error {
		value, ok := want[r.Key]
		if !ok || !bytes.Equal(value, r.Value) {
			out = append(out, persist.Record{Key: r.Key, Value: value})
		}
		delete(want, r.Key)
		return nil
	})
	for key, value := range want {
		out = append(out, persist.Record{Key: key, Value: value})
	}
	return out, err
}
