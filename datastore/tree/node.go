package tree

import (
	"iter"
	"slices"

	"github.com/altoam/altoam/yang"
)

// Node is an immutable data node: the root, a container, list entry, leaf,
// leaf-list entry, anydata or anyxml. Nodes have no parent: one node can be part
// of many trees, and two pointers that are equal are equal subtrees.
//
// A leaf costs 48 bytes besides its text; a container, an entry or a list that the
// system orders 128 bytes and a pointer per child.
type Node struct {
	schema *yang.Node
	value  yang.Value // leaf, leaf-list entry
	body   *body      // nil for a leaf without metadata
}

// body is what only some nodes have.
type body struct {
	owner uint64   // the Mut that may write here; 0 none
	kids  []*Node  // by schema index; a list or leaf-list is one collection node
	list  *entries // set on collection nodes of many entries or of ranked ones
	key   string   // entries: see Node.Key
	any   *Any
	marks *Marks
	meta  meta
	few   bool // set on collection nodes of few entries: kids are these, by key
}

// Schema is the schema node n is an instance of.
func (n *Node) Schema() *yang.Node { return n.schema }

// Value is the value of a leaf or leaf-list entry, else zero.
func (n *Node) Value() yang.Value { return n.value }

// Any is the content of an anydata or anyxml node, else nil.
func (n *Node) Any() *Any {
	if n.body == nil {
		return nil
	}
	return n.body.any
}

// Key identifies a list or leaf-list entry among its siblings. It is KeyOf its
// keys or its value; an entry without keys, or with a value that stood there
// already, gets one of its own. The order of keys is the order of a
// system-ordered list. "" for other nodes.
func (n *Node) Key() string {
	if n.body != nil && n.body.key != "" {
		return n.body.key
	}
	if n.schema.Kind == yang.LeafList {
		return n.value.String()
	}
	return ""
}

// KeyValues are the values of a list entry's keys in key order, or a leaf-list
// entry's value; nil where there are none.
func (n *Node) KeyValues() []yang.Value {
	switch n.schema.Kind {
	case yang.LeafList:
		return []yang.Value{n.value}
	case yang.List:
		if len(n.schema.Keys) == 0 {
			return nil
		}
		vals := make([]yang.Value, len(n.schema.Keys))
		for i, k := range n.schema.Keys {
			if c := n.Child(k); c != nil {
				vals[i] = c.value
			}
		}
		return vals
	}
	return nil
}

// Child returns the instance of s directly below n, where s is a leaf, container,
// anydata or anyxml; nil when absent. Logarithmic in the number of children.
func (n *Node) Child(s *yang.Node) *Node {
	c := n.slot(s)
	if c == nil || c.isCollection() {
		return nil
	}
	return c
}

// Entry returns the entry of the list or leaf-list s with that key, or nil.
func (n *Node) Entry(s *yang.Node, key string) *Node {
	if c := n.slot(s); c != nil && c.isCollection() {
		return c.body.get(key)
	}
	return nil
}

// Has tells whether s has an instance directly below n.
func (n *Node) Has(s *yang.Node) bool { return n.slot(s) != nil }

// Len is the number of instances of s directly below n, in constant time for a list.
func (n *Node) Len(s *yang.Node) int {
	c := n.slot(s)
	switch {
	case c == nil:
		return 0
	case c.isCollection():
		return c.body.len()
	}
	return 1
}

// Children are all children in schema order, entries in the order of their list.
func (n *Node) Children() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for _, c := range n.slots() {
			if !c.each(yield) {
				return
			}
		}
	}
}

// Schemas are the schema nodes that have instances directly below n, in order.
func (n *Node) Schemas() iter.Seq[*yang.Node] {
	return func(yield func(*yang.Node) bool) {
		for _, c := range n.slots() {
			if !yield(c.schema) {
				return
			}
		}
	}
}

// Entries are the instances of s directly below n, in list order.
func (n *Node) Entries(s *yang.Node) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if c := n.slot(s); c != nil {
			c.each(yield)
		}
	}
}

// EntriesFrom are the entries of s from the one with the key on. In a
// system-ordered list the key need not exist: they start with the first that is
// not less.
func (n *Node) EntriesFrom(s *yang.Node, key string) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if c := n.slot(s); c != nil && c.isCollection() {
			c.body.from(key, yield)
		}
	}
}

// First returns the first entry of s, or nil.
func (n *Node) First(s *yang.Node) *Node {
	for e := range n.Entries(s) {
		return e
	}
	return nil
}

// Last returns the last entry of s, or nil.
func (n *Node) Last(s *yang.Node) *Node {
	c := n.slot(s)
	if c == nil || !c.isCollection() {
		return c
	}
	return c.body.last()
}

// After returns the entry of s that follows the one with the key, nil at the end
// or when there is no such key.
func (n *Node) After(s *yang.Node, key string) *Node {
	if c := n.slot(s); c != nil && c.isCollection() {
		return c.body.after(key)
	}
	return nil
}

// Before returns the entry of s that precedes the one with the key, nil at the
// start or when there is no such key.
func (n *Node) Before(s *yang.Node, key string) *Node {
	if c := n.slot(s); c != nil && c.isCollection() {
		return c.body.before(key)
	}
	return nil
}

// Leaf returns the value of the leaf child of that name in the module of n's own
// schema node, zero when it is absent.
func (n *Node) Leaf(name string) yang.Value {
	if n.schema.Module == nil {
		return yang.Value{}
	}
	s := n.schema.Child(n.schema.Module.Name, name)
	if s == nil {
		return yang.Value{}
	}
	if c := n.Child(s); c != nil {
		return c.value
	}
	return yang.Value{}
}

// Find returns the node that p leads to from n, or nil; see Tree.Find.
func (n *Node) Find(p Path) *Node {
	for _, st := range p {
		if n = n.step(st); n == nil {
			return nil
		}
	}
	return n
}

func (n *Node) step(st Step) *Node {
	switch {
	case !isEntry(st.Schema):
		return n.Child(st.Schema)
	case st.Index > 0:
		i := 0
		for e := range n.Entries(st.Schema) {
			if i++; i == st.Index {
				return e
			}
		}
		return nil
	case len(st.Keys) == 0:
		return n.First(st.Schema)
	}
	return n.Entry(st.Schema, KeyOf(st.Keys...))
}

// Empty tells that n has no children.
func (n *Node) Empty() bool { return len(n.slots()) == 0 }

func isEntry(s *yang.Node) bool { return s.Kind == yang.List || s.Kind == yang.LeafList }

// isCollection tells whether n stands for all entries of a list or leaf-list. Such
// nodes never leave the package.
func (n *Node) isCollection() bool { return n.body != nil && (n.body.few || n.body.list != nil) }

// slots are n's children with each list as one collection node.
func (n *Node) slots() []*Node {
	if n.body == nil {
		return nil
	}
	return n.body.kids
}

// slot returns the child or collection node of s, or nil.
func (n *Node) slot(s *yang.Node) *Node {
	kids := n.slots()
	if i, ok := findSlot(kids, s); ok {
		return kids[i]
	}
	return nil
}

// findSlot returns the place of s in kids and whether it is taken. Children of
// another parent are never found.
func findSlot(kids []*Node, s *yang.Node) (int, bool) {
	if k := len(kids); k == 0 || kids[k-1].schema.Index < s.Index {
		return k, false
	}
	i, ok := slices.BinarySearchFunc(kids, s.Index, func(c *Node, index int) int { return c.schema.Index - index })
	return i, ok && kids[i].schema == s
}

// each yields n, or its entries when it is a collection, and tells whether to go on.
func (n *Node) each(yield func(*Node) bool) bool {
	if n.isCollection() {
		return n.body.each(yield)
	}
	return yield(n)
}

// NewLeaf makes a leaf or leaf-list entry for Mut.Put.
func NewLeaf(s *yang.Node, v yang.Value) *Node { return &Node{schema: s, value: v} }

// NewAny makes an anydata or anyxml node for Mut.Put.
func NewAny(s *yang.Node, a *Any) *Node { return &Node{schema: s, body: &body{any: a}} }
