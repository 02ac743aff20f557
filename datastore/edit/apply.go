package edit

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Options are options of Apply.
type Options struct {
	// ContinueOnError records errors and applies what has none (RFC 6241 Section 7.2).
	ContinueOnError bool
	// Hidden, where set, tells which entries of a list at a path are no anchors, as if they
	// did not exist.
	Hidden func(at tree.Path, list *yang.Node, key string) bool
}

// Apply applies e to base as RFC 6241 Section 7.2 and RFC 7950 Sections 7.5.8,
// 7.6.7, 7.7.9 and 7.8.6 say, in the order of the request, and returns the new
// tree. base is not changed and shares with the result all that e does not touch.
// Creating a node removes those of other cases of its choice (RFC 7950 Section
// 7.9); a container without presence that loses its last child is removed.
//
// The first error ends it: an *rpcerr.Error with the node's path, and the tree is
// nil. With ContinueOnError the tree is never nil and the error holds all. Cost:
// the size of e times depth times log n.
func Apply(base *tree.Tree, e *Edit, o Options) (*tree.Tree, error) {
	m := base.Mutate()
	errs := e.apply(m, o)
	if len(errs) > 0 && !o.ContinueOnError {
		return nil, errs[0]
	}
	return m.Done(), rpcerr.Join(errs)
}

// apply applies e to the tree of m and returns the errors: one, if it stops there.
func (e *Edit) apply(m *tree.Mut, o Options) (errs []*rpcerr.Error) {
	for i, step := range e.Steps {
		for _, err := range step.apply(m, o) {
			err.Err = &StepError{Index: i, Err: err.Err}
			errs = append(errs, err)
		}
		if len(errs) > 0 && !o.ContinueOnError {
			return errs
		}
	}
	if e.Root == nil {
		return errs
	}
	a := applier{goOn: o.ContinueOnError, resource: e.Resource, hidden: o.Hidden}
	if e.Root.Op == Replace {
		m.Clear()
	}
	if err := a.children(m, e.Root.Children); err != nil {
		return rpcerr.All(err)
	}
	return a.errs
}

// applier applies one edit.
type applier struct {
	goOn, resource bool
	hidden         func(tree.Path, *yang.Node, string) bool
	path           []*Node
	errs           []*rpcerr.Error // with goOn
}

// children applies the children of one node. What is deleted from a choice goes
// first: it may make room for another case.
func (a *applier) children(m *tree.Mut, list []*Node) error {
	for _, first := range [2]bool{true, false} {
		for _, n := range list {
			if n.freesCase() != first {
				continue
			}
			a.path = append(a.path, n)
			err := a.node(m, n)
			a.path = a.path[:len(a.path)-1]
			if err != nil && !a.goOn {
				return err
			}
			if err != nil {
				a.errs = append(a.errs, rpcerr.All(err)...)
			}
		}
	}
	return nil
}

// freesCase tells whether n deletes a node of a choice.
func (n *Node) freesCase() bool {
	return n.Schema.Case != nil && (n.Op == Delete || n.Op == Remove)
}

// node applies n below m.
func (a *applier) node(m *tree.Mut, n *Node) error {
	s := n.Schema
	if s.Kind == yang.LeafList && n.Value.IsZero() {
		return a.errorf(rpcerr.InvalidValue, "the entry of the leaf-list needs its value")
	}
	old := n.find(m.Node())
	if err := a.admit(n, old); err != nil {
		return err
	}
	switch {
	case n.Op == Delete || n.Op == Remove || n.ToDefault:
		a.remove(m, n)
		return nil
	case n.Op == None && s.IsLeafy():
		return nil
	}
	if err := a.write(m, n, old); err != nil {
		return err
	}
	if old == nil && s.Case != nil && m.Node().Has(s) {
		clearCases(m, s)
	}
	return nil
}

// admit checks that n's operation is possible on old, the node as it is or nil.
func (a *applier) admit(n *Node, old *tree.Node) error {
	switch {
	case old != nil && n.Op == Create && n.ToDefault: // RFC 6243 Section 4.5.2
		return a.errorf(rpcerr.InvalidValue, "a value marked as default is to be created, but the node exists")
	case old == nil && n.Op == Delete,
		old == nil && (n.Op == None || n.Existing) && !n.implied():
		return a.missing()
	case old != nil && n.Op == Create && !(n.implied() && old.Empty()):
		return a.errorf(rpcerr.DataExists, "the node to create exists")
	}
	return nil
}

func (a *applier) remove(m *tree.Mut, n *Node) {
	switch n.Schema.Kind {
	case yang.List, yang.LeafList:
		m.DeleteEntry(n.Schema, n.key())
	default:
		m.Delete(n.Schema)
	}
}

// write merges, replaces or creates n, of which old exists.
func (a *applier) write(m *tree.Mut, n *Node, old *tree.Node) error {
	switch n.Schema.Kind {
	case yang.Leaf:
		m.SetLeaf(n.Schema, n.Value)
	case yang.AnyData, yang.AnyXML:
		if n.Op != None {
			m.SetAny(n.Schema, n.Any)
		}
	case yang.LeafList:
		pos, err := a.place(m, n)
		if err == nil && !m.AddValue(n.Schema, n.Value, pos) || err != nil || n.Pos == nil {
			return err
		}
		return m.Move(n.Schema, n.key(), pos)
	case yang.List:
		return a.entry(m, n, old)
	case yang.Container:
		return a.container(m, n, old)
	}
	return nil
}

// container writes a container.
func (a *applier) container(m *tree.Mut, n *Node, old *tree.Node) error {
	if n.Content != nil && (old == nil || n.Op == Replace || n.Op == Create) {
		m.Put(n.Content, tree.Position{})
		return nil
	}
	c := m.Ensure(n.Schema)
	err := a.inside(c, n)
	left := c.Node().Empty() && (n.Op == None && old == nil || old != nil && !old.Empty())
	if left && n.implied() && n.Op != Replace {
		m.Delete(n.Schema)
	}
	return err
}

// entry writes a list entry.
func (a *applier) entry(m *tree.Mut, n *Node, old *tree.Node) error {
	pos, err := a.place(m, n)
	if err != nil {
		return err
	}
	if n.Content != nil && (old == nil || n.Op == Replace) {
		m.Put(n.Content, pos)
	} else {
		e, _ := m.AddEntry(n.Schema, n.Keys, pos)
		if err := a.inside(e, n); err != nil {
			return err
		}
	}
	if old != nil && n.Pos != nil {
		return m.Move(n.Schema, n.key(), pos)
	}
	return nil
}

// inside writes what is below a container or entry.
func (a *applier) inside(m *tree.Mut, n *Node) error {
	if n.Op == Replace {
		m.Clear()
	}
	if n.Content != nil {
		if n.Op != None {
			mergeContent(m, n.Content)
		}
		return nil
	}
	return a.children(m, n.Children)
}

// clearCases removes what cannot exist beside s.
func clearCases(m *tree.Mut, s *yang.Node) {
	var out []*yang.Node
	for c := range m.Node().Schemas() {
		if tree.Exclusive(c, s) {
			out = append(out, c)
		}
	}
	for _, c := range out {
		m.Delete(c)
	}
}

// mergeContent merges what is below c, a node with the identity of m's. What does
// not exist yet is grafted whole.
func mergeContent(m *tree.Mut, c *tree.Node) {
	for k := range c.Children() {
		s := k.Schema()
		switch {
		case s.IsKey:
			continue
		case s.Kind == yang.Leaf:
			m.SetLeaf(s, k.Value())
		case s.Kind == yang.LeafList:
			m.AddValue(s, k.Value(), tree.Position{})
		case s.Kind == yang.Container && m.Child(s) != nil:
			mergeContent(m.Child(s), k)
			continue
		case s.Kind == yang.List && m.Entry(s, k.Key()) != nil:
			mergeContent(m.Entry(s, k.Key()), k)
			continue
		default:
			m.Put(k, tree.Position{})
		}
		if s.Case != nil {
			clearCases(m, s)
		}
	}
}

// missing is the error for a node that has to exist.
func (a *applier) missing() error {
	if a.resource {
		return a.errorf(rpcerr.InvalidValue, "the resource does not exist").WithReason(rpcerr.NoSuchResource)
	}
	return a.errorf(rpcerr.DataMissing, "the node does not exist")
}

func (a *applier) errorf(tag rpcerr.Tag, format string, args ...any) *rpcerr.Error {
	return rpcerr.New(tag, a.at(), format, args...)
}

// at is the path of the node that is applied.
func (a *applier) at() string {
	var p tree.Path
	for _, n := range a.path {
		p = append(p, n.step())
	}
	return p.String()
}
