package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// callOp is any RPC that the Store has a handler for (RFC 7950 Section 7.14.4).
func callOp(r *request) (action, error) {
	in, err := r.input(r.rpc, tree.Path{{Schema: r.rpc}})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*reply, error) {
		return output(r.data.Call(ctx, r.rpc, in))
	}, nil
}

// input reads the rest of the open element as the input of an RPC or action.
func (r *request) input(op *yang.Node, at tree.Path) (*tree.Tree, error) {
	b := tree.NewBuilder(op.Input())
	b.At = at
	if err := codec.DecodeXML(r.x, r.schema, op.Input(), withoutAttributes{r.counted(b)}, codec.DecodeOptions{At: at}); err != nil {
		return nil, err
	}
	return b.Tree()
}

// output is the reply with what an RPC or action returned.
func output(t *tree.Tree, err error) (*reply, error) {
	if err != nil || t == nil {
		return nil, err
	}
	return &reply{tree: t}, nil
}
