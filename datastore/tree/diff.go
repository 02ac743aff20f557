package tree

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// Op is what happened to a node.
type Op uint8

// The changes. Inside is a container or entry that stays and changes within, or
// an entry that only moved; Modify a leaf, anydata or anyxml with new content.
const (
	Inside Op = iota
	Create
	Delete
	Modify
)

// String names the op.
func (o Op) String() string { return [...]string{"inside", "create", "delete", "modify"}[o] }

// Diff is the difference of two trees of one schema node. It is immutable.
type Diff struct {
	// Root is the change of the root, always Inside; nil when the trees are equal.
	Root *Change
}

// Change is the change of one node.
type Change struct {
	Schema *yang.Node
	Op     Op
	// Old and New are the node before and after; Old is nil for Create, New for Delete.
	Old, New *Node
	// Children of Inside are the changes below: in schema order; in one list the
	// deletes first and then the order of the new list. Create and Delete have
	// none: Old or New is the subtree.
	Children []*Change
	// Moved tells that the order among the entries that stay has changed by moving this one.
	Moved bool
	// Pos is First or After: where the entry stands in the new list, set for Moved
	// and Create in a list or leaf-list whose order is data.
	Pos Position

	oldRank, newRank uint64
}

// Empty tells that the trees are equal.
func (d *Diff) Empty() bool { return d == nil || d.Root == nil }

// Compare returns how b differs from a. Data counts, metadata does not. What the
// trees share is skipped: for a tree made from the other by Mut the cost is the
// number of changes times depth times log n, whatever the size of the lists.
func Compare(a, b *Tree) *Diff { return &Diff{Root: compareNodes(a.root, b.root)} }

// compareNodes returns the change from a to b, nodes of one identity, or nil.
func compareNodes(a, b *Node) *Change {
	if a == b {
		return nil
	}
	c := &Change{Schema: b.schema, Old: a, New: b}
	switch b.schema.Kind {
	case yang.Leaf, yang.LeafList:
		if a.value == b.value {
			return nil
		}
		c.Op = Modify
		return c
	case yang.AnyData, yang.AnyXML:
		if a.Any().Equal(b.Any()) {
			return nil
		}
		c.Op = Modify
		return c
	}
	if c.Children = compareSlots(a.slots(), b.slots()); len(c.Children) == 0 {
		return nil
	}
	return c
}

// compareSlots merges two lists of children, both by schema index.
func compareSlots(a, b []*Node) (out []*Change) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].schema.Index < b[0].schema.Index:
			out = whole(out, Delete, a[0])
			a = a[1:]
		case len(a) == 0 || b[0].schema.Index < a[0].schema.Index:
			out = whole(out, Create, b[0])
			b = b[1:]
		default:
			if a[0] == b[0] {
			} else if a[0].isCollection() {
				out = append(out, compareEntries(a[0].body, b[0].body)...)
			} else if c := compareNodes(a[0], b[0]); c != nil {
				out = append(out, c)
			}
			a, b = a[1:], b[1:]
		}
	}
	return out
}

// whole appends the creation or deletion of n, or of all entries of a collection.
func whole(out []*Change, op Op, n *Node) []*Change {
	if !n.isCollection() {
		c := &Change{Schema: n.schema, Op: op, Old: n}
		if op == Create {
			c.Old, c.New = nil, n
		}
		return append(out, c)
	}
	empty := newCollection(0, n.schema)
	if op == Create {
		return append(out, compareEntries(empty, n.body)...)
	}
	return append(out, compareEntries(n.body, empty)...)
}

// compareEntries returns the changes of one list or leaf-list.
func compareEntries(a, b *body) (out []*Change) {
	note := func(x, y *Node) {
		if c := entryChange(x, y); c != nil {
			out = append(out, c)
		}
	}
	switch {
	case a.few && b.few:
		compareFew(a.kids, b.kids, note)
	case !a.few && a.list.ranked:
		return compareRanked(a.list, b.list)
	default:
		diffMaps(a.byKey(0), b.byKey(0), func(x, y *Node) bool { return x == y }, func(_ string, x, y *Node) { note(x, y) })
	}
	return deletesFirst(out)
}

// compareFew calls f for every key that two lists, both by key, do not hold alike.
func compareFew(a, b []*Node, f func(x, y *Node)) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Key() < b[0].Key():
			f(a[0], nil)
			a = a[1:]
		case len(a) == 0 || b[0].Key() < a[0].Key():
			f(nil, b[0])
			b = b[1:]
		default:
			if a[0] != b[0] {
				f(a[0], b[0])
			}
			a, b = a[1:], b[1:]
		}
	}
}

// entryChange is the change of one entry; x or y nil where it is absent.
func entryChange(x, y *Node) *Change {
	switch {
	case x == nil:
		return &Change{Schema: y.schema, Op: Create, New: y}
	case y == nil:
		return &Change{Schema: x.schema, Op: Delete, Old: x}
	}
	return compareNodes(x, y)
}

// deletesFirst puts deletes before the rest and keeps the order otherwise.
func deletesFirst(l []*Change) []*Change {
	if !slices.ContainsFunc(l, func(c *Change) bool { return c.Op == Delete }) {
		return l
	}
	out := make([]*Change, 0, len(l))
	for _, c := range l {
		if c.Op == Delete {
			out = append(out, c)
		}
	}
	for _, c := range l {
		if c.Op != Delete {
			out = append(out, c)
		}
	}
	return out
}

// Walk calls f for every change but the root's, parents before children, with its
// path. The path is valid during the call. An error of f ends the walk.
func (d *Diff) Walk(f func(p Path, c *Change) error) error {
	if d.Empty() {
		return nil
	}
	return d.Root.walk(nil, f)
}

func (c *Change) walk(p Path, f func(Path, *Change) error) error {
	for _, k := range c.Children {
		n := k.New
		if n == nil {
			n = k.Old
		}
		at := append(p, StepTo(n))
		if err := f(at, k); err != nil {
			return err
		}
		if err := k.walk(at, f); err != nil {
			return err
		}
	}
	return nil
}
