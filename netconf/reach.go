package netconf

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// reachOf returns the top-level nodes that an XPath filter can look at, or that
// it may look at everything.
func reachOf(text string, o yang.XPathOptions, s *yang.Schema) (tops []*yang.Node, everything bool) {
	x, err := yang.ParseXPath(text, o)
	if err != nil {
		return nil, true
	}
	r := reach{root: s.Root}
	if r.expr(x.Expr, true); r.everything {
		return nil, true
	}
	return r.tops, false
}

// reach finds the top-level nodes that an XPath expression evaluated at the root
// can look at. It gives up, and says everything, where an expression may climb.
type reach struct {
	root       *yang.Node
	tops       []*yang.Node
	everything bool
}

// expr looks through e; atRoot tells that its context node is the root.
func (r *reach) expr(e yang.Expr, atRoot bool) {
	switch e := e.(type) {
	case *yang.BinaryExpr:
		r.expr(e.L, atRoot)
		r.expr(e.R, atRoot)
	case *yang.NegateExpr:
		r.expr(e.X, atRoot)
	case *yang.CallExpr:
		r.everything = r.everything || e.Name == "deref" || e.Name == "current"
		for _, a := range e.Args {
			r.expr(a, atRoot)
		}
	case *yang.PathExpr:
		r.path(e, atRoot)
	}
}

func (r *reach) path(p *yang.PathExpr, atRoot bool) {
	fromRoot := p.Absolute || atRoot && p.Base == nil
	if p.Base != nil {
		r.expr(p.Base, atRoot)
	}
	r.all(p.Preds)
	if fromRoot {
		r.top(p.Steps)
	}
	for _, st := range p.Steps {
		switch st.Axis {
		case yang.AxisChild, yang.AxisSelf, yang.AxisDescendant, yang.AxisDescendantOrSelf:
		default:
			r.everything = true
		}
		r.all(st.Preds)
	}
}

func (r *reach) all(preds []yang.Expr) {
	for _, e := range preds {
		r.expr(e, false)
	}
}

// top adds the nodes that the first of steps from the root selects.
func (r *reach) top(steps []yang.Step) {
	if len(steps) == 0 || steps[0].Axis != yang.AxisChild || steps[0].Test != yang.TestName {
		r.everything = true
		return
	}
	first := steps[0]
	for _, n := range r.root.Data {
		if n.Name == first.Name && (first.Module == yang.AnyModule || first.Module == n.Module.Name) && !slices.Contains(r.tops, n) {
			r.tops = append(r.tops, n)
		}
	}
}
