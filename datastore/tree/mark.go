package tree

import (
	"time"

	"github.com/altoam/altoam/yang"
)

// Mark names a commit, the last to touch a node.
type Mark struct {
	Revision uint64
	Time     time.Time
}

// Marks tell when a node was touched. Nodes without any have not been touched since
// the node they are in was made: a bulk load marks one node, whatever its size.
type Marks struct {
	// Made is the commit that made the node; nil for a node that was made with the one
	// it is in.
	Made *Mark
	// Changed is the commit that last changed the node or what is in it.
	Changed *Mark
}

// Mark is the last commit that changed the node at p or what is below it; where
// there is no such node, that of the innermost one above, and so for a list as a
// whole. nil in a tree without marks. Cost is that of finding the node.
func (t *Tree) Mark(p Path) *Mark {
	n := t.root
	made, changed := n.touched(nil)
	for _, st := range p {
		if isEntry(st.Schema) && len(st.Keys) == 0 {
			break
		}
		if n = n.step(st); n == nil {
			break
		}
		made, changed = n.touched(made)
	}
	return changed
}

// touched is the mark of what n holds without marks, and n's own, given the former of
// the node above.
func (n *Node) touched(above *Mark) (made, changed *Mark) {
	k := n.Marks()
	switch {
	case k == nil:
		return above, above
	case k.Made == nil:
		return above, k.Changed
	}
	return k.Made, k.Changed
}

// Marks are n's own, or nil. They are no data: two nodes that differ in them only are
// equal.
func (n *Node) Marks() *Marks {
	if n.body == nil {
		return nil
	}
	return n.body.marks
}

// WithMarks returns n with these marks, what is in it as it is: n itself when it has
// them, else a shallow copy.
func (n *Node) WithMarks(k *Marks) *Node {
	if n.Marks() == k {
		return n
	}
	c := n.shallow()
	c.body.marks = k
	return c
}

// SetMarks sets the marks of the handle's node.
func (m *Mut) SetMarks(k *Marks) {
	if m.Node().Marks() != k {
		m.own().marks = k
	}
}

// SetMarksOf sets the marks of the leaf, anydata or anyxml s, or of the entry v of the
// leaf-list s, if there is one.
func (m *Mut) SetMarksOf(s *yang.Node, v yang.Value, k *Marks) {
	switch {
	case s.Kind == yang.LeafList:
		if e := m.Node().Entry(s, KeyOf(v)); e != nil {
			m.own().collection(m.txn, s).put(m.txn.owner, e.Key(), e.WithMarks(k), Position{})
		}
	default:
		if c := m.Node().Child(s); c != nil {
			m.own().place(c.WithMarks(k))
		}
	}
}

// MarkAll returns t as one that the commit made as a whole. Cost is linear in t.
func (t *Tree) MarkAll(by *Mark) *Tree {
	return &Tree{root: t.root.unmarked().WithMarks(&Marks{by, by})}
}

// unmarked returns n without marks on anything in it: n itself when there are none.
func (n *Node) unmarked() *Node {
	switch {
	case !n.marked():
		return n
	case n.schema.IsLeafy() || n.Any() != nil:
		return n.WithMarks(nil)
	}
	m := FromNode(n).Mutate()
	m.unmark()
	return m.Done().root
}

func (n *Node) marked() bool {
	if n.Marks() != nil {
		return true
	}
	for c := range n.Children() {
		if c.marked() {
			return true
		}
	}
	return false
}

func (m *Mut) unmark() {
	m.own().marks = nil
	var within []*Node
	for c := range m.Node().Children() {
		if c.marked() {
			within = append(within, c)
		}
	}
	for _, c := range within {
		if c.schema.IsLeafy() || c.Any() != nil {
			m.SetMarksOf(c.schema, c.value, nil)
		} else {
			m.below(c).unmark()
		}
	}
}
