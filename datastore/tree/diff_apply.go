package tree

import (
	"slices"
	"sort"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// Apply makes the changes to t: for the tree that d was computed from it returns
// the other. Subtrees are taken from d, not copied. A change whose node is not
// there to change, or is there already, fails with data-missing or data-exists.
func (d *Diff) Apply(t *Tree) (*Tree, error) {
	if d.Empty() {
		return t, nil
	}
	m := t.Mutate()
	if err := d.Root.apply(m, nil); err != nil {
		return nil, err
	}
	return m.Done(), nil
}

func (c *Change) apply(m *Mut, p Path) error {
	for _, k := range c.Children {
		if err := k.applyOne(m, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *Change) applyOne(m *Mut, p Path) error {
	n := c.Old
	if n == nil {
		n = c.New
	}
	there := m.Node().twin(n)
	if there == nil && c.Op != Create {
		return rpcerr.New(rpcerr.DataMissing, append(p.Clone(), StepTo(n)).String(), "the node to change does not exist")
	}
	if there != nil && c.Op == Create {
		return rpcerr.New(rpcerr.DataExists, append(p.Clone(), StepTo(n)).String(), "the node to create exists")
	}
	switch c.Op {
	case Create:
		m.Put(c.New, c.Pos)
	case Modify:
		m.Put(c.New, Position{})
	case Delete:
		if isEntry(c.Schema) {
			m.DeleteEntry(c.Schema, n.Key())
		} else {
			m.Delete(c.Schema)
		}
	case Inside:
		if c.Moved {
			if err := m.Move(c.Schema, n.Key(), c.Pos); err != nil {
				return err
			}
		}
		if len(c.Children) > 0 {
			return c.apply(m.below(n), append(p, StepTo(n)))
		}
	}
	return nil
}

// below is the handle on the container or entry with the identity of n.
func (m *Mut) below(n *Node) *Mut {
	if isEntry(n.schema) {
		return m.Entry(n.schema, n.Key())
	}
	return m.Child(n.schema)
}

// Reverse is the difference the other way round: d.Reverse().Apply undoes d.Apply.
// Cost: proportional to d.
func (d *Diff) Reverse() *Diff {
	if d.Empty() {
		return d
	}
	return &Diff{Root: d.Root.reverse()}
}

func (c *Change) reverse() *Change {
	r := &Change{Schema: c.Schema, Op: c.Op, Old: c.New, New: c.Old, Moved: c.Moved, oldRank: c.newRank, newRank: c.oldRank}
	switch c.Op {
	case Create:
		r.Op = Delete
	case Delete:
		r.Op = Create
	}
	r.Children = make([]*Change, len(c.Children))
	for i, k := range c.Children {
		r.Children[i] = k.reverse()
	}
	for i := 0; i < len(r.Children); {
		j := i
		for j < len(r.Children) && r.Children[j].Schema == r.Children[i].Schema {
			j++
		}
		run := r.Children[i:j]
		i = j
		c.Old.orderRun(run)
	}
	return r
}

// orderRun sorts the changes of one list, whose new state is that in n, and places them.
func (n *Node) orderRun(run []*Change) {
	s := run[0].Schema
	if !isEntry(s) {
		return
	}
	if !isRanked(s) {
		copy(run, deletesFirst(slices.SortedStableFunc(slices.Values(run), byKey)))
		return
	}
	sort.Slice(run, func(i, j int) bool { return less(run[i], run[j]) })
	for _, c := range run {
		if c.Op == Create || c.Moved {
			c.Pos = n.slot(s).body.list.posAt(c.newRank)
		}
	}
}

func byKey(x, y *Change) int {
	kx, ky := x.New, y.New
	if kx == nil {
		kx = x.Old
	}
	if ky == nil {
		ky = y.Old
	}
	switch a, b := kx.Key(), ky.Key(); {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
