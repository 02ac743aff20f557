package xpath

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// types are the schema nodes that the nodes of a node-set can be instances of.
type types struct {
	nodes   []*yang.Node // sorted by ID, each once
	unknown bool         // any
	text    bool         // text nodes may be among them
}

func (t types) only() *yang.Node {
	if t.unknown || len(t.nodes) != 1 {
		return nil
	}
	return t.nodes[0]
}

func (t types) union(o types) types {
	if t.unknown || o.unknown {
		return types{unknown: true}
	}
	out := typesOf(append(slices.Clone(t.nodes), o.nodes...))
	out.text = t.text || o.text
	return out
}

func typesOf(l []*yang.Node) types {
	slices.SortFunc(l, func(a, b *yang.Node) int { return a.ID - b.ID })
	return types{nodes: slices.Compact(l)}
}

// parentOf is the schema node of the parent in the accessible tree, nil for the root.
func (k *compiler) parentOf(n *yang.Node) *yang.Node {
	switch n.Kind {
	case yang.Root, yang.Structure:
		return nil
	case yang.Input, yang.Output:
		n = n.Parent
	case yang.Notification:
	default:
		return n.DataParent
	}
	for n = n.Parent; n != nil; n = n.Parent {
		if n.IsData() || n.Kind == yang.Root || n.Kind == yang.Structure {
			return n
		}
	}
	return k.model.schema.Root
}

// childrenOf are the schema nodes of children in the accessible tree.
func (k *compiler) childrenOf(n *yang.Node) []*yang.Node {
	if k.op != nil && k.parentOf(k.op) == n {
		return append(slices.Clone(n.Data), k.op)
	}
	return n.Data
}

// fresh starts a round in which each schema node is taken once.
func (k *compiler) fresh() {
	if k.marked == nil {
		k.marked = make([]uint32, len(k.model.nodes))
	}
	k.round++
}

// once tells whether n was not taken in this round, and takes it.
func (k *compiler) once(n *yang.Node) bool {
	if k.marked[n.ID] == k.round {
		return false
	}
	k.marked[n.ID] = k.round
	return true
}

// ancestors are those of n that were not taken.
func (k *compiler) ancestors(l []*yang.Node, n *yang.Node) []*yang.Node {
	for n = k.parentOf(n); n != nil && k.once(n); n = k.parentOf(n) {
		l = append(l, n)
	}
	return l
}

// descendants are those of n that were not taken; what is below one that was, was.
func (k *compiler) descendants(l []*yang.Node, n *yang.Node) []*yang.Node {
	for _, c := range k.childrenOf(n) {
		if k.once(c) {
			l = k.descendants(append(l, c), c)
		}
	}
	return l
}

// below are the descendants of the nodes in t.
func (k *compiler) below(t types) (l []*yang.Node) {
	k.fresh()
	for _, n := range t.nodes {
		if !n.IsLeafy() {
			l = k.descendants(l, n)
		}
	}
	return l
}

// follow returns the types at the end of an axis, before the node test.
func (k *compiler) follow(in types, axis yang.Axis) types {
	if axis == yang.AxisAttribute || axis == yang.AxisNamespace {
		return types{}
	}
	switch axis {
	case yang.AxisSelf, yang.AxisChild, yang.AxisDescendant, yang.AxisDescendantOrSelf:
	default:
		in.unknown = in.unknown || in.text
	}
	if in.unknown {
		return types{unknown: true}
	}
	out := typesOf(k.along(in.nodes, axis))
	out.text = in.text
	return out
}

// along are the schema nodes on an axis from those in nodes.
func (k *compiler) along(nodes []*yang.Node, axis yang.Axis) (l []*yang.Node) {
	switch axis {
	case yang.AxisSelf:
		return slices.Clone(nodes)
	case yang.AxisDescendant:
		return k.below(types{nodes: nodes})
	case yang.AxisDescendantOrSelf:
		return append(k.below(types{nodes: nodes}), nodes...)
	case yang.AxisAncestorOrSelf:
		l = append(l, nodes...)
	}
	k.fresh()
	for _, n := range nodes {
		switch axis {
		case yang.AxisChild:
			l = append(l, k.childrenOf(n)...)
		case yang.AxisAncestor, yang.AxisAncestorOrSelf:
			l = k.ancestors(l, n)
		default:
			if p := k.parentOf(n); p != nil && k.once(p) {
				l = append(l, p)
			}
		}
	}
	switch axis {
	case yang.AxisFollowingSibling, yang.AxisPrecedingSibling:
		k.reads(types{nodes: l})
		return k.along(l, yang.AxisChild)
	case yang.AxisFollowing, yang.AxisPreceding:
		above := k.along(nodes, yang.AxisAncestor)
		k.reads(types{nodes: above})
		return k.below(types{nodes: above})
	}
	return l
}

// filter keeps the types that pass the node test.
func (t types) filter(s *yang.Step) types {
	switch {
	case s.Test == yang.TestNothing:
		return types{}
	case s.Test == yang.TestText:
		return types{text: true}
	case t.unknown:
		return t
	}
	out := types{}
	if s.Test == yang.TestNode {
		switch s.Axis {
		case yang.AxisSelf, yang.AxisAncestorOrSelf:
			out.text = t.text
		case yang.AxisParent, yang.AxisAncestor:
		default:
			out.text = true
		}
	}
	for _, n := range t.nodes {
		if matches(s, n) {
			out.nodes = append(out.nodes, n)
		}
	}
	return out
}

// matches applies a node test other than text() to a schema node.
func matches(s *yang.Step, n *yang.Node) bool {
	if s.Test == yang.TestNode {
		return true
	}
	n = named(n)
	if n.Kind == yang.Root || n.Kind == yang.Structure || s.Test == yang.TestNothing || s.Test == yang.TestText {
		return false
	}
	if s.Test == yang.TestName && s.Name != n.Name {
		return false
	}
	return s.Module == "" || s.Module == yang.AnyModule || n.Module != nil && s.Module == n.Module.Name
}
