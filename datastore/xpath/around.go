package xpath

import "github.com/altoam/altoam/yang"

// CompileAround is Compile for the root as context node of a tree that an operation or
// a notification is added to (see Env.Operation): op is the notification, input or
// output.
func (m *Model) CompileAround(x *yang.XPath, op *yang.Node) (*Program, error) {
	k := newCompiler(m, m.schema.Root)
	k.op = op
	c, err := k.expr(x.Expr, k.context)
	if err != nil {
		return nil, err
	}
	return k.program(x.Text, c), nil
}
