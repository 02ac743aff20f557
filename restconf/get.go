package restconf

import (
	"iter"
	"net/http"
	"slices"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// get answers GET and HEAD on the datastore and data resources (RFC 8040 Section 4.3).
func (q *request) get() error {
	if err := q.permits(netconfModule, "get"); err != nil {
		return err
	}
	rd, err := q.params.reading()
	if err != nil {
		return err
	}
	p, err := q.paging()
	if err != nil {
		return err
	}
	if q.list = several(q.res.path) && q.prefersList(); q.list {
		q.out = inXML
	}
	mark := q.store.Snapshot(q.res.view.edits()).Mark(q.res.path) // before the data: a tag that is too old does no harm
	if q.res.view.operational() {
		rd.inUse()
	}
	full, page, err := q.read(rd, p)
	if err != nil {
		return err
	}
	part, err := q.selected(q.session.Metered(q.r.Context(), full), rd, page)
	if denied := q.session.Denied(); denied != nil {
		err = denied
	}
	if err != nil {
		return err
	}
	if err := q.sendable(part, page); err != nil {
		return err
	}
	if q.tagged(rd) && q.tagKnown(true) && (p == nil || p.Local(q.res.path.Schema())) {
		q.stamp(mark)
		if failed := q.changed(mark, true); failed != "" {
			return q.told(q.refused(failed, mark, true))
		}
		if q.configOnly(rd) && q.notModified(mark) {
			q.w.Header().Set("ETag", knownTag(q.w.Header().Get("ETag"), q.r.Header))
			q.w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	o := codec.EncodeOptions{
		Origin: rd.origin, TagDefaults: rd.mode == query.ReportAllTagged || rd.mode == query.ReportInUseTagged,
		SublistLimit: rd.sublist,
	}
	switch {
	case len(q.res.path) == 0:
		return q.sendTree(q.own, "data", part, o)
	case page != nil:
		o.Page = p.note(page)
		return q.sendList(inOrder(part, q.res.path, page, part == full), o)
	case q.list:
		return q.sendList(slices.Collect(instances(part, q.res.path)), o)
	}
	return q.sendNodes(instances(part, q.res.path), o)
}

// read is the datastore that answers, with the state that is wanted of it, and the
// page that p asks for; without p none.
func (q *request) read(rd reading, p *paging) (*tree.Tree, *query.Entries, error) {
	ds := q.res.view.reads(rd.content)
	if p != nil {
		return q.readPage(ds, p)
	}
	var under []tree.Path
	if len(q.res.path) > 0 {
		under = []tree.Path{q.res.path}
	}
	if q.whole(rd) && len(under) > 0 && !several(q.res.path) {
		alone, err := q.session.Read(q.withBase(), ds, datastore.Selection{Under: under, Alone: true})
		if err != nil || alone.Find(q.res.path) != nil {
			return alone, nil, err
		}
	}
	full, err := q.session.Read(q.withBase(), ds, datastore.Selection{Under: under})
	return full, nil, err
}

// tagged tells whether the answer has an entity tag: not where it is all state.
func (q *request) tagged(rd reading) bool {
	return q.res.view.tagged() && rd.content != query.NonConfig && (len(q.res.path) == 0 || q.res.path.Schema().Config)
}

// configOnly tells whether the answer has no state that could have changed while
// running did not.
func (q *request) configOnly(rd reading) bool {
	top := q.schema.Root
	if len(q.res.path) > 0 {
		top = q.res.path.Schema()
	}
	return rd.content == query.Config || q.res.view.one || !query.HasState(top)
}

// selected is what is to be sent of the resource: full reduced to it, or to the
// entries of page where there is one, with its ancestors, and then as the parameters say.
func (q *request) selected(full *tree.Tree, rd reading, page *query.Entries) (*tree.Tree, error) {
	path := q.res.path
	if q.whole(rd) && full.Find(path) != nil {
		return full, nil
	}
	part, err := q.target(full, rd, page)
	if err != nil {
		return nil, err
	}
	part = q.session.Visible(part) // defaults were added for what may be hidden too
	if page == nil && part.Find(path) == nil {
		return nil, absent(path)
	}
	part = query.OfContent(part, rd.content)
	switch {
	case rd.fields != nil:
		if part, err = rd.fields.Apply(part, path); err != nil {
			return nil, err
		}
	case len(path) > 0:
		part = query.Depth(part, path, rd.depth)
	case rd.depth == 1: // the datastore is level 1 itself
		part = part.Blank()
	case rd.depth > 1:
		part = query.Depth(part, nil, rd.depth-1)
	}
	switch {
	case page != nil:
		part = withEntries(part, path, page)
	case part.Find(path) == nil:
		part = bare(part, path)
	}
	return part, nil
}

// whole tells whether all that the datastore has of the resource is asked for, as it is
// there: then nothing of it is copied.
func (q *request) whole(rd reading) bool {
	return rd.fields == nil && rd.depth == 0 && rd.mode == query.Explicit && !rd.origin &&
		(rd.content == query.All || rd.content == query.Config && q.res.view.reads(rd.content) != datastore.Operational)
}

// sendable refuses what there is none of, and what XML cannot carry.
func (q *request) sendable(part *tree.Tree, page *query.Entries) error {
	path, n := q.res.path, 0
	if page != nil {
		n = len(page.Nodes)
	} else {
		for range instances(part, path) {
			if n++; n > 1 {
				break
			}
		}
	}
	switch {
	case len(path) == 0 || n == 1:
		return nil
	case n == 0 && page == nil:
		return absent(path)
	case q.out == inXML && !q.list:
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "this is not one instance, and %s carries no other number: ask for %s, or for JSON",
			inXML.mediaType(), listMediaType).At(path.String())
	}
	return nil
}

// target reduces full to the resource and its ancestors, with the defaults that
// are asked for. A leaf that is not there is its default below /data, unless with-defaults
// says otherwise (RFC 8040 Section 3.5.4 and RFC 8527 Section 3.2).
func (q *request) target(full *tree.Tree, rd reading, page *query.Entries) (*tree.Tree, error) {
	path, model := q.res.path, q.store.Validator().Model()
	if len(path) == 0 {
		return query.Defaults(full, full, rd.mode, model), nil
	}
	mode, part := rd.mode, ancestors(full, path)
	if full.Find(path) == nil {
		if !q.res.view.one && !rd.asked && path.Schema().IsLeafy() {
			mode = query.ReportAll
		}
	} else {
		m := part.Mutate()
		at := m.Find(path.Parent())
		from, nodes := inherited(full, path), instances(full, path)
		if page != nil {
			nodes = slices.Values(page.Nodes)
		}
		for n := range nodes {
			if n.Origin() == tree.OriginNone {
				n = n.WithOrigin(from)
			}
			if at.Put(n, tree.Position{}); part.Meter().Full() {
				break
			}
		}
		part = m.Done()
	}
	part = query.Defaults(part, full, mode, model)
	if part.Find(path) == nil && page == nil {
		return nil, absent(path)
	}
	return part, nil
}

// inherited is the origin that the nodes at path have without one of their own.
func inherited(t *tree.Tree, path tree.Path) (o tree.Origin) {
	n := t.Root()
	for i := range path.Parent() {
		if n = n.Find(path[i : i+1]); n == nil {
			break
		}
		if n.Origin() != tree.OriginNone {
			o = n.Origin()
		}
	}
	return o
}

func absent(path tree.Path) error {
	return rpcerr.NewProtocol(rpcerr.InvalidValue, "the resource does not exist").WithReason(rpcerr.NoSuchResource).At(path.String())
}

// ancestors is what t has of the nodes above the one at path, without their content.
func ancestors(t *tree.Tree, path tree.Path) *tree.Tree {
	m := t.Blank().Mutate()
	open(m, t.Root(), path.Parent())
	return m.Done()
}

// open makes in m the containers and entries on path that n has, empty.
func open(m *tree.Mut, n *tree.Node, path tree.Path) {
	for i, st := range path {
		if n = n.Find(path[i : i+1]); n == nil {
			return
		}
		m = enter(m, st)
	}
}

func enter(m *tree.Mut, st tree.Step) *tree.Mut {
	if st.Schema.Kind == yang.List {
		e, _ := m.AddEntry(st.Schema, st.Keys, tree.Position{})
		return e
	}
	return m.Ensure(st.Schema)
}

// bare adds the container or list entry at path to t, empty: it exists, and all in
// it was filtered out.
func bare(t *tree.Tree, path tree.Path) *tree.Tree {
	last := path[len(path)-1]
	if last.Schema.Kind != yang.Container && len(last.Keys) == 0 || last.Schema.IsLeafy() {
		return t
	}
	m := t.Mutate()
	at := m
	for _, st := range path {
		at = enter(at, st)
	}
	return m.Done()
}

// instances are the nodes of t that path leads to: one, or all entries of a list.
func instances(t *tree.Tree, path tree.Path) iter.Seq[*tree.Node] {
	return func(yield func(*tree.Node) bool) {
		parent := t.Find(path.Parent())
		if parent == nil || len(path) == 0 {
			return
		}
		if last := path[len(path)-1:]; len(last[0].Keys) > 0 {
			if n := parent.Find(last); n != nil {
				yield(n)
			}
			return
		}
		parent.Entries(path.Schema())(yield)
	}
}
