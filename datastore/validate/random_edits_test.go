package validate_test

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// edit changes something somewhere below m.
func (r *randomEdits) edit(m *tree.Mut) {
	var l []*yang.Node
	for _, s := range m.Schema().Data {
		if !s.IsKey && s.Module.Name == "m" {
			l = append(l, s)
		}
	}
	if len(l) == 0 {
		return
	}
	s := l[r.n("node", len(l))]
	remove := r.n("remove", 4) == 3
	if !remove && r.n("other cases", 4) < 3 {
		r.clearOthers(m, s)
	}
	switch s.Kind {
	case yang.Leaf:
		r.leaf(m, s, remove)
	case yang.LeafList:
		r.value(m, s, remove)
	case yang.AnyData:
		if r.note(m, "anydata %s, removed: %v", s.Name, remove); remove {
			m.Delete(s)
		} else {
			m.SetAny(s, &tree.Any{})
		}
	case yang.Container:
		if remove && r.n("whole", 2) == 0 {
			r.note(m, "delete %s", s.Name)
			m.Delete(s)
		} else {
			r.edit(m.Ensure(s))
		}
	case yang.List:
		r.entry(m, s, remove)
	}
}

// clearOthers deletes the cases that s cannot be together with.
func (r *randomEdits) clearOthers(m *tree.Mut, s *yang.Node) {
	for _, o := range m.Schema().Data {
		for c := s.Case; c != nil; c = outer(c) {
			for d := o.Case; d != nil; d = outer(d) {
				if c != d && c.Parent == d.Parent && m.Delete(o) {
					r.note(m, "delete %s of another case", o.Name)
				}
			}
		}
	}
}

func outer(c *yang.Node) *yang.Node {
	if p := c.Parent.Parent; p != nil && p.Kind == yang.Case {
		return p
	}
	return nil
}

// draw draws a value of s, more often than not of what exists that it can refer to.
func (r *randomEdits) draw(s *yang.Node) yang.Value {
	l := r.values[s]
	if there := r.there(s.Type, s); len(there) > 0 && r.n("existing", 4) > 0 {
		l = there
	}
	return l[r.n("value", len(l))]
}

// there are the values of s that refer to what is in the tree by t.
func (r *randomEdits) there(t *yang.Type, s *yang.Node) (l []yang.Value) {
	var texts []string
	switch {
	case t.Base == yang.LeafRef:
		texts = r.exist[t.Target]
	case t.Base == yang.InstanceIdentifier:
		texts = r.paths
	}
	for _, text := range texts {
		if v, err := s.Type.Parse(text, nil); err == nil {
			l = append(l, v)
		}
	}
	for _, m := range t.Members {
		l = append(l, r.there(m, s)...)
	}
	return l
}

// look collects what there is at and below n.
func (r *randomEdits) look(n *tree.Node, path tree.Path) {
	if n == r.old.Root() {
		r.exist, r.paths = map[*yang.Node][]string{}, nil
	} else {
		path = path.Join(tree.StepTo(n))
		r.paths = append(r.paths, path.String())
	}
	if s := n.Schema(); s.IsLeafy() {
		r.exist[s] = append(r.exist[s], n.Value().String())
	}
	for k := range n.Children() {
		r.look(k, path)
	}
}

func (r *randomEdits) leaf(m *tree.Mut, s *yang.Node, remove bool) {
	switch {
	case remove:
		r.note(m, "delete %s", s.Name)
		m.Delete(s)
	case len(r.values[s]) > 0:
		v := r.draw(s)
		r.note(m, "%s = %s", s.Name, v)
		m.SetLeaf(s, v)
	}
}

func (r *randomEdits) value(m *tree.Mut, s *yang.Node, remove bool) {
	if len(r.values[s]) == 0 {
		return
	}
	v, pos := r.draw(s), r.position()
	key := tree.KeyOf(v)
	switch {
	case remove:
		r.note(m, "delete %s %s", s.Name, v)
		m.DeleteEntry(s, key)
	case m.Node().Entry(s, key) != nil:
		r.move(m, s, key, pos)
	default:
		r.note(m, "add %s %s", s.Name, v)
		m.AddValue(s, v, pos)
	}
}

func (r *randomEdits) position() tree.Position {
	return tree.Position{Where: []tree.Where{tree.Last, tree.First}[r.n("where", 2)]}
}

func (r *randomEdits) move(m *tree.Mut, s *yang.Node, key string, pos tree.Position) {
	r.note(m, "move %s %q %v", s.Name, key, pos)
	if err := m.Move(s, key, pos); err != nil {
		r.t.Fatal(err)
	}
}

func (r *randomEdits) entry(m *tree.Mut, s *yang.Node, remove bool) {
	var keys []yang.Value
	for _, k := range s.Keys {
		keys = append(keys, r.draw(k))
	}
	key := tree.KeyOf(keys...)
	existed := m.Node().Entry(s, key) != nil
	switch {
	case remove:
		if r.n("all", 4) == 3 {
			r.note(m, "delete all %s", s.Name)
			m.Delete(s)
			return
		}
		r.note(m, "delete %s %q", s.Name, key)
		m.DeleteEntry(s, key)
		return
	case existed && s.OrderedByUser && r.n("move", 3) == 0:
		r.move(m, s, key, r.position())
		return
	}
	e, _ := m.AddEntry(s, keys, r.position())
	if !existed {
		r.note(m, "add %s %q", s.Name, key)
		for _, k := range s.Data {
			if k.Kind == yang.Leaf && k.Mandatory && r.n("mandatory", 5) > 0 {
				r.leaf(e, k, false)
			}
		}
	}
	for range r.n("within", 3) {
		r.edit(e)
	}
}
