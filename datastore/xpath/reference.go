package xpath

import (
	"fmt"
	"slices"

	"github.com/altoam/altoam/yang"
)

// Reference is the compiled path of a leafref (RFC 7950 Section 9.9.2).
type Reference struct {
	// Type is the leafref, a member of the leaf's union perhaps.
	Type *yang.Type
	// Plain tells that the path has no predicates: what it selects depends on the
	// ancestor that Climb leads to only.
	Plain bool
	// Climb is the number of ".." the path starts with, -1 for an absolute path.
	Climb int

	program *Program // selects the nodes with the value of the context node
	all     *Program // selects all nodes of the path
}

// Fast tells that finding the target takes look-ups only.
func (r *Reference) Fast() bool { return r.program.scans == 0 }

// Targets is the program that selects the nodes that the leaf at the context node
// refers to: those of the path with its value.
func (r *Reference) Targets() *Program { return r.program }

// All is the program that selects what the path leads to, whatever the value.
func (r *Reference) All() *Program { return r.all }

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

// reference compiles the leafref t of the leaf n.
func (m *Model) reference(t *yang.Type, n *yang.Node) (*Reference, error) {
	if t.Path == nil || t.Target == nil {
		return nil, fmt.Errorf("the leafref has no target")
	}
	path, ok := t.Path.Expr.(*yang.PathExpr)
	if !ok || len(path.Steps) == 0 {
		return nil, fmt.Errorf("%q is no path", t.Path.Text)
	}
	r := &Reference{Type: t, Plain: true, Climb: -1}
	for _, s := range path.Steps {
		r.Plain = r.Plain && len(s.Preds) == 0
	}
	if !path.Absolute {
		r.Climb = 0
		for _, s := range path.Steps {
			if s.Axis != yang.AxisParent {
				break
			}
			r.Climb++
		}
	}
	var err error
	if r.all, err = m.Compile(t.Path, n); err != nil {
		return nil, err
	}
	withValue := &yang.XPath{Text: t.Path.Text, Expr: withValue(path, t.Target)}
	r.program, err = m.Compile(withValue, n)
	return r, err
}

// referenced are the types that the path of the leafref t of n reads.
func (k *compiler) referenced(t *yang.Type, n *yang.Node) types {
	p, err := k.model.Compile(t.Path, n)
	if err != nil {
		return types{unknown: true}
	}
	return types{nodes: p.deps, unknown: p.unknown}
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
