package query

import (
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Filter is a subtree filter (RFC 6241 Section 6).
type Filter struct {
	// Depth is how many levels of each node that is selected whole are shown, 0
	// for all (max-depth, RFC 8526 Section 4).
	Depth int

	top []*element
}

// element is one element of a subtree filter: a content match node with text, a
// selection node when empty, else a containment node.
type element struct {
	module   string // "" matches in every namespace
	name     string
	unknown  bool // of a namespace no module has, or with attributes: matches nothing
	text     string
	resolver yang.Resolver
	kids     []*element
}

func (e *element) isMatch() bool     { return e.text != "" }
func (e *element) isSelection() bool { return e.text == "" && len(e.kids) == 0 }

func (e *element) names(s *yang.Node) bool {
	return !e.unknown && s.Name == e.name && (e.module == "" || s.Module.Name == e.module)
}

// Subtree returns what f selects of t. An empty filter selects nothing.
func Subtree(t *tree.Tree, f *Filter) *tree.Tree {
	m := t.Blank().Mutate()
	f.selectInto(m, t.Root(), f.top)
	return m.Done()
}

// selectInto adds to out what elements, all of which stand below n, select.
func (f *Filter) selectInto(out *tree.Mut, n *tree.Node, elements []*element) {
	for _, s := range n.Schema().Data {
		var named []*element
		for _, e := range elements {
			if e.names(s) {
				named = append(named, e)
			}
		}
		if len(named) == 0 || !n.Has(s) {
			continue
		}
		for c := range candidates(n, s, named) {
			if out.Meter().Full() {
				return
			}
			f.selectNode(out, c, named)
		}
	}
}

// selectNode adds n to out as far as one of the elements that name it selects it.
// What is inside anydata has no schema: it is shown with all of the node, which
// an element that looks inside selects.
func (f *Filter) selectNode(out *tree.Mut, n *tree.Node, elements []*element) {
	var below []*element
	for _, e := range elements {
		switch {
		case e.isSelection(), e.isMatch() && e.accepts(n):
			putTo(out, n, f.Depth)
			return
		case n.Schema().IsLeafy() || e.isMatch() || !matchesAll(n, e.kids):
		case n.Schema().Kind == yang.AnyData, n.Schema().Kind == yang.AnyXML:
			putTo(out, n, f.Depth)
			return
		default:
			rest := selecting(e.kids)
			if len(rest) == 0 { // only content matches, and they hold
				putTo(out, n, f.Depth)
				return
			}
			below = append(below, e.kids...)
		}
	}
	if len(below) == 0 {
		return
	}
	part := out.Apart()
	p := open(part, n)
	f.selectInto(p, n, below)
	if p.Node().Empty() || onlyKeys(p.Node()) && !selectsKey(n, below) {
		return
	}
	graft(out, part.Done().Root())
}

// accepts tells whether n's value is the content match's.
func (e *element) accepts(n *tree.Node) bool {
	s := n.Schema()
	if !s.IsLeafy() {
		return false
	}
	v, err := s.Type.Parse(e.text, e.resolver)
	return err == nil && v == n.Value()
}

// matchesAll tells whether every content match among the elements holds in n.
func matchesAll(n *tree.Node, elements []*element) bool {
	for _, e := range elements {
		if e.isMatch() && !matches(n, e) {
			return false
		}
	}
	return true
}

func matches(n *tree.Node, e *element) bool {
	for _, s := range n.Schema().Data {
		if !e.names(s) || !s.IsLeafy() {
			continue
		}
		for c := range n.Entries(s) {
			if e.accepts(c) {
				return true
			}
		}
	}
	return false
}

func selecting(elements []*element) []*element {
	var out []*element
	for _, e := range elements {
		if !e.isMatch() {
			out = append(out, e)
		}
	}
	return out
}

func onlyKeys(n *tree.Node) bool {
	if n.Schema().Kind != yang.List {
		return false
	}
	for c := range n.Children() {
		if !c.Schema().IsKey {
			return false
		}
	}
	return true
}

func selectsKey(n *tree.Node, elements []*element) bool {
	for _, k := range n.Schema().Keys {
		for _, e := range elements {
			if e.names(k) {
				return true
			}
		}
	}
	return false
}

// clean trims a content match's text as RFC 6241 Section 6.2.5 asks.
func clean(text string) string { return strings.TrimSpace(text) }
