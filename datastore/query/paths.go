package query

import (
	"context"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
)

// Paths returns the nodes that the filter selects in t without defaults, in document
// order, a text node as the leaf it is of; the root has the empty path. Limits are
// those of Apply.
func (x *XPath) Paths(ctx context.Context, t *tree.Tree) (out []tree.Path, err error) {
	env := xpath.NewEnv(x.model, t)
	env.Explicit, env.Context, env.Limits = true, ctx, x.Limits.Or(xpath.UserLimits)
	err = x.program.Each(env, env.Root(), func(c *xpath.Cursor) bool {
		for c.Parent() != nil && c.Parent().Node() == c.Node() {
			c = c.Parent()
		}
		out = append(out, c.Path())
		return true
	})
	return out, err
}
