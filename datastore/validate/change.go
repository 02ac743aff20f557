package validate

import (
	"context"
	"iter"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Change returns what Tree returns for next, provided that Tree finds old valid; d
// is how next differs from old. Where there are more errors than Options.Max it may
// choose others. Valid or not, the cost is that of what the change touches: the
// rules of created and changed nodes, and those that see a node that was touched, on
// the instances that can see it. With Options.Index those are, for leafrefs,
// instance-identifiers and unique statements, only the ones with a value that went
// or came; without it they are searched for.
func (v *Validator) Change(ctx context.Context, old, next *tree.Tree, d *tree.Diff, o Options) []*rpcerr.Error {
	if old == nil || d == nil || old.Empty() {
		return v.Tree(ctx, next, o)
	}
	if d.Empty() {
		return nil
	}
	w := v.walk(ctx, next, o)
	w.judge(old, next, d, o.Index)
	return w.errs
}

// judge finds the errors of a change, in document order.
func (w *walk) judge(old, next *tree.Tree, d *tree.Diff, ix *Index) {
	w.change, w.taken = true, map[errorID]bool{}
	if ix != nil {
		w.view = &view{ix, w.v.delta(old, next, d)}
	}
	w.changed(w.env.Root(), d.Root, newTouch(w.v.schema))
	if ix != nil {
		w.indexed(d)
	}
	w.sort()
}

// touch is what changes have done so far, as in dependent.
type touch struct {
	touched, gone nodeSet
}

func newTouch(s *yang.Schema) *touch { return &touch{newNodeSet(s), newNodeSet(s)} }

func (t *touch) addAll(o *touch) {
	t.touched.addAll(o.touched)
	t.gone.addAll(o.gone)
}

// node records a change of s with all that may be below it. Where something is
// created, only defaults can be gone.
func (t *touch) node(s *yang.Node, created bool) {
	t.touched.add(s)
	if !created || len(s.Defaults) > 0 {
		t.gone.add(s)
	}
	for _, k := range s.Data {
		t.node(k, created)
	}
}

// changes records changes of instances of s, children of one node, and tells
// whether instances came or went.
func (t *touch) changes(s *yang.Node, l []*tree.Change) (set bool) {
	var created, deleted, altered bool
	for _, ch := range l {
		created = created || ch.Op == tree.Create
		deleted = deleted || ch.Op == tree.Delete
		altered = altered || ch.Op == tree.Modify || ch.Moved
	}
	if created || deleted || altered {
		t.node(s, !deleted && !altered)
	}
	return created || deleted
}

// groups are the changes of the children of one node, by schema node.
func groups(ch *tree.Change) iter.Seq2[*yang.Node, []*tree.Change] {
	return func(yield func(*yang.Node, []*tree.Change) bool) {
		l := ch.Children
		for len(l) > 0 {
			n := 1
			for n < len(l) && l[n].Schema == l[0].Schema {
				n++
			}
			if !yield(l[0].Schema, l[:n]) {
				return
			}
			l = l[n:]
		}
	}
}

// changed checks what the changes inside the node at c can break below it, and
// adds them to outer.
func (w *walk) changed(c *xpath.Cursor, ch *tree.Change, outer *touch) {
	own := outer
	dependents := w.v.deps.below[ch.Schema.ID]
	if len(dependents) > 0 {
		own = newTouch(w.v.schema)
	}
	for s, l := range groups(ch) {
		if !w.visit() {
			return
		}
		w.changedChild(c, s, l, own)
	}
	if len(dependents) == 0 {
		return
	}
	w.recheck(c, w.concerned(dependents, own))
	outer.addAll(own)
}

// changedChild checks what the changes of instances of s below c can break.
func (w *walk) changedChild(c *xpath.Cursor, s *yang.Node, l []*tree.Change, own *touch) {
	set := own.changes(s, l)
	if s.Kind != yang.List && s.Kind != yang.LeafList || !c.Node().Has(s) {
		if l[0].Op == tree.Inside {
			w.changed(xpath.NewCursor(l[0].New, c), l[0], own)
		} else {
			w.child(c, s)
		}
	} else if !set || w.permitted(c, s, true) {
		w.changedEntries(c, s, l, own)
	}
	if set && s.Case != nil {
		w.casesChanged(c, s)
	}
}

// changedEntries is changedChild for a list or leaf-list that has entries left.
func (w *walk) changedEntries(c *xpath.Cursor, s *yang.Node, l []*tree.Change, own *touch) {
	w.elements(c, s)
	for _, ch := range l {
		if w.full() {
			return
		}
		switch {
		case ch.Op == tree.Create || ch.Op == tree.Modify:
			w.instance(xpath.NewCursor(ch.New, c))
		case ch.Op == tree.Inside && s.Kind == yang.List:
			w.changed(xpath.NewCursor(ch.New, c), ch, own)
		}
	}
}

// casesChanged checks what depends on which case of the choice around s exists
// below c: the choices, and what the other nodes in them require or have by default.
func (w *walk) casesChanged(c *xpath.Cursor, s *yang.Node) {
	w.choices(c, w.rules(c.Schema()).choices)
	outermost := s.Case
	for o := outermost; o != nil; o = xpath.OuterCase(o) {
		outermost = o
	}
	for _, other := range outermost.Parent.Children {
		for _, k := range w.v.model.CaseNodes(other) {
			switch {
			case k == s || w.full():
			case !c.Node().Has(k):
				w.child(c, k)
			case w.permitted(c, k, true):
				w.amount(c, k)
			}
		}
	}
}
