package query

import (
	"context"
	"iter"
	"slices"
	"unsafe"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Page says which entries of a list or leaf-list are wanted, and in what order: the
// parameters of draft-ietf-netconf-list-pagination-10 Section 3.1, in the order in
// which they are applied. The zero Page is all entries in the order of the list.
type Page struct {
	Where     *Where  // which entries; nil for all
	SortBy    *SortBy // nil for the order of the list
	Backwards bool    // from the last to the first
	Cursor    *string // the tree.Node.Key of the entry to begin with; nil for the first
	Offset    int     // entries to leave out at the start
	Limit     int     // the most entries, 0 for no limit

	// Limits bound what Where may cost for all entries together, and the memory that
	// sorting takes; zero fields are those of xpath.UserLimits.
	Limits xpath.Limits
}

// Entries are the entries of one page.
type Entries struct {
	Nodes []*tree.Node
	// Remaining is how many more entries follow in the page's direction, Unknown
	// where looking at all of them is not within the limits.
	Remaining int
	// Next is the entry to go on with, Previous the one before the first of Nodes; nil
	// where there is none, and where the limits did not allow to find it.
	Next, Previous *tree.Node
}

// Unknown is the number of remaining entries that were not counted.
const Unknown = -1

// The error-app-tags of the draft's Section 4.3.
const (
	AppOffsetOutOfRange = "ietf-list-pagination:offset-out-of-range"
	AppCursorNotFound   = "ietf-list-pagination:cursor-not-found"
	AppLocale           = "ietf-list-pagination:locale-unavailable"
)

// NeedsState tells whether the page depends on state (config false): within tells
// that all of it is below the entries of the list s.
func (p *Page) NeedsState(s *yang.Node) (needs, within bool) {
	within = true
	if p.SortBy != nil && p.SortBy.needsState() {
		needs = true
	}
	if p.Where == nil {
		return needs, within
	}
	deps, known := p.Where.program.Depends()
	if !known {
		return true, false
	}
	for _, d := range deps {
		if !d.Config && d.IsData() {
			needs = true
			within = within && isBelow(d, s)
		}
	}
	return needs, within
}

// Local tells that the page depends on nothing but configuration in the list s.
func (p *Page) Local(s *yang.Node) bool {
	if needs, _ := p.NeedsState(s); needs || p.Where == nil {
		return !needs
	}
	deps, _ := p.Where.program.Depends()
	return !slices.ContainsFunc(deps, func(d *yang.Node) bool { return !isBelow(d, s) })
}

func isBelow(n, s *yang.Node) bool {
	for ; n != nil; n = n.DataParent {
		if n == s {
			return true
		}
	}
	return false
}

// Of returns the page of the list or leaf-list that at leads to in t; there is none of
// its entries where there is no list. Without Where and SortBy it costs as much as
// the page has entries, and tree.Node.EntriesAt; with Where, an evaluation for each
// entry that is passed; with SortBy, one for every entry of the list, and sorting.
//
// An Offset beyond the last entry is an invalid-value with AppOffsetOutOfRange, a
// Cursor that is no entry one with AppCursorNotFound. What the page and its making take is
// counted by the Meter of t: once that is full the page is not whole.
func (p *Page) Of(ctx context.Context, t *tree.Tree, at tree.Path, model *xpath.Model) (*Entries, error) {
	parent := t.Find(at.Parent())
	if parent == nil {
		parent = tree.New(t.Schema()).Root()
	}
	w := &pager{Page: p, parent: parent, list: at.Schema(), limits: p.Limits.Or(xpath.UserLimits), meter: t.Meter()}
	if p.Where != nil || p.SortBy != nil {
		w.env = xpath.NewEnv(model, t)
		w.env.Context = ctx
		if w.above = w.env.Locate(at.Parent()); w.above == nil {
			w.above = w.env.Root()
		}
	}
	switch {
	case p.SortBy != nil:
		return w.counted(w.sorted())
	case p.Where != nil:
		return w.counted(w.filtered())
	}
	return w.counted(w.plain())
}

const pointerSize = int(unsafe.Sizeof((*tree.Node)(nil)))

// counted counts what the page takes.
func (w *pager) counted(out *Entries, err error) (*Entries, error) {
	if err == nil {
		w.meter.Take(cap(out.Nodes) * pointerSize)
	}
	return out, err
}

// pager makes one page.
type pager struct {
	*Page
	parent *tree.Node
	list   *yang.Node
	limits xpath.Limits // what is left of them
	meter  *tree.Meter
	env    *xpath.Env
	above  *xpath.Cursor // the parent
}

// start is the place in the list of the entry that the Cursor names, or the first in
// the page's direction.
func (w *pager) start() (int, error) {
	if w.Cursor == nil {
		return w.end(), nil
	}
	i := w.parent.IndexOf(w.list, *w.Cursor)
	if i < 0 {
		return 0, CursorNotFound()
	}
	return i, nil
}

// end is the place of the entry at which the list is entered in the page's direction.
func (w *pager) end() int {
	if w.Backwards {
		return w.parent.Len(w.list) - 1
	}
	return 0
}

// from yields the entries from the i-th on in the page's direction, or against it.
func (w *pager) from(i int, against bool) iter.Seq[*tree.Node] {
	if w.Backwards != against {
		return w.parent.EntriesBack(w.list, i)
	}
	return w.parent.EntriesAt(w.list, i)
}

// step is i moved by n places in the page's direction.
func (w *pager) step(i, n int) int {
	if w.Backwards {
		return i - n
	}
	return i + n
}

// plain is the page of a list as it stands.
func (w *pager) plain() (*Entries, error) {
	i, err := w.start()
	if err != nil {
		return nil, err
	}
	total := w.parent.Len(w.list)
	follow := total - i // entries from i on in the page's direction
	if w.Backwards {
		follow = i + 1
	}
	if w.Offset > follow {
		return nil, w.outOfRange(follow)
	}
	i, follow = w.step(i, w.Offset), follow-w.Offset
	out := &Entries{}
	for e := range w.from(i, false) {
		if w.full(out) {
			out.Next = e
			break
		}
		out.Nodes = append(out.Nodes, e)
	}
	for e := range w.from(w.step(i, -1), true) {
		out.Previous = e
		break
	}
	out.Remaining = follow - len(out.Nodes)
	return out, nil
}

// full tells whether the page has as many entries as it may.
func (w *pager) full(out *Entries) bool { return w.Limit > 0 && len(out.Nodes) >= w.Limit }

func (w *pager) outOfRange(entries int) error {
	return rpcerr.New(rpcerr.InvalidValue, "", "the offset is %d, and there are %d entries", w.Offset, entries).WithApp(AppOffsetOutOfRange)
}

// CursorNotFound is the error of a cursor that names no entry.
func CursorNotFound() error {
	return rpcerr.New(rpcerr.InvalidValue, "", "the cursor names no entry of the list: it is a value of next or previous in an earlier answer, and the entry may be gone").
		WithApp(AppCursorNotFound)
}
