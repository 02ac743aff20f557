package netconf

import (
	"bytes"
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
)

// comparison is what <compare> asks for.
type comparison struct {
	source, target datastore.Datastore
	all, origin    bool
	filter         filter
}

// compareOp is <compare> (RFC 9144 Section 4).
func compareOp(r *request) (action, error) {
	c, err := r.readComparison(false)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*reply, error) {
		t, err := r.compare(ctx, c)
		if err != nil {
			return nil, err
		}
		return &reply{tree: t, options: codec.EncodeOptions{Origin: c.origin}}, nil
	}, nil
}

// compareCall is <compare> for protocols that call it through the Store. Prefixes
// in its XPath filter are names of modules.
func (s *Server) compareCall(ctx context.Context, call datastore.Call) (*tree.Tree, error) {
	var b bytes.Buffer
	b.WriteString("<compare>")
	if err := codec.EncodeXML(&b, call.Input, codec.EncodeOptions{Schema: s.schema}); err != nil {
		return nil, err
	}
	b.WriteString("</compare>")
	r := &request{
		session: &session{Server: s, data: call.Session, log: s.log},
		x:       codec.NewXMLReader(&b, s.o.XML), rpc: call.Node,
	}
	if _, err := r.x.Next(); err != nil {
		return nil, err
	}
	c, err := r.readComparison(true)
	if err != nil {
		return nil, err
	}
	return r.compare(ctx, c)
}

// readComparison reads the parameters. With byModule the prefixes of an XPath
// filter are the names of modules.
func (r *request) readComparison(byModule bool) (c comparison, err error) {
	xpath := r.readXPath(&c.filter)
	if byModule {
		xpath = r.readModuleXPath(&c.filter)
	}
	in, err := r.params(map[string]stream{"subtree-filter": r.readSubtree(&c.filter), "xpath-filter": xpath})
	if err != nil {
		return c, err
	}
	if c.source, err = datastoreIn(in, "source", "source"); err != nil {
		return c, err
	}
	if c.target, err = datastoreIn(in, "target", "target"); err != nil {
		return c, err
	}
	c.all, c.origin = param(in, "all") != nil, param(in, "report-origin") != nil
	return c, nil
}

// compare reads both datastores and returns the output of <compare>. Both are
// looked at as they are stored: a default in use that no one has set is in
// neither. Cost is that of what the filter selects, and without one that of the
// difference.
func (ss *session) compare(ctx context.Context, c comparison) (*tree.Tree, error) {
	from, err := ss.side(ctx, c, c.source)
	if err != nil {
		return nil, err
	}
	to := from
	if c.source != c.target {
		if to, err = ss.side(ctx, c, c.target); err != nil {
			return nil, err
		}
	}
	output := ss.schema.RPC(compareModule, "compare").Output()
	if from.selected.Empty() && to.selected.Empty() {
		return noMatches(output), nil
	}
	d := newDifferences(ss.data.Metered(ctx, tree.New(output)), c)
	d.add(from, to)
	if err := ss.data.Denied(); err != nil {
		return nil, err
	}
	return d.tree()
}

// side reads what is compared of ds. State is left out where only one of the two
// datastores can have it, unless all is wanted.
func (ss *session) side(ctx context.Context, c comparison, ds datastore.Datastore) (s side, err error) {
	q := reading{from: ds, filter: c.filter, mode: query.Explicit}
	if !c.all && (c.source == datastore.Operational) != (c.target == datastore.Operational) {
		q.content = query.Config
	}
	if s.all, err = ss.source(ctx, q); err == nil {
		s.selected, err = ss.reduced(ctx, ss.data.Metered(ctx, s.all), q)
	}
	if denied := ss.data.Denied(); denied != nil {
		err = denied
	}
	return s, err
}
