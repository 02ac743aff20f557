package query

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Depth cuts t below depth levels, counted from the instances of at, which are
// level 1 (RFC 8040 Section 4.8.2); an empty path counts from the root's children.
// Keys of an entry that is shown are not cut. Depth 0 cuts nothing.
func Depth(t *tree.Tree, at tree.Path, depth int) *tree.Tree {
	if depth <= 0 {
		return t
	}
	m := t.Blank().Mutate()
	cutBelow(m, t.Root(), len(at)+max(depth, 1)-b2i(len(at) > 0))
	return m.Done()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// putTo adds depth levels of n to out, n being the first; 0 for all of it.
func putTo(out *tree.Mut, n *tree.Node, depth int) {
	if k := n.Schema().Kind; depth <= 0 || k != yang.Container && k != yang.List {
		put(out, n)
		return
	}
	cutBelow(open(out, n), n, depth-1)
}

// cutBelow copies n's children to out, levels levels deep.
func cutBelow(out *tree.Mut, n *tree.Node, levels int) {
	for c := range n.Children() {
		s := c.Schema()
		switch {
		case out.Meter().Full():
			return
		case levels <= 0 && !s.IsKey:
		case s.Kind != yang.Container && s.Kind != yang.List:
			put(out, c)
		default:
			cutBelow(open(out, c), c, levels-1)
		}
	}
}

// Content is the value of the content parameter (RFC 8040 Section 4.8.1).
type Content uint8

// The kinds of content.
const (
	All Content = iota
	Config
	NonConfig
)

// OfContent returns the nodes of t of that kind. With NonConfig the ancestors of
// state nodes and the keys of entries on the way stay.
func OfContent(t *tree.Tree, c Content) *tree.Tree {
	switch c {
	case Config:
		m := t.Mutate()
		dropState(m)
		return m.Done()
	case NonConfig:
		m := t.Blank().Mutate()
		keepState(m, t.Root())
		return m.Done()
	}
	return t
}

// dropState removes the state below m. Subtrees whose schema has none are not visited.
func dropState(m *tree.Mut) {
	for _, s := range m.Schema().Data {
		switch {
		case !m.Node().Has(s):
		case !s.Config:
			m.Delete(s)
		case s.Kind == yang.Container && HasState(s):
			dropState(m.Child(s))
		case s.Kind == yang.List && HasState(s):
			n := m.Node()
			for e := range n.Entries(s) {
				if holdsState(e) && !m.Meter().Full() {
					dropState(m.Entry(s, e.Key()))
				}
			}
		}
	}
}

// HasState tells whether there can be state (config false) below s, a configuration
// node or the root.
func HasState(s *yang.Node) bool {
	for _, c := range s.Data {
		if !c.Config || HasState(c) {
			return true
		}
	}
	return false
}

func holdsState(n *tree.Node) bool {
	for c := range n.Children() {
		if !c.Schema().Config || holdsState(c) {
			return true
		}
	}
	return false
}

// keepState copies to out what is state below n, with what leads to it.
func keepState(out *tree.Mut, n *tree.Node) {
	for c := range n.Children() {
		s := c.Schema()
		switch {
		case out.Meter().Full():
			return
		case !s.Config:
			put(out, c)
		case (s.Kind == yang.Container || s.Kind == yang.List) && holdsState(c):
			keepState(open(out, c), c)
		}
	}
}
