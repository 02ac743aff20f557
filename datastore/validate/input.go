package validate

import (
	"context"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Input judges the parameters of an RPC, of an action that belongs to no node in
// particular, or the content of a notification (RFC 7950 Section 8.1): in is below
// op's input, its output, or op itself; nil means no parameters. Expressions see
// running besides them, nil for an empty one (RFC 7950 Section 6.4.1).
func (v *Validator) Input(ctx context.Context, op *yang.Node, in, running *tree.Tree) []*rpcerr.Error {
	return v.InputAt(ctx, op, nil, in, running)
}

// InputAt is Input for an action or notification of the data node at path, which
// relative paths can climb to. Where running lacks the node the root stands for it.
func (v *Validator) InputAt(ctx context.Context, op *yang.Node, path tree.Path, in, running *tree.Tree) []*rpcerr.Error {
	if in == nil {
		top := op
		if op.Kind == yang.RPC || op.Kind == yang.Action {
			top = op.Input()
		}
		if top == nil {
			return nil
		}
		in = tree.New(top)
	}
	if running == nil {
		running = tree.New(v.schema.Root)
	}
	w := v.walk(ctx, running, Options{})
	w.input = true
	var at *xpath.Cursor
	if len(path) > 0 {
		at = w.env.Locate(path)
	}
	w.instance(w.env.Operation(in, at))
	return w.errs
}
