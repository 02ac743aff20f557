package tree

import "github.com/altoam/altoam/yang"

// DefaultLeaf returns the nodes that stand for s when it is absent and its default
// is in use (RFC 7950 Sections 7.6.1 and 7.7.2): one for a leaf, one per value for
// a leaf-list, none without defaults. They are marked as default and of origin
// default; whoever needs them often keeps them.
func DefaultLeaf(s *yang.Node) []*Node {
	if !s.IsLeafy() || len(s.Defaults) == 0 {
		return nil
	}
	nodes := make([]*Node, len(s.Defaults))
	for i, v := range s.Defaults {
		nodes[i] = &Node{schema: s, value: v, body: leafBodies[OriginDefault][1]}
	}
	return nodes
}

// Setting is the value of the leaf s below n, which may be nil: its default where it is not
// there, the zero Value where it has none.
func Setting(n *Node, s *yang.Node) yang.Value {
	if n != nil {
		if leaf := n.Child(s); leaf != nil {
			return leaf.Value()
		}
	}
	if len(s.Defaults) == 0 {
		return yang.Value{}
	}
	return s.Defaults[0]
}
