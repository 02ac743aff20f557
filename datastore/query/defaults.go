package query

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Mode is a with-defaults mode (RFC 6243 Section 3).
type Mode uint8

// The modes. Explicit, what clients set and no more, is how data is stored. It is
// also what decides which values are default data that ReportAllTagged marks: not
// one that a client set (RFC 6243 Appendix A.3.2). ReportInUseTagged is the same
// mode for operational, which marks every value that matches the default (RFC 8526
// Section 3.1.1.2).
const (
	Explicit Mode = iota
	ReportAll
	ReportAllTagged
	Trim
	ReportInUseTagged
)

// ParseMode returns the mode of that name: "report-all", "report-all-tagged",
// "trim" or "explicit".
func ParseMode(name string) (Mode, bool) {
	for m, n := range [...]string{"explicit", "report-all", "report-all-tagged", "trim"} {
		if n == name {
			return Mode(m), true
		}
	}
	return 0, false
}

// Defaults returns t as the mode wants it. t is all of full or a part of it that
// holds its nodes or copies of them; whether a default is in use is judged in
// full. Trim removes the leafs that hold their default, Explicit changes nothing,
// the others add the defaults in use. Cost is proportional to t, subtrees whose
// schema has no defaults excepted.
func Defaults(t, full *tree.Tree, mode Mode, model *xpath.Model) *tree.Tree {
	if mode == Explicit {
		return t
	}
	d := newDefaulter(full, mode, model)
	m := t.Mutate()
	d.walk(m, d.env.Root())
	return m.Done()
}

type defaulter struct {
	mode  Mode
	env   *xpath.Env
	meter *tree.Meter         // of full
	has   map[*yang.Node]bool // the schema node has defaults below
}

func newDefaulter(full *tree.Tree, mode Mode, model *xpath.Model) *defaulter {
	return &defaulter{mode: mode, meter: full.Meter(), env: xpath.NewEnv(model, full), has: map[*yang.Node]bool{}}
}

// selected is the node at c as the mode wants it, nil when the mode hides it.
func (d *defaulter) selected(c *xpath.Cursor) *tree.Node {
	n, s := c.Node(), c.Schema()
	switch {
	case d.mode == Explicit || !d.hasDefaults(s):
		return n
	case s.Kind == yang.Container || s.Kind == yang.List:
		m := tree.FromNode(n).Metered(d.meter).Mutate()
		d.walk(m, c)
		return m.Done().Root()
	case s.Kind == yang.LeafList && c.Parent() != nil && holdsDefaults(c.Parent().Node(), s):
		return d.ofLeafList(n)
	case d.mode == Trim && d.isDefault(n):
		return nil
	case d.marks(n):
		return n.WithDefault(true)
	}
	return n
}

// ofLeafList is the value n of a leaf-list that holds its defaults, as the mode wants it.
func (d *defaulter) ofLeafList(n *tree.Node) *tree.Node {
	switch {
	case d.mode == Trim:
		return nil
	case d.mode == ReportInUseTagged, d.mode == ReportAllTagged && !n.Schema().Config:
		return n.WithDefault(true)
	}
	return n
}

// marks tells whether the mode marks the leaf n, which is there without d.
func (d *defaulter) marks(n *tree.Node) bool {
	return (d.mode == ReportInUseTagged || d.mode == ReportAllTagged && !n.Schema().Config) && d.isDefault(n)
}

// isDefault tells whether the leaf n holds its default.
func (d *defaulter) isDefault(n *tree.Node) bool {
	s := n.Schema()
	return s.Kind == yang.Leaf && !s.IsKey && n.Value() == s.Defaults[0]
}

// walk treats what is below m, which is at c in the full tree.
func (d *defaulter) walk(m *tree.Mut, c *xpath.Cursor) {
	for _, s := range m.Schema().Data {
		if !d.hasDefaults(s) {
			continue
		}
		switch s.Kind {
		case yang.Leaf, yang.LeafList:
			d.leaf(m, c, s)
		case yang.Container:
			d.container(m, c, s)
		case yang.List:
			n := m.Node()
			for e := range n.Entries(s) {
				if m.Meter().Full() {
					return
				}
				if full := c.Node().Entry(s, e.Key()); full != nil {
					d.walk(m.Entry(s, e.Key()), xpath.NewCursor(full, c))
				}
			}
		}
	}
}

func (d *defaulter) leaf(m *tree.Mut, c *xpath.Cursor, s *yang.Node) {
	switch {
	case m.Node().Has(s) && s.Kind == yang.LeafList:
		d.leafList(m, c, s)
	case m.Node().Has(s):
		n := m.Node().First(s)
		if d.mode == Trim && d.isDefault(n) {
			m.Delete(s)
		} else if d.marks(n) {
			m.Put(n.WithDefault(true), tree.Position{})
		}
	case d.mode != Trim && !c.Node().Has(s) && d.env.InUse(c, s):
		for _, n := range tree.DefaultLeaf(s) {
			m.Put(n, tree.Position{Where: tree.Last})
		}
	}
}

// leafList treats the leaf-list s, which holds its defaults when all its values in
// c, the whole node, are these (RFC 7950 Section 7.7.2): in their order, where the
// order is data.
func (d *defaulter) leafList(m *tree.Mut, c *xpath.Cursor, s *yang.Node) {
	if !holdsDefaults(c.Node(), s) {
		return
	}
	if d.mode == Trim {
		m.Delete(s)
		return
	}
	for n := range c.Node().Entries(s) {
		if m.Node().Entry(s, n.Key()) != nil {
			m.Put(d.ofLeafList(n), tree.Position{})
		}
	}
}

func holdsDefaults(n *tree.Node, s *yang.Node) bool {
	if n.Len(s) != len(s.Defaults) {
		return false
	}
	i := 0
	for e := range n.Entries(s) {
		if s.OrderedByUser && e.Value() != s.Defaults[i] || !slices.Contains(s.Defaults, e.Value()) {
			return false
		}
		i++
	}
	return true
}

func (d *defaulter) container(m *tree.Mut, c *xpath.Cursor, s *yang.Node) {
	if m.Node().Has(s) {
		if full := c.Node().Child(s); full != nil {
			d.walk(m.Child(s), xpath.NewCursor(full, c))
		}
		return
	}
	if d.mode == Trim || c.Node().Has(s) || !d.env.InUse(c, s) {
		return
	}
	for at := range d.env.Instances(c, s) {
		inner := m.Ensure(s)
		inner.SetOrigin(tree.OriginDefault)
		d.walk(inner, at)
		if inner.Node().Empty() {
			m.Delete(s)
		}
	}
}

// hasDefaults tells whether s has a default, or something below it that is
// there without an entry or presence container being made.
func (d *defaulter) hasDefaults(s *yang.Node) bool {
	if has, ok := d.has[s]; ok {
		return has
	}
	has := len(s.Defaults) > 0
	for _, c := range s.Data {
		has = d.hasDefaults(c) || has
	}
	d.has[s] = has
	return has
}
