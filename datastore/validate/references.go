package validate

import (
	"context"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Made are the leafs and entries of leaf-lists that a change creates or modifies, and
// that have to refer to what exists. Cost is that of the change.
func (v *Validator) Made(d *tree.Diff) (made []tree.Path) {
	if d.Empty() {
		return nil
	}
	var whole func(p tree.Path, n *tree.Node)
	whole = func(p tree.Path, n *tree.Node) {
		if v.rules[n.Schema().ID].refs != nil {
			made = append(made, p)
		}
		for c := range n.Children() {
			whole(p.Join(tree.StepTo(c)), c)
		}
	}
	var inside func(p tree.Path, c *tree.Change)
	inside = func(p tree.Path, c *tree.Change) {
		for _, k := range c.Children {
			switch {
			case k.Op == tree.Delete:
			case k.Op == tree.Create || k.Op == tree.Modify:
				whole(p.Join(tree.StepTo(k.New)), k.New)
			default:
				inside(p.Join(tree.StepTo(k.New)), k)
			}
		}
	}
	inside(nil, d.Root)
	return made
}

// Dangling reports those of the leafs that are in t and refer to nothing in t (RFC 7950
// Sections 9.9.3 and 9.13).
func (v *Validator) Dangling(ctx context.Context, t *tree.Tree, leafs []tree.Path) []*rpcerr.Error {
	w := v.walk(ctx, t, Options{})
	for _, p := range leafs {
		if c := w.env.Locate(p); c != nil {
			w.reference(c, v.rules[p.Schema().ID].refs)
		}
	}
	return w.errs
}
