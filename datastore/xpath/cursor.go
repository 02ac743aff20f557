package xpath

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Cursor is a node of an accessible tree together with its ancestors, which the
// nodes themselves do not know. It is immutable.
type Cursor struct {
	node    *tree.Node
	parent  *Cursor
	virtual bool // not stored: a default, a non-presence container or a dummy
	text    bool // the text node of the leaf, which is the parent
}

// NewCursor returns the place of n below parent; parent is nil for the root.
func NewCursor(n *tree.Node, parent *Cursor) *Cursor { return &Cursor{node: n, parent: parent} }

// Node is the data node.
func (c *Cursor) Node() *tree.Node { return c.node }

// Schema is the schema node of Node.
func (c *Cursor) Schema() *yang.Node { return c.node.Schema() }

// Parent is the parent, nil for the root.
func (c *Cursor) Parent() *Cursor { return c.parent }

// Virtual tells that the node is not stored: a default in use, or a
// non-presence container that the accessible tree has nevertheless.
func (c *Cursor) Virtual() bool { return c.virtual }

// Path is the instance path. Below an RPC, action or notification it goes on
// from the path of its parent with the operation's name.
func (c *Cursor) Path() tree.Path {
	var p tree.Path
	for ; c != nil; c = c.parent {
		s := c.Schema()
		switch {
		case c.text || s.Kind == yang.Root || s.Kind == yang.Structure:
		case s.IsData():
			st := tree.StepTo(c.node)
			if s.Kind == yang.List && len(s.Keys) == 0 && c.parent != nil {
				st.Index = place(c)
			}
			p = append(p, st)
		default:
			p = append(p, tree.Step{Schema: named(s)})
		}
	}
	slices.Reverse(p)
	return p
}

// place is the position of an entry in its list, from 1.
func place(c *Cursor) int {
	i := 0
	for n := range c.parent.node.Entries(c.Schema()) {
		if i++; n == c.node {
			return i
		}
	}
	return 0
}

// named is the schema node whose name a tree node bears: an input or output is
// the node of its operation (RFC 7950 Section 6.4.1).
func named(s *yang.Node) *yang.Node {
	if s.Kind == yang.Input || s.Kind == yang.Output {
		return s.Parent
	}
	return s
}

// isElement tells whether c has a name: it is neither the root nor text.
func (c *Cursor) isElement() bool {
	k := c.Schema().Kind
	return !c.text && k != yang.Root && k != yang.Structure
}

// element is c, or the leaf of a text node.
func (c *Cursor) element() *Cursor {
	if c.text {
		return c.parent
	}
	return c
}

// top is the root above c.
func (c *Cursor) top() *Cursor {
	for c.parent != nil {
		c = c.parent
	}
	return c
}

// same tells whether two cursors are at the same place.
func same(a, b *Cursor) bool {
	for a != b {
		if a == nil || b == nil || a.node != b.node || a.text != b.text {
			return false
		}
		a, b = a.parent, b.parent
	}
	return true
}

// spot identifies a cursor well enough for a map: leafs, and nodes that stand for
// absent ones, are shared by many parents, so the nearest other ancestor counts too.
type spot struct {
	node, stored *tree.Node
	text         bool
}

func (c *Cursor) spot() spot {
	s := spot{node: c.node, text: c.text}
	for c.parent != nil && (c.virtual || c.node.Schema().IsLeafy()) {
		c = c.parent
	}
	s.stored = c.node
	return s
}
