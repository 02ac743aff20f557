package validate

import (
	"errors"

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

// leafrefProgram is the compiled path of t, a type of s.
func (v *Validator) leafrefProgram(s *yang.Node, t *yang.Type) *xpath.Program {
	p, err := v.model.Compile(t.Path, s)
	if err != nil {
		panic("validate: " + located(s, "path", err).Error()) // NewModel has compiled it
	}
	return p
}
