package xpath

import (
	"fmt"
	"slices"

	"github.com/altoam/altoam/yang"
)

// leafrefs are the leafrefs in t: itself or members of the union.
func leafrefs(t *yang.Type) (l []*yang.Type) {
	if t.Base == yang.LeafRef {
		return []*yang.Type{t}
	}
	for _, m := range t.Members {
		l = append(l, leafrefs(m)...)
	}
	return l
}

// refersAnywhere tells whether t can be an instance-identifier.
func refersAnywhere(t *yang.Type) bool {
	return t.Base == yang.InstanceIdentifier || slices.ContainsFunc(t.Members, refersAnywhere)
}

// reference compiles the program that selects what a leaf n of type t refers to:
// the nodes of the path with its value (RFC 7950 Section 10.3.1).
func (m *Model) reference(t *yang.Type, n *yang.Node) (*Program, error) {
	if t.Path == nil || t.Target == nil {
		return nil, fmt.Errorf("the leafref has no target")
	}
	path, ok := t.Path.Expr.(*yang.PathExpr)
	if !ok || len(path.Steps) == 0 {
		return nil, fmt.Errorf("%q is no path", t.Path.Text)
	}
	return m.Compile(&yang.XPath{Text: t.Path.Text, Expr: withValue(path, t.Target)}, n)
}

// refersTo records what following ref, leafref i in the type of n, reads, and returns
// its target.
func (k *compiler) refersTo(i int, ref *yang.Type, n *yang.Node) types {
	var p *Program
	if done := k.model.nodes[n.ID].refs; i < len(done) {
		p = done[i]
	} else {
		var err error
		if p, err = k.model.reference(ref, n); err != nil {
			return types{unknown: true}
		}
	}
	k.reads(types{nodes: p.deps, unknown: p.unknown})
	return p.code.set.types
}

// withValue narrows the path to the nodes whose value is that of current(), by a
// predicate on the list where the target is its key, so that it can be looked up.
func withValue(p *yang.PathExpr, target *yang.Node) *yang.PathExpr {
	out := *p
	out.Steps = slices.Clone(p.Steps)
	last := len(out.Steps) - 1
	key := yang.Step{Axis: yang.AxisSelf, Test: yang.TestNode}
	at := last
	if list := target.DataParent; target.IsKey && last > 0 && out.Steps[last-1].Axis == yang.AxisChild && matches(&out.Steps[last-1], list) {
		key, at = out.Steps[last], last-1
	}
	equal := &yang.BinaryExpr{
		Op: yang.OpEq, L: &yang.PathExpr{Steps: []yang.Step{key}}, R: &yang.CallExpr{Name: "current"},
	}
	out.Steps[at].Preds = append(slices.Clone(out.Steps[at].Preds), equal)
	return &out
}
