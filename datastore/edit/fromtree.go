package edit

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// FromTree returns the edit that does op with every top-level node of t; with
// Replace, t becomes all there is. Cost: the number of top-level nodes; the nodes
// are shared.
func FromTree(t *tree.Tree, op Op) *Edit {
	root := &Node{Schema: t.Schema(), Op: op}
	for c := range t.Root().Children() {
		root.Children = append(root.Children, fromNode(c, op))
	}
	return &Edit{Root: root}
}

// fromNode returns the operation op with c.
func fromNode(c *tree.Node, op Op) *Node {
	n := &Node{Schema: c.Schema(), Op: op, Value: c.Value(), Any: c.Any(), Content: c}
	if c.Schema().Kind == yang.List {
		n.Keys = c.KeyValues()
	}
	return n
}
