package query

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// SortBy names the leaf that entries are sorted by
// (draft-ietf-netconf-list-pagination-10 Section 3.1.2).
type SortBy struct{ path []*yang.Node } // from the entry on; empty for the entry of a leaf-list itself

// ParseSortBy reads the path of a leaf below entries of the list s, "a/b/c", with a
// module where it is not that of the parent; for a leaf-list it is ".". The error is
// an invalid-value.
func ParseSortBy(text string, s *yang.Node) (*SortBy, error) {
	if s.Kind == yang.LeafList {
		if text != "." {
			return nil, rpcerr.New(rpcerr.InvalidValue, "", `sort-by is %q; entries of a leaf-list are sorted by "."`, brief(text))
		}
		return &SortBy{}, nil
	}
	b := &SortBy{}
	at := s
	for name := range strings.SplitSeq(text, "/") {
		module, local, ok := strings.Cut(name, ":")
		if !ok {
			module, local = at.Module.Name, name
		}
		c := at.Child(module, local)
		if c == nil || !c.IsData() {
			return nil, rpcerr.New(rpcerr.InvalidValue, "", "sort-by is %q: %s has no node %s%s", brief(text), at.Path(), brief(name), namesake(at, local))
		}
		if c.Kind != yang.Container && c.Kind != yang.Leaf {
			return nil, rpcerr.New(rpcerr.InvalidValue, "", "sort-by is %q: %s is no leaf and no container", brief(text), c.Path())
		}
		b.path = append(b.path, c)
		at = c
	}
	if at.Kind != yang.Leaf {
		return nil, rpcerr.New(rpcerr.InvalidValue, "", "sort-by is %q, which is no leaf", brief(text))
	}
	return b, nil
}

// namesake is a hint at a child of that name in another module.
func namesake(s *yang.Node, name string) string {
	for _, c := range s.Data {
		if c.Name == name {
			return "; write " + c.QName()
		}
	}
	return ""
}

// Leaf is the schema node of what is compared, s being the list or leaf-list.
func (b *SortBy) Leaf(s *yang.Node) *yang.Node {
	if len(b.path) == 0 {
		return s
	}
	return b.path[len(b.path)-1]
}

func (b *SortBy) needsState() bool {
	return slices.ContainsFunc(b.path, func(s *yang.Node) bool { return !s.Config })
}

// sortable is an entry with what it is sorted by.
type sortable struct {
	value yang.Value // zero when the leaf is absent
	node  *tree.Node
}

// sorted is the page of the entries sorted by the type of the leaf: numbers by value,
// all else by canonical text, entries without the leaf last, equal ones as they stand
// in the list. A default in use counts. Backwards is the exact reverse.
func (w *pager) sorted() (*Entries, error) {
	var all []sortable
	most := w.limits.Memory / int(unsafe.Sizeof(sortable{}))
	for e := range w.parent.Entries(w.list) {
		ok, err := w.holds(e)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			continue
		case len(all) == most:
			return nil, rpcerr.New(rpcerr.TooBig, "", "sorting more than %d entries takes more memory than one request may: narrow them with where", most)
		}
		all = append(all, sortable{w.value(e), e})
	}
	slices.SortStableFunc(all, func(a, b sortable) int {
		if a.value.IsZero() || b.value.IsZero() {
			return b2i(a.value.IsZero()) - b2i(b.value.IsZero())
		}
		return a.value.Compare(b.value)
	})
	if w.Backwards {
		slices.Reverse(all)
	}
	return w.cut(all)
}

// cut is the page of entries that are in their order.
func (w *pager) cut(all []sortable) (*Entries, error) {
	from := w.Offset
	if w.Cursor != nil {
		i := slices.IndexFunc(all, func(r sortable) bool { return r.node.Key() == *w.Cursor })
		if i < 0 {
			return nil, CursorNotFound()
		}
		from += i
	}
	if from > len(all) {
		return nil, w.outOfRange(len(all) - from + w.Offset)
	}
	to := len(all)
	if w.Limit > 0 {
		to = min(to, from+w.Limit)
	}
	out := &Entries{Remaining: len(all) - to}
	for _, r := range all[from:to] {
		out.Nodes = append(out.Nodes, r.node)
	}
	if from > 0 {
		out.Previous = all[from-1].node
	}
	if to < len(all) {
		out.Next = all[to].node
	}
	return out, nil
}

// value is what e is sorted by.
func (w *pager) value(e *tree.Node) yang.Value {
	n := e
	for _, s := range w.SortBy.path {
		if n = n.Child(s); n == nil {
			return w.defaultOf(e)
		}
	}
	return n.Value()
}

// defaultOf is the default of the leaf that e lacks, if it has one in use.
func (w *pager) defaultOf(e *tree.Node) (v yang.Value) {
	if len(w.SortBy.Leaf(w.list).Defaults) == 0 {
		return v
	}
	c := xpath.NewCursor(e, w.above)
	for _, s := range w.SortBy.path {
		if c = w.env.Instance(c, s); c == nil {
			return v
		}
	}
	return c.Node().Value()
}
