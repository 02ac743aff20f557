package history

import (
	"cmp"
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// compare tells how running differed after two commits. Cost is that of what the
// commits since the older one changed.
func (h *history) compare(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
	params := c.Input.Root()
	from, to, err := h.pair(ctx, params)
	if err != nil {
		return nil, err
	}
	l := lister{limit: limit(params)}
	l.list(tree.Compare(c.Session.Visible(from), c.Session.Visible(to)))
	m := c.Session.Metered(ctx, tree.New(c.Node.Output())).Mutate()
	w := datastore.NewWriter(m)
	l.write(w)
	return m.Done(), cmp.Or(c.Session.Denied(), w.Err())
}

// pair returns the trees that the parameters from and to of compare name.
func (h *history) pair(ctx context.Context, params *tree.Node) (from, to *tree.Tree, err error) {
	b, err := h.which(ctx, in(params, "to"))
	if err != nil {
		return nil, nil, err
	}
	if b == 0 {
		b = h.store.Running().Head.Revision
	}
	a, err := h.which(ctx, in(params, "from"))
	if err != nil {
		return nil, nil, err
	}
	if to, err = h.store.At(ctx, b); err != nil {
		return nil, nil, err
	}
	switch {
	case a != 0:
		from, err = h.store.At(ctx, a)
	case b == 1:
		from = tree.New(h.store.Schema().Root)
	default:
		from, err = h.store.At(ctx, b-1)
	}
	return from, to, err
}

// limit is the parameter of that name.
func limit(params *tree.Node) int {
	return int(number(params, params.Schema().Child(module, "limit")))
}
