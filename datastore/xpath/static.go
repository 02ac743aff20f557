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

func (k *compiler) ancestors(n *yang.Node) (l []*yang.Node) {
	for n = k.parentOf(n); n != nil; n = k.parentOf(n) {
		l = append(l, n)
	}
	return l
}

func (k *compiler) descendants(n *yang.Node) (l []*yang.Node) {
	for _, c := range k.childrenOf(n) {
		l = append(append(l, c), k.descendants(c)...)
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
	var l []*yang.Node
	for _, n := range in.nodes {
		switch axis {
		case yang.AxisSelf:
			l = append(l, n)
		case yang.AxisChild:
			l = append(l, k.childrenOf(n)...)
		case yang.AxisParent:
			if p := k.parentOf(n); p != nil {
				l = append(l, p)
			}
		case yang.AxisAncestorOrSelf:
			l = append(append(l, n), k.ancestors(n)...)
		case yang.AxisAncestor:
			l = append(l, k.ancestors(n)...)
		case yang.AxisDescendantOrSelf:
			l = append(append(l, n), k.descendants(n)...)
		case yang.AxisDescendant:
			l = append(l, k.descendants(n)...)
		case yang.AxisFollowingSibling, yang.AxisPrecedingSibling:
			if p := k.parentOf(n); p != nil {
				k.reads(types{nodes: []*yang.Node{p}})
				l = append(l, k.childrenOf(p)...)
			}
		case yang.AxisFollowing, yang.AxisPreceding:
			for _, a := range k.ancestors(n) {
				k.reads(types{nodes: []*yang.Node{a}})
				l = append(l, k.descendants(a)...)
			}
		}
	}
	out := typesOf(l)
	out.text = in.text
	return out
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
