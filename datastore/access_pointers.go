package datastore

import (
	"slices"

	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// pointer is a list of state each entry of which tells of data nodes: their paths are the
// value of the leaf, which is a key, or the values of the leaf-list.
type pointer struct{ list, leaf *yang.Node }

// pointersOf are the lists of s that point at data nodes.
func pointersOf(s *yang.Schema) (found []pointer) {
	var in func(n *yang.Node)
	in = func(n *yang.Node) {
		for _, c := range n.Data {
			if c.Kind == yang.List && !c.Config {
				if leaf := pointing(c); leaf != nil {
					found = append(found, pointer{c, leaf})
					continue
				}
			}
			if c.Kind == yang.Container || c.Kind == yang.List {
				in(c)
			}
		}
	}
	in(s.Root)
	return found
}

// pointing is the leaf of n, an entry or a notification, with the path of the node that n
// is about, or the leaf-list of an entry with such paths; nil where there is none.
func pointing(n *yang.Node) *yang.Node {
	for _, c := range n.Data {
		if c.Kind == yang.Leaf && (c.IsKey || n.Kind == yang.Notification) &&
			(c.Type.Base == yang.InstanceIdentifier || c.Type.Typedef == "altoam-alarms:resource") {
			return c
		}
		if c.Kind == yang.LeafList && n.Kind == yang.List && c.Type.Base == yang.InstanceIdentifier {
			return c
		}
	}
	return nil
}

// leadsTo tells whether the session may read the node that v is the path of. What is no
// path of a data node tells of none.
func (x *Session) leadsTo(a *nacm.Access, v yang.Value) bool {
	p, err := tree.ParsePath(x.store.schema, v.String())
	if err != nil {
		return true
	}
	itself, _ := a.Sees(p)
	return itself
}

// pointed is t, of operational, without entries about nodes that the session may not
// read. Cost is that of the lists that point.
func (x *Session) pointed(a *nacm.Access, t *tree.Tree) *tree.Tree {
	if _, whole := a.Sees(nil); whole {
		return t
	}
	for _, p := range x.store.access.pointers {
		keep := func(e *tree.Node) bool { return x.mayKnow(a, p, e) }
		if left := t.Root().Reduce(leavingOut(schemaPath(p.list), keep)); left != t.Root() {
			t = tree.FromNode(left)
		}
	}
	return t
}

// mayKnow tells whether the session may read all nodes that the entry e is about, and with a
// leaf-list that there are some.
func (x *Session) mayKnow(a *nacm.Access, p pointer, e *tree.Node) bool {
	if p.leaf.Kind == yang.Leaf {
		leaf := e.Child(p.leaf)
		return leaf == nil || x.leadsTo(a, leaf.Value())
	}
	some := false
	for v := range e.Entries(p.leaf) {
		if some = x.leadsTo(a, v.Value()); !some {
			break
		}
	}
	return some
}

// mayActOn tells whether the entry at p, where it is about another node, may be seen.
func (x *Session) mayActOn(a *nacm.Access, p tree.Path) bool {
	for _, step := range p {
		i := slices.IndexFunc(x.store.access.pointers, func(q pointer) bool { return q.list == step.Schema && q.leaf.IsKey })
		if i < 0 || len(step.Keys) == 0 {
			continue
		}
		leaf := x.store.access.pointers[i].leaf
		if !x.leadsTo(a, step.Keys[slices.Index(step.Schema.Keys, leaf)]) {
			return false
		}
	}
	return true
}

// entriesOf is the tree.Reducer that leaves out entries of a list that s is or leads to,
// and containers that are empty then.
type entriesOf struct {
	s    *yang.Node
	in   *entriesOf // of what is in s; nil where s is the list
	keep func(*tree.Node) bool
}

// leavingOut keeps those entries of the list at the path that keep says.
func leavingOut(path tree.Path, keep func(*tree.Node) bool) *entriesOf {
	r := &entriesOf{s: path[0].Schema, keep: keep}
	if len(path) > 1 {
		r.in = leavingOut(path[1:], keep)
	}
	return r
}

// Plan implements tree.Reducer.
func (r *entriesOf) Plan(s *yang.Node) (tree.Rest, []string) {
	switch {
	case s != r.s:
		return tree.KeepRest, nil
	case r.in != nil:
		return tree.TrimRest, nil
	}
	return tree.EachToo, nil
}

// Bare implements tree.Reducer.
func (r *entriesOf) Bare(*yang.Node) bool { return false }

// Into implements tree.Reducer.
func (r *entriesOf) Into(n *tree.Node) (tree.Reducer, bool) {
	if r.in != nil {
		return r.in, true
	}
	return nil, r.keep(n)
}
