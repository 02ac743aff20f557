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
	at    int        // place in the list, counted in the page's direction
	node  *tree.Node
}

// order compares in the page's direction: numbers by value, all else by canonical
// text, entries without the leaf last, equal ones as they stand in the list; backwards
// the exact reverse of that.
func (w *pager) order(a, b sortable) int {
	c := b2i(a.value.IsZero()) - b2i(b.value.IsZero())
	if c == 0 {
		c = a.value.Compare(b.value)
	}
	switch {
	case c == 0:
		return a.at - b.at
	case w.Backwards:
		return -c
	}
	return c
}

// sorted is the page of the sorted entries. A default in use counts. All entries are
// looked at, and of those in the page and before it, without what precedes a cursor,
// some more than a page has are kept.
func (w *pager) sorted() (*Entries, error) {
	from, err := w.cursor()
	if err != nil {
		return nil, err
	}
	first := &leading{order: w.order, limit: w.limits.Memory / int(unsafe.Sizeof(sortable{}))}
	if k := w.Offset + w.Limit + 1; w.Limit > 0 && k < w.parent.Len(w.list)/4 { // with the next one
		first.most = k
	}
	out, follow, met, counted := &Entries{}, 0, from == nil, 0
	var before sortable
	i := -1
	for e := range w.from(w.end(), false) {
		i++
		ok, err := w.holds(e)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		x := sortable{w.value(e), i, e}
		if from != nil && w.order(x, *from) < 0 {
			if before.node == nil || w.order(x, before) > 0 {
				before = x
			}
			continue
		}
		met = met || i == from.at
		follow++
		if n := len(first.kept); n > counted {
			counted = n
			if !w.meter.Take(int(unsafe.Sizeof(x))) {
				break
			}
		}
		if !first.add(x) {
			return nil, rpcerr.New(rpcerr.TooBig, "", "sorting more than %d entries takes more memory than one request may: narrow them with where, or read pages by cursor", first.limit)
		}
	}
	switch {
	case !met:
		return nil, CursorNotFound()
	case w.Offset > follow:
		return nil, w.outOfRange(follow)
	}
	out.Previous = before.node
	w.cut(out, first.sorted(), follow)
	return out, nil
}

// cursor is the entry that the Cursor names, nil without one.
func (w *pager) cursor() (*sortable, error) {
	if w.Cursor == nil {
		return nil, nil
	}
	i, err := w.start()
	if err != nil {
		return nil, err
	}
	e := w.parent.Entry(w.list, *w.Cursor)
	if w.Backwards {
		i = w.end() - i
	}
	return &sortable{w.value(e), i, e}, nil
}

// cut fills out with what stands in all, of which there are follow, behind the Offset.
func (w *pager) cut(out *Entries, all []sortable, follow int) {
	to := len(all)
	if w.Limit > 0 {
		to = min(to, w.Offset+w.Limit)
	}
	out.Remaining = follow - to
	for _, x := range all[w.Offset:to] {
		out.Nodes = append(out.Nodes, x.node)
	}
	if w.Offset > 0 {
		out.Previous = all[w.Offset-1].node
	}
	if to < len(all) {
		out.Next = all[to].node
	}
}

// leading keeps the first of what is added to it.
type leading struct {
	order func(a, b sortable) int
	most  int // how many are wanted, 0 for all
	limit int // how many may be kept at a time

	kept []sortable
	last *sortable // what comes behind it is not wanted any more
}

// room is how many more than are wanted are kept before they are sorted again.
const room = 512

// add adds x and tells whether that is within the limit.
func (l *leading) add(x sortable) bool {
	if l.last != nil && l.order(x, *l.last) > 0 {
		return true
	}
	if l.most > 0 && len(l.kept) >= l.most+max(l.most, room) {
		l.kept = l.sorted()[:l.most]
		last := l.kept[l.most-1]
		l.last = &last
	}
	l.kept = append(l.kept, x)
	return len(l.kept) <= l.limit
}

// sorted is what was kept, in order.
func (l *leading) sorted() []sortable {
	slices.SortFunc(l.kept, l.order)
	return l.kept
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
