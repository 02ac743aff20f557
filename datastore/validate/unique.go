package validate

import (
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// unique is a unique statement with the way from an entry to each of its leafs.
type unique struct {
	text   string
	index  int // among those of the list
	ways   [][]*yang.Node
	column *column // nil where an Index does not serve
}

func compileUniques(list *yang.Node) []unique {
	var out []unique
	for _, u := range list.Uniques {
		q := unique{text: u.Text, index: len(out)}
		for _, leaf := range u.Leafs {
			var way []*yang.Node
			for n := leaf; n != list; n = n.DataParent {
				way = append(way, n)
			}
			slices.Reverse(way)
			q.ways = append(q.ways, way)
		}
		out = append(out, q)
	}
	return out
}

// unique checks that no two entries of list below c have the same values in all
// leafs of q. Entries that lack one of them do not count; defaults in use do
// (RFC 7950 Section 7.8.3).
func (w *walk) unique(c *xpath.Cursor, list *yang.Node, q *unique) {
	if c.Node().Len(list) < 2 {
		return
	}
	seen := make(map[string]*tree.Node, c.Node().Len(list))
	for n := range c.Node().Entries(list) {
		if !w.visit() {
			return
		}
		entry := xpath.NewCursor(n, c)
		leafs := w.uniqueLeafs(entry, q)
		if leafs == nil {
			continue
		}
		vals := make([]yang.Value, len(leafs))
		for i, l := range leafs {
			vals[i] = l.Node().Value()
		}
		key := tree.KeyOf(vals...)
		if first, dup := seen[key]; dup {
			w.duplicate(c, q, entry, xpath.NewCursor(first, c))
		} else {
			seen[key] = n
		}
	}
}

// uniqueLeafs are the leafs of q in an entry, nil when one is missing.
func (w *walk) uniqueLeafs(entry *xpath.Cursor, q *unique) []*xpath.Cursor {
	leafs := make([]*xpath.Cursor, 0, len(q.ways))
	for _, way := range q.ways {
		at := entry
		for _, s := range way {
			if s.Kind == yang.List { // of which the first entry counts
				n := at.Node().First(s)
				if n == nil {
					return nil
				}
				at = xpath.NewCursor(n, at)
			} else if at = w.env.Instance(at, s); at == nil {
				return nil
			}
		}
		leafs = append(leafs, at)
	}
	return leafs
}

// duplicate reports that entry, below c, has the values of one before it.
func (w *walk) duplicate(c *xpath.Cursor, q *unique, entry, first *xpath.Cursor) {
	e := rpcerr.New(rpcerr.OperationFailed, entry.Path().String(), "%s has the same values as %s, expected unique values of %q",
		describe(entry), first.Path(), q.text)
	e.AppTag = rpcerr.AppNotUnique
	for _, l := range append(w.uniqueLeafs(first, q), w.uniqueLeafs(entry, q)...) {
		e.Info = append(e.Info, rpcerr.Info{Module: yangModule, Name: "non-unique", Value: l.Path().String()})
	}
	w.report(position{at: c, phase: phaseUnique, child: entry.Schema(), index: q.index, entry: entry.Node()}, e)
}
