// Package edit changes a data tree by a tree of operations: an Edit is what
// NETCONF's edit-config and RESTCONF's methods mean, Apply makes it one new tree
// and touches nothing else. It validates identity only: that what is created is
// new and what is deleted exists. Constraints are validated on the result.
package edit

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Op is an operation on a node (RFC 6241 Section 7.2).
type Op uint8

// The operations.
const (
	Merge Op = iota
	Replace
	Create
	Delete
	Remove
	None
)

var opNames = [...]string{"merge", "replace", "create", "delete", "remove", "none"}

// String is the name in an edit-config.
func (o Op) String() string { return opNames[o] }

// ParseOp returns the operation of that name. "none" is one only as default-operation.
func ParseOp(name string) (Op, bool) {
	for i, n := range opNames {
		if n == name {
			return Op(i), true
		}
	}
	return Merge, false
}

// Edit is an edit of one tree.
type Edit struct {
	// Root stands for the root of the tree. With Replace its children are all the
	// new tree has; else its Op says nothing.
	Root *Node
	// Steps, when set, are done one after the other, and Root is nil.
	Steps []*Edit
	// Resource tells that the edit came as a request on a resource: what it
	// addresses and does not exist is reported as invalid-value with reason
	// NoSuchResource (RFC 8040 Section 4), not as data-missing.
	Resource bool
}

// Node is the operation on one node of the tree.
type Node struct {
	Schema *yang.Node
	Op     Op
	// Keys of a list entry, in key order.
	Keys []yang.Value
	// Value of a leaf, leaf-list entry; ignored where a leaf is deleted.
	Value yang.Value
	Any   *tree.Any
	// Pos is where an entry of a list ordered by user goes or moves to; nil: a new
	// one goes to the end, an old one stays.
	Pos *tree.Position
	// Children of a container or entry, in the order of the request.
	Children []*Node
	// Content, when set, stands for Value, Any and Children: a node of the same
	// identity, all of it under Op.
	Content *tree.Node
	// ToDefault asks to return the leaf to its default: it is removed if Op, which
	// is Merge, Replace or Create, is possible (RFC 6243 Section 4.5.2).
	ToDefault bool
	// Existing demands that the node exists, whatever Op is.
	Existing bool
}

// step is the path step to n.
func (n *Node) step() tree.Step {
	st := tree.Step{Schema: n.Schema, Keys: n.Keys}
	if n.Schema.Kind == yang.LeafList && !n.Value.IsZero() {
		st.Keys = []yang.Value{n.Value}
	}
	return st
}

// key is the key of n among the entries of its list.
func (n *Node) key() string { return tree.KeyOf(n.step().Keys...) }

// find returns what n is about below parent, or nil.
func (n *Node) find(parent *tree.Node) *tree.Node {
	switch n.Schema.Kind {
	case yang.List, yang.LeafList:
		return parent.Entry(n.Schema, n.key())
	}
	return parent.Child(n.Schema)
}

// implied tells whether n is a container that exists whenever its parent does
// (RFC 7950 Section 7.5.1).
func (n *Node) implied() bool { return n.Schema.Kind == yang.Container && !n.Schema.Presence }
