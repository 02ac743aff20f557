package restconf

import (
	"io"
	"slices"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// readPage is the datastore ds and the page p of the list that the URI names. Of
// operational, the state of the page's entries is produced and no other, unless the
// page depends on state or the list is state: entries of configuration are those of
// running.
func (q *request) readPage(ds datastore.Datastore, p *paging) (*tree.Tree, *query.Entries, error) {
	path, from := q.res.path, ds
	needs, within := p.NeedsState(path.Schema())
	stateLater := ds == datastore.Operational && path.Schema().Config && !needs
	if stateLater {
		from = datastore.Running
	}
	under := []tree.Path{path}
	if !within {
		under = nil
	}
	full, err := q.session.Read(q.withBase(), from, datastore.Selection{Under: under})
	if err != nil {
		return nil, nil, err
	}
	full = q.session.Metered(q.r.Context(), full)
	if parent := full.Find(path.Parent()); parent == nil || !parent.Has(path.Schema()) {
		return nil, nil, absent(path)
	}
	page, err := p.Of(q.r.Context(), full, path, q.store.Validator().Model())
	if denied := q.session.Denied(); denied != nil {
		return nil, nil, denied
	}
	if err != nil {
		return nil, nil, pageError(err)
	}
	if stateLater && len(page.Nodes) > 0 {
		full, err = q.withState(full, page)
	}
	return full, page, err
}

// atOnce is how many entries are read at a time: what it takes to find out whether an
// entry is wanted grows with their number.
const atOnce = 32

// withState replaces the entries of page, which are of running, by those of
// operational, and returns operational with these. One that is gone meanwhile is left out.
func (q *request) withState(running *tree.Tree, page *query.Entries) (*tree.Tree, error) {
	path := q.res.path
	s, parent := path.Schema(), path.Parent()
	pieces := slices.Chunk(page.Nodes, atOnce)
	if total := running.Find(parent).Len(s); len(page.Nodes) > total/2 {
		pieces = slices.Values([][]*tree.Node{page.Nodes})
	}
	var into, at *tree.Mut
	var nodes []*tree.Node
	for piece := range pieces {
		under := []tree.Path{path}
		if len(piece) <= atOnce {
			under = under[:0]
			for _, n := range piece {
				under = append(under, parent.Join(tree.StepTo(n)))
			}
		}
		t, err := q.session.Read(q.withBase(), datastore.Operational, datastore.Selection{Under: under})
		if err != nil {
			return nil, err
		}
		if into == nil {
			into = t.Mutate()
			at = into.Find(parent)
		}
		now := t.Find(parent)
		if at == nil || now == nil {
			continue
		}
		for _, n := range piece {
			if e := now.Entry(s, n.Key()); e != nil {
				at.Put(e, tree.Position{})
				nodes = append(nodes, e)
			}
		}
	}
	page.Nodes = nodes
	return into.Done(), nil
}

// keyed tells whether entries of s keep their keys when they are copied.
func keyed(s *yang.Node) bool {
	return s.Kind == yang.List && len(s.Keys) > 0 || s.Kind == yang.LeafList && s.Config
}

// withEntries adds to part the entries of page that lack because all below them was
// filtered out: with their keys.
func withEntries(part *tree.Tree, path tree.Path, page *query.Entries) *tree.Tree {
	s := path.Schema()
	if s.Kind != yang.List || len(s.Keys) == 0 || len(page.Nodes) == 0 {
		return part
	}
	m := part.Mutate()
	at := m
	for _, st := range path.Parent() {
		at = enter(at, st)
	}
	for _, n := range page.Nodes {
		if m.Meter().Full() {
			break
		}
		at.AddEntry(s, n.KeyValues(), tree.Position{})
	}
	return m.Done()
}

// inOrder are the entries of page as they are in part, in the order of page; whole
// tells that part has them as page has. Entries without keys of their own were added
// in that order.
func inOrder(part *tree.Tree, path tree.Path, page *query.Entries, whole bool) (out []*tree.Node) {
	parent, s := part.Find(path.Parent()), path.Schema()
	switch {
	case whole:
		return page.Nodes
	case parent == nil:
		return nil
	case !keyed(s):
		return slices.Collect(parent.Entries(s))
	}
	for _, n := range page.Nodes {
		if e := parent.Entry(s, n.Key()); e != nil {
			out = append(out, e)
		}
	}
	return out
}

// sendList answers with entries of the list that the URI names: in JSON an array, in
// XML the only one, or all in an element around them where the media type is
// listMediaType.
func (q *request) sendList(nodes []*tree.Node, o codec.EncodeOptions) error {
	before, after := "", "\n"
	switch s := q.res.path.Schema(); {
	case q.list:
		before, after = "<xml-list>", "</xml-list>\n"
	case len(nodes) == 0:
		before, after = `{"`+s.Module.Name+":"+s.Name+`":[]}`, "\n"
	}
	q.w.Header()["Content-Type"] = contentTypes[q.out]
	if q.list {
		q.w.Header()["Content-Type"] = listContentType
	}
	o.Schema = q.schema
	return q.write(func(w io.Writer) error {
		if _, err := io.WriteString(w, before); err != nil {
			return err
		}
		var err error
		switch {
		case len(nodes) == 0:
		case q.out == inXML:
			err = codec.EncodeXMLNodes(w, slices.Values(nodes), o)
		default:
			err = codec.EncodeJSONNodes(w, slices.Values(nodes), o)
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, after)
		return err
	})
}
