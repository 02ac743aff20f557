package query

import (
	"context"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
)

// pathSize is about the octets of a path.
const pathSize = 256

// Paths returns the nodes that the filter selects in t without defaults, in document
// order, a text node as the leaf it is of; the root has the empty path. Limits are
// those of Apply, and the paths must fit into their memory.
func (x *XPath) Paths(ctx context.Context, t *tree.Tree) (out []tree.Path, err error) {
	env := xpath.NewEnv(x.model, t)
	env.Explicit, env.Context, env.Limits = true, ctx, x.Limits.Or(xpath.UserLimits)
	tooMany := false
	err = x.program.Each(env, env.Root(), func(c *xpath.Cursor) bool {
		out = append(out, c.Path())
		tooMany = len(out)*pathSize > env.Limits.Memory
		return !tooMany
	})
	switch {
	case err != nil:
		return nil, ofRequest(err)
	case tooMany:
		return nil, rpcerr.NewProtocol(rpcerr.TooBig, "the XPath expression %.200q selects more than %d nodes", x.program, len(out)-1)
	}
	return out, nil
}
