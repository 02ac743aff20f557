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
