package tree

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/altoam/altoam/yang"
)

// Mut is a handle for writing at one container, list entry or root of a tree in
// the making. The first write below a node copies it and what is above; later
// writes are in place; nothing else is copied. Several handles on one node see
// each other's writes. A handle whose node was deleted writes to nowhere. Muts of
// one tree belong to one goroutine.
type Mut struct {
	txn    *txn
	parent *Mut
	node   *Node // as last seen; current if owned
}

// txn is what all handles of one tree share.
type txn struct {
	owner  uint64
	leaves Leaves
}

// take counts what is being made.
func (t *txn) take(bytes int) { t.leaves.meter.take(bytes) }

var owners atomic.Uint64

// Mutate starts the next version of t and returns the handle on its root. t does not change.
func (t *Tree) Mutate() *Mut {
	return &Mut{txn: &txn{owner: owners.Add(1), leaves: Leaves{meter: t.meter}}, node: t.root}
}

// Done returns the tree as it is now. Handles can be written to afterwards: that
// starts a further version and leaves the returned one alone. It panics on a
// handle that is not the root's.
func (m *Mut) Done() *Tree {
	if m.parent != nil {
		panic("tree: Done on a handle below the root")
	}
	m.txn.owner = owners.Add(1)
	return &Tree{root: m.node, meter: m.Meter()}
}

// Schema is the schema node of the handle's node.
func (m *Mut) Schema() *yang.Node { return m.node.schema }

// Parent is the handle above, nil at the root.
func (m *Mut) Parent() *Mut { return m.parent }

// Node is the current content: a view that is valid until the next write to the tree.
func (m *Mut) Node() *Node {
	if m.owned(m.node) || m.parent == nil {
		return m.node
	}
	if p := m.parent.Node(); m.owned(p) {
		if cur := p.twin(m.node); cur != nil {
			m.node = cur
		}
	}
	return m.node
}

func (m *Mut) owned(n *Node) bool { return n.body != nil && n.body.owner == m.txn.owner }

// twin returns n's child with the identity of c, or nil.
func (n *Node) twin(c *Node) *Node {
	if isEntry(c.schema) {
		return n.Entry(c.schema, c.Key())
	}
	return n.Child(c.schema)
}

// own makes the node and all above it writable and returns its body.
func (m *Mut) own() *body {
	if m.owned(m.node) {
		return m.node.body
	}
	var up *body
	cur := m.node
	if m.parent != nil {
		up = m.parent.own()
		if cur = m.parent.node.twin(m.node); cur == nil { // deleted
			cur, up = m.node, nil
		}
	}
	if !m.owned(cur) {
		m.txn.take(innerSizeOf(cur))
		cur = cur.copyFor(m.txn.owner)
		if up != nil {
			up.replace(m.txn, cur)
		}
	}
	m.node = cur
	return cur.body
}

// copyFor returns a shallow copy that owner may write.
func (n *Node) copyFor(owner uint64) *Node {
	b := *n.body
	b.owner = owner
	b.kids = cloneRoom(b.kids)
	if b.list != nil {
		l := *b.list
		b.list = &l
	}
	return &Node{schema: n.schema, value: n.value, body: &b}
}

// replace puts c where its twin is.
func (b *body) replace(t *txn, c *Node) {
	if c.schema.Kind == yang.List {
		t.take(placeSize)
		b.collection(t, c.schema).put(t.owner, c.Key(), c, Position{})
		return
	}
	i, _ := findSlot(b.kids, c.schema)
	b.kids[i] = c
}

// place puts c into the slot of its schema node, new or not.
func (b *body) place(c *Node) {
	i, ok := findSlot(b.kids, c.schema)
	if ok {
		b.kids[i] = c
		return
	}
	if i < len(b.kids) && b.kids[i].schema.Index == c.schema.Index {
		panic("tree: " + c.schema.Path() + " is not a child of this node")
	}
	b.kids = slices.Insert(b.kids, i, c)
}

// collection returns the writable body of the collection node of s, new if there is none.
func (b *body) collection(t *txn, s *yang.Node) *body {
	i, ok := findSlot(b.kids, s)
	switch {
	case !ok:
		t.take(innerSize + linkSize)
		c := &Node{schema: s, body: newCollection(t.owner, s)}
		b.place(c)
		return c.body
	case b.kids[i].body.owner != t.owner:
		t.take(innerSizeOf(b.kids[i]))
		b.kids[i] = b.kids[i].copyFor(t.owner)
	}
	return b.kids[i].body
}

// must panics unless s is a child of the handle's node of one of the kinds.
func (m *Mut) must(s *yang.Node, kinds ...yang.Kind) {
	if s.DataParent != m.node.schema || !slices.Contains(kinds, s.Kind) {
		panic(fmt.Sprintf("tree: %s cannot be written that way below %s", s.Path(), m.node.schema.Path()))
	}
}

// Child returns the handle on the container s, or nil when it does not exist.
func (m *Mut) Child(s *yang.Node) *Mut {
	c := m.Node().Child(s)
	if c == nil || c.body == nil {
		return nil
	}
	return &Mut{txn: m.txn, parent: m, node: c}
}

// Find returns the handle on the container or list entry that p leads to, or nil.
func (m *Mut) Find(p Path) *Mut {
	for _, st := range p {
		if st.Schema.Kind == yang.List {
			n := m.Node().step(st)
			if n == nil {
				return nil
			}
			m = m.Entry(st.Schema, n.Key())
		} else {
			m = m.Child(st.Schema)
		}
		if m == nil {
			return nil
		}
	}
	return m
}

// Ensure returns the handle on the container s, which it creates when absent.
func (m *Mut) Ensure(s *yang.Node) *Mut {
	if c := m.Child(s); c != nil {
		return c
	}
	m.must(s, yang.Container)
	m.txn.take(innerSize + linkSize)
	c := &Node{schema: s, body: &body{owner: m.txn.owner}}
	m.own().place(c)
	return &Mut{txn: m.txn, parent: m, node: c}
}

// SetLeaf sets the leaf s. Setting the value it has changes nothing but its
// metadata. The key of an entry can only be set to what it is.
func (m *Mut) SetLeaf(s *yang.Node, v yang.Value) {
	m.must(s, yang.Leaf)
	old := m.Node().Child(s)
	switch {
	case old != nil && old.value == v && (old.body == nil || old.body.meta == (meta{})):
		return
	case s.IsKey && (old == nil || old.value != v):
		panic("tree: the key " + s.Path() + " of an entry cannot be changed")
	}
	m.txn.take(linkSize)
	m.own().place(m.txn.leaves.Of(s, v))
}

// SetAny sets the anydata or anyxml s.
func (m *Mut) SetAny(s *yang.Node, a *Any) {
	m.must(s, yang.AnyData, yang.AnyXML)
	if old := m.Node().Child(s); old != nil && old.Any().Equal(a) {
		return
	}
	m.txn.take(innerSize + a.size())
	m.own().place(NewAny(s, a))
}

// Delete removes s, a list or leaf-list with all its entries, and tells whether it was there.
func (m *Mut) Delete(s *yang.Node) bool {
	if !m.Node().Has(s) {
		return false
	}
	b := m.own()
	if i, ok := findSlot(b.kids, s); ok {
		b.kids = slices.Delete(b.kids, i, i+1)
	}
	return true
}

// Clear removes all children but the keys of an entry.
func (m *Mut) Clear() {
	keys := len(m.node.schema.Keys)
	if len(m.Node().slots()) > keys {
		b := m.own()
		b.kids = slices.Clone(b.kids[:keys])
	}
}

// Put grafts the subtree n as a child: it replaces what has the same identity, or
// goes to pos. n is of a tree that is done, or of the one m is in. Cost: a search,
// whatever the size of n.
func (m *Mut) Put(n *Node, pos Position) {
	m.must(n.schema, yang.Container, yang.List, yang.Leaf, yang.LeafList, yang.AnyData, yang.AnyXML)
	if m.owned(n) {
		m.txn.owner = owners.Add(1) // n is in this tree: from now on it must not change
	}
	if !isEntry(n.schema) {
		if m.Node().Child(n.schema) != n {
			m.txn.take(graftSize(n))
			m.own().place(n)
		}
		return
	}
	key := n.Key()
	if old := m.Node().Entry(n.schema, key); old == n {
		return
	}
	m.txn.take(placeSize)
	m.own().collection(m.txn, n.schema).put(m.txn.owner, key, n, pos)
}

// SetOrigin sets the origin annotation of the handle's node.
func (m *Mut) SetOrigin(o Origin) {
	if m.Node().Origin() != o {
		m.own().meta.origin = o
	}
}

// SetDefault sets or clears the default mark of the handle's node.
func (m *Mut) SetDefault(is bool) {
	if m.Node().IsDefault() != is {
		m.own().meta.isDefault = is
	}
}
