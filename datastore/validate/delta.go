package validate

import (
	"context"
	"iter"
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// delta is what a change of the tree does to the columns.
type delta struct {
	cols           *columns
	old, new       *walk
	added, removed [][]string // keys, by column; sorted and without those in both
	// gone are the paths of what left the accessible tree, without what is below it.
	gone []string
}

// delta compares two trees; without old and d everything in next is new.
func (v *Validator) delta(old, next *tree.Tree, d *tree.Diff) *delta {
	k := v.columns
	x := &delta{cols: k, added: make([][]string, len(k.list)), removed: make([][]string, len(k.list))}
	if len(k.list) == 0 || d.Empty() && old != nil {
		return x
	}
	x.new = v.walk(context.Background(), next, Options{})
	if old == nil {
		x.below(nil, x.new.env.Root(), nil)
	} else {
		x.old = v.walk(context.Background(), old, Options{})
		x.below(x.old.env.Root(), x.new.env.Root(), d.Root)
	}
	for i := range x.added {
		x.added[i], x.removed[i] = difference(x.added[i], x.removed[i])
	}
	return x
}

// below compares what is below the same node of both trees, nil where it is not
// there. ch is the change inside it; nil when nothing is known but that it changed.
func (x *delta) below(o, n *xpath.Cursor, ch *tree.Change) {
	c := n
	if c == nil {
		c = o
	}
	for _, s := range x.cols.kids[c.Schema().ID] {
		if ch == nil {
			x.child(o, n, s, nil, false)
			continue
		}
		if l := of(ch.Children, s); len(l) > 0 || x.cols.conditional.has(s) {
			x.child(o, n, s, l, true)
		}
	}
}

// of are the changes of instances of s.
func of(l []*tree.Change, s *yang.Node) []*tree.Change {
	i, _ := slices.BinarySearchFunc(l, s.Index, func(ch *tree.Change, index int) int { return ch.Schema.Index - index })
	n := i
	for n < len(l) && l[n].Schema == s {
		n++
	}
	return l[i:n]
}

// child compares the instances of s below o and n. Where known, l are all their changes.
func (x *delta) child(o, n *xpath.Cursor, s *yang.Node, l []*tree.Change, known bool) {
	switch s.Kind {
	case yang.List:
		x.entries(o, n, s, l, known)
	case yang.LeafList:
		x.values(o, n, s, l, known)
	default:
		o, n = x.single(x.old, o, s), x.single(x.new, n, s)
		if o != nil && n == nil && x.cols.passing.has(s) {
			x.gone = append(x.gone, o.Path().String())
		}
		switch {
		case o == nil && n == nil:
		case s.IsLeafy():
			x.value(o, n)
		case len(l) == 1 && l[0].Op == tree.Inside:
			x.below(o, n, l[0])
		case known && len(l) == 0 && o != nil && n != nil:
			x.below(o, n, &tree.Change{})
		default:
			x.below(o, n, nil)
		}
	}
}

func (x *delta) single(w *walk, c *xpath.Cursor, s *yang.Node) *xpath.Cursor {
	if c == nil {
		return nil
	}
	return w.env.Instance(c, s)
}

// value compares a leaf; one of the cursors may be nil.
func (x *delta) value(o, n *xpath.Cursor) {
	if o != nil && n != nil && o.Node().Value() == n.Node().Value() {
		return
	}
	if o != nil {
		x.put(x.removed, o)
	}
	if n != nil {
		x.put(x.added, n)
	}
}

// entries compares list entries.
func (x *delta) entries(o, n *xpath.Cursor, s *yang.Node, l []*tree.Change, known bool) {
	if !known {
		for e := range stored(o, s) {
			x.entry(e, nil, nil)
		}
		for e := range stored(n, s) {
			x.entry(nil, e, nil)
		}
		return
	}
	for _, ch := range l {
		switch ch.Op {
		case tree.Create:
			x.entry(nil, xpath.NewCursor(ch.New, n), nil)
		case tree.Delete:
			x.entry(xpath.NewCursor(ch.Old, o), nil, nil)
		case tree.Inside:
			if len(ch.Children) > 0 {
				x.entry(xpath.NewCursor(ch.Old, o), xpath.NewCursor(ch.New, n), ch)
			}
		}
	}
}

// stored are the stored entries of s below c, which may be nil.
func stored(c *xpath.Cursor, s *yang.Node) iter.Seq[*xpath.Cursor] {
	return func(yield func(*xpath.Cursor) bool) {
		if c == nil {
			return
		}
		for n := range c.Node().Entries(s) {
			if !yield(xpath.NewCursor(n, c)) {
				return
			}
		}
	}
}

func (x *delta) entry(o, n *xpath.Cursor, ch *tree.Change) {
	c := n
	if c == nil {
		c = o
	}
	for _, k := range x.cols.at[c.Schema().ID] {
		was, had := x.tuple(x.old, k, o)
		is, has := x.tuple(x.new, k, n)
		if had && !(has && was == is) {
			x.removed[k.id] = append(x.removed[k.id], was)
		}
		if has && !(had && was == is) {
			x.added[k.id] = append(x.added[k.id], is)
		}
	}
	x.below(o, n, ch)
}

// values compares the entries of a leaf-list.
func (x *delta) values(o, n *xpath.Cursor, s *yang.Node, l []*tree.Change, known bool) {
	if known && o.Node().Has(s) && n.Node().Has(s) {
		for _, ch := range l {
			switch ch.Op {
			case tree.Create:
				x.put(x.added, xpath.NewCursor(ch.New, n))
			case tree.Delete:
				x.put(x.removed, xpath.NewCursor(ch.Old, o))
			}
		}
		return
	}
	had := map[string]bool{}
	if n != nil {
		for e := range x.new.env.Instances(n, s) {
			had[e.Node().Value().String()] = true
			x.put(x.added, e)
		}
	}
	if o != nil {
		for e := range x.old.env.Instances(o, s) {
			x.put(x.removed, e)
			if x.cols.passing.has(s) && !had[e.Node().Value().String()] {
				x.gone = append(x.gone, e.Path().String())
			}
		}
	}
}
