package netconf

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
)

// reading is what a retrieval operation asks for.
type reading struct {
	from    datastore.Datastore
	filter  filter
	mode    query.Mode
	content query.Content
	origins *originFilter // nil for all
	depth   int           // levels from the selected nodes on, 0 for all
}

// run reads. The filters are applied one after the other, to the data with the
// defaults that the mode adds (RFC 6243 Section 4.5.1). State that the filter
// cannot select is not produced.
func (ss *session) run(ctx context.Context, q reading) (*tree.Tree, error) {
	t, err := ss.source(ctx, q)
	if err != nil {
		return nil, err
	}
	t, err = ss.reduced(ctx, ss.data.Metered(ctx, t), q)
	if denied := ss.data.Denied(); denied != nil {
		err = denied
	}
	return t, err
}

// reduced is what q asks for of t.
func (ss *session) reduced(ctx context.Context, t *tree.Tree, q reading) (*tree.Tree, error) {
	t, err := ss.selected(ctx, t, q)
	if err != nil {
		return nil, err
	}
	if q.mode != query.Explicit {
		t = ss.data.Visible(t) // defaults were added for what may be hidden too
	}
	if q.from != datastore.Operational && q.mode != query.Explicit && q.content == query.All {
		q.content = query.Config // no defaults of state in a datastore that has none
	}
	t = query.OfContent(t, q.content)
	if q.origins != nil {
		t = q.origins.apply(t)
	}
	return t, nil
}

// source reads the datastore, as far as the filter can look at it.
func (ss *session) source(ctx context.Context, q reading) (*tree.Tree, error) {
	under, some := q.filter.under()
	if !some {
		return tree.New(ss.schema.Root), nil
	}
	return ss.data.Read(ctx, q.from, datastore.Selection{Under: under})
}

// selected applies the content filter.
func (ss *session) selected(ctx context.Context, t *tree.Tree, q reading) (*tree.Tree, error) {
	model := ss.store.Validator().Model()
	switch f := q.filter; {
	case f.xpath != nil:
		f.xpath.Depth, f.xpath.Limits = q.depth, ss.o.XPath
		return f.xpath.Apply(ctx, t, q.mode)
	case f.subtree != nil:
		f.subtree.Depth = q.depth
		if q.mode != query.Explicit {
			t = query.Defaults(query.Coarse(t, f.subtree), t, q.mode, model)
		}
		return query.Subtree(t, f.subtree), nil
	}
	return query.Depth(query.Defaults(t, t, q.mode, model), nil, q.depth), nil
}
