package netconf

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// originFilter keeps configuration by its origin; system state is not affected
// (RFC 8526 Section 4, choice origin-filters).
type originFilter struct {
	match [tree.OriginUnknown + 1]bool
}

// newOriginFilter keeps the origins equal to or derived from one of the
// identities, or with negated the others.
func newOriginFilter(s *yang.Schema, identities []*yang.Identity, negated bool) *originFilter {
	f := &originFilter{}
	for o := tree.OriginIntended; o <= tree.OriginUnknown; o++ {
		id := s.Module("ietf-origin").Identity(o.String())
		f.match[o] = slices.ContainsFunc(identities, id.DerivedFromOrSelf) != negated
	}
	f.match[tree.OriginNone] = f.match[tree.OriginUnknown]
	return f
}

func (f *originFilter) apply(t *tree.Tree) *tree.Tree {
	m := t.Blank().Mutate()
	f.keep(m, t.Root(), tree.OriginNone)
	return m.Done()
}

// keep adds to out the children of n, whose origin is inherited where they have
// none, as far as they or something below them is kept.
func (f *originFilter) keep(out *tree.Mut, n *tree.Node, inherited tree.Origin) {
	for c := range n.Children() {
		s, origin := c.Schema(), inherited
		if c.Origin() != tree.OriginNone {
			origin = c.Origin()
		}
		switch {
		case out.Meter().Full():
			return
		case !s.Config:
			out.Append(c)
		case s.Kind != yang.Container && s.Kind != yang.List:
			if f.match[origin] && !s.IsKey {
				out.Append(c)
			}
		default:
			f.keepInner(out, c, origin)
		}
	}
}

// keepInner is keep for a container or list entry.
func (f *originFilter) keepInner(out *tree.Mut, c *tree.Node, origin tree.Origin) {
	s := c.Schema()
	if s.Kind == yang.List {
		e, _ := out.AddEntry(s, c.KeyValues(), tree.Position{Where: tree.Last})
		e.SetOrigin(c.Origin())
		before := len(s.Keys)
		if f.keep(e, c, origin); !f.match[origin] && children(e.Node()) == before {
			out.DeleteEntry(s, c.Key())
		}
		return
	}
	m := out.Ensure(s)
	m.SetOrigin(c.Origin())
	if f.keep(m, c, origin); m.Node().Empty() && !(s.Presence && f.match[origin]) {
		out.Delete(s)
	}
}

// children counts the children of n, up to one more than its keys.
func children(n *tree.Node) int {
	count := 0
	for range n.Children() {
		if count++; count > len(n.Schema().Keys) {
			break
		}
	}
	return count
}
