package validate

import (
	"errors"
	"slices"

	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// when is a compiled when statement that a schema node is subject to.
type when struct {
	program *xpath.Program
	source  *yang.When
	node    *yang.Node // has the statement
}

// compileWhens returns the when statements of s and of the choices and cases it
// stands in, innermost first: the order of Model.Whens.
func (v *Validator) compileWhens(s *yang.Node) ([]when, error) {
	var out []when
	var errs []error
	for n := s; n != nil && (n == s || n.Kind == yang.Choice || n.Kind == yang.Case); n = n.Parent {
		for _, x := range n.Whens {
			out = append(out, when{source: x, node: n})
		}
	}
	programs := v.model.Whens(s)
	for i := range out {
		if s.IsData() {
			out[i].program = programs[i]
			continue
		}
		p, err := v.model.Compile(out[i].source.XPath, s.DataParent)
		if err != nil {
			errs = append(errs, located(out[i].node, "when", err))
		}
		out[i].program = p
	}
	return out, errors.Join(errs...)
}

// holds tells whether all when expressions that s is subject to are true below c.
func (r *rules) holds(e *xpath.Env, c *xpath.Cursor, s *yang.Node) (bool, error) {
	if len(r.whens) == 0 {
		return true, nil
	}
	return e.Holds(c, s)
}

// leafrefProgram selects what a leaf s of the leafref type t refers to: the nodes of
// the path with its value. Where the target is a key, that is a predicate on its
// list, so that the entry can be looked up.
func (v *Validator) leafrefProgram(s *yang.Node, t *yang.Type) *xpath.Program {
	path := *t.Path.Expr.(*yang.PathExpr)
	path.Steps = slices.Clone(path.Steps)
	at, key := len(path.Steps)-1, yang.Step{Axis: yang.AxisSelf, Test: yang.TestNode}
	if t.Target.IsKey && at > 0 && path.Steps[at-1].Axis == yang.AxisChild {
		key, at = path.Steps[at], at-1
	}
	equal := &yang.BinaryExpr{Op: yang.OpEq, L: &yang.PathExpr{Steps: []yang.Step{key}}, R: &yang.CallExpr{Name: "current"}}
	path.Steps[at].Preds = append(slices.Clone(path.Steps[at].Preds), equal)
	p, err := v.model.Compile(&yang.XPath{Text: t.Path.Text, Expr: &path}, s)
	if err != nil {
		panic("validate: " + located(s, "path", err).Error()) // NewModel has compiled it
	}
	return p
}
