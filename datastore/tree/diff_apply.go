package tree

import (
	"slices"
	"sort"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// Apply makes the changes to t: for the tree that d was computed from it returns
// the other. Subtrees are taken from d, not copied. A change whose node is not
// there to change, or is there already, fails with data-missing or data-exists.
func (d *Diff) Apply(t *Tree) (*Tree, error) { return d.applyTo(t, application{}) }

// ApplyMarked is Apply that marks what changes with the commit that changes it. What
// d creates has been made by it as a whole.
func (d *Diff) ApplyMarked(t *Tree, by *Mark) (*Tree, error) {
	return d.applyTo(t, application{&Marks{by, by}})
}

func (d *Diff) applyTo(t *Tree, a application) (*Tree, error) {
	if d.Empty() {
		return t, nil
	}
	m := t.Mutate()
	if err := a.inside(m, d.Root, nil); err != nil {
		return nil, err
	}
	return m.Done(), nil
}

// application puts changes into a tree.
type application struct {
	made *Marks // of what is new; nil to mark nothing
}

// inside makes the changes below c to its node.
func (a application) inside(m *Mut, c *Change, p Path) error {
	a.changed(m)
	for _, k := range c.Children {
		if err := a.one(m, k, p); err != nil {
			return err
		}
	}
	return nil
}

// changed marks the handle's node as one that changes within.
func (a application) changed(m *Mut) {
	if a.made == nil {
		return
	}
	k := &Marks{Changed: a.made.Changed}
	if was := m.Node().Marks(); was != nil {
		k.Made = was.Made
	}
	if k.Made == nil && m.parent == nil {
		k.Made = a.made.Made
	}
	m.SetMarks(k)
}

// fresh is n as something new.
func (a application) fresh(n *Node) *Node {
	if a.made == nil {
		return n
	}
	return n.unmarked().WithMarks(a.made)
}

func (a application) one(m *Mut, c *Change, p Path) error {
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
	if c.Moved {
		if err := m.Move(c.Schema, n.Key(), c.Pos); err != nil {
			return err
		}
	}
	switch c.Op {
	case Create:
		m.Put(a.fresh(c.New), c.Pos)
	case Modify:
		m.Put(a.fresh(c.New), Position{})
	case Delete:
		if isEntry(c.Schema) {
			m.DeleteEntry(c.Schema, n.Key())
		} else {
			m.Delete(c.Schema)
		}
	case Inside:
		if len(c.Children) > 0 {
			return a.inside(m.below(n), c, append(p, StepTo(n)))
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
