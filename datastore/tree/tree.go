// Package tree holds YANG data: Tree and Node are immutable and share structure,
// Mut makes the next tree from one by copying only the path to what it touches,
// Diff is the difference of two. Path names a node (RFC 7951 Section 6.11); Sink
// is what decoders write into and Builder the Sink that makes a Tree.
//
// A tree holds what was put into it and nothing else: defaults are not added and
// nothing is validated beyond the identity of nodes.
package tree

import "github.com/altoam/altoam/yang"

// Tree is an immutable data tree below a Root, Input, Output, Notification or
// Structure schema node. It is safe for any number of readers and as cheap to
// copy as a pointer.
type Tree struct {
	root  *Node
	meter *Meter // see Metered
}

// New returns the empty tree below root.
func New(root *yang.Node) *Tree {
	return &Tree{root: &Node{schema: root, body: &body{}}}
}

// Root is the node above the top-level data nodes, never nil.
func (t *Tree) Root() *Node { return t.root }

// Schema is the schema node of Root.
func (t *Tree) Schema() *yang.Node { return t.root.schema }

// Empty tells that the tree has no data node.
func (t *Tree) Empty() bool { return t.root.Empty() }

// Find returns the node p leads to, or nil. A list or leaf-list step without keys
// selects the first entry. The empty path is the root. Cost: a search per step.
func (t *Tree) Find(p Path) *Node { return t.root.Find(p) }

// FromNode returns the tree that has n as its root: a view of a container or list
// entry as a tree of its own.
func FromNode(n *Node) *Tree { return &Tree{root: n} }
