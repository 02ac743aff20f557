package tree

import "github.com/altoam/altoam/yang"

// Merge puts into theirs what ours changes of base: of three trees of one schema
// node the last two grew out of the first. Where both changed the same node to
// something different, ours stays, and conflicts names the node: a leaf set twice, a
// node changed here and deleted there (only moved does not count), two cases of one
// choice, an entry moved next to neighbours that have changed. A container without
// presence is no node of its own here, but what is in it. Cost is proportional to what
// ours changes, and where both made a container or an entry, to its content.
func Merge(base, ours, theirs *Tree) (merged *Tree, conflicts []Path) {
	switch {
	case base == theirs || ours == theirs:
		return ours, nil
	case base == ours:
		return theirs, nil
	}
	d := Compare(base, ours)
	if d.Empty() {
		return theirs, nil
	}
	g := merge{}
	m := theirs.Mutate()
	g.inside(nil, m, d.Root)
	return m.Done(), g.conflicts
}

type merge struct{ conflicts []Path }

func (g *merge) conflict(p Path, n *Node) {
	g.conflicts = append(g.conflicts, p.Join(StepTo(n)))
}

// inside merges what c changes below the node at p, which m changes.
func (g *merge) inside(p Path, m *Mut, c *Change) {
	for _, k := range c.Children {
		switch k.Op {
		case Create:
			g.create(p, m, k.New, k.Pos)
		case Delete:
			g.remove(p, m, k.Old)
		default:
			g.change(p, m, c, k)
		}
	}
}

// create adds n, which base did not have.
func (g *merge) create(p Path, m *Mut, n *Node, pos Position) {
	there := m.Node().twin(n)
	switch {
	case there == nil:
		g.exclude(p, m, n)
		m.Put(n, m.known(n.schema, pos))
	case n.schema.Kind == yang.Container || n.schema.Kind == yang.List:
		empty := &Node{schema: n.schema, body: &body{}}
		if c := compareNodes(empty, n); c != nil {
			g.inside(p.Join(StepTo(n)), m.below(n), c)
		}
	case compareNodes(there, n) != nil:
		g.conflict(p, n)
		m.Put(n, Position{})
	}
}

// exclude removes what stands in another case of a choice around n.
func (g *merge) exclude(p Path, m *Mut, n *Node) {
	if n.schema.Case == nil {
		return
	}
	var others []*yang.Node
	for s := range m.Node().Schemas() {
		if Exclusive(s, n.schema) {
			others = append(others, s)
		}
	}
	for _, s := range others {
		g.conflict(p, n)
		m.Delete(s)
	}
}

// remove deletes n, which base had.
func (g *merge) remove(p Path, m *Mut, n *Node) {
	there := m.Node().twin(n)
	if there == nil {
		return
	}
	if compareNodes(n, there) != nil {
		if implied(n.schema) {
			g.empty(p, m, n)
			return
		}
		g.conflict(p, n)
	}
	if isEntry(n.schema) {
		m.DeleteEntry(n.schema, n.Key())
	} else {
		m.Delete(n.schema)
	}
}

// empty deletes what is in the container n, which base had.
func (g *merge) empty(p Path, m *Mut, n *Node) {
	in := m.below(n)
	for c := range n.Children() {
		g.remove(p.Join(StepTo(n)), in, c)
	}
	if in.Node().Empty() {
		m.Delete(n.schema)
	}
}

// implied tells whether s is a container without presence.
func implied(s *yang.Node) bool { return s.Kind == yang.Container && !s.Presence }

// change makes the change k of a node that base and ours have; in is the change of
// its parent.
func (g *merge) change(p Path, m *Mut, in, k *Change) {
	there := m.Node().twin(k.Old)
	switch {
	case there != nil:
	case k.Op == Inside && len(k.Children) == 0: // only moved
		return
	case implied(k.Schema):
		g.exclude(p, m, k.New)
		m.Ensure(k.Schema)
	default:
		g.conflict(p, k.New)
		g.exclude(p, m, k.New)
		m.Put(k.New, m.known(k.Schema, k.Pos))
		return
	}
	if k.Op == Modify {
		if compareNodes(k.Old, there) != nil && compareNodes(k.New, there) != nil {
			g.conflict(p, k.New)
		}
		m.Put(k.New, Position{})
		return
	}
	if k.Moved {
		if before(in.Old, k.Old) != before(m.Node(), there) {
			g.conflict(p, k.New)
		}
		// The entry is there, and known names an anchor that is.
		_ = m.Move(k.Schema, k.Old.Key(), m.known(k.Schema, k.Pos))
	}
	if len(k.Children) > 0 {
		in := m.below(k.Old)
		g.inside(p.Join(StepTo(k.New)), in, k)
		if implied(k.Schema) && in.Node().Empty() && !k.New.Empty() {
			m.Delete(k.Schema)
		}
	}
}

// before is the key of the entry that stands before n below parent, "" for the first.
func before(parent, n *Node) string {
	if b := parent.Before(n.schema, n.Key()); b != nil {
		return b.Key()
	}
	return ""
}

// known is pos, or the end of the list when its anchor is not there.
func (m *Mut) known(s *yang.Node, pos Position) Position {
	if pos.Where == Before || pos.Where == After {
		if m.Node().Entry(s, pos.Anchor) == nil {
			return Position{}
		}
	}
	return pos
}
