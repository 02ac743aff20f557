package nacm

import (
	"iter"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Blind returns access-denied errors where e names nodes that the user may neither read
// nor change in the way that e asks for. Judge, which sees what really changes, would let
// such an edit pass where the node has the value already, or is not there to be removed:
// that would tell which it is. What is there plays no part in the answer. Cost is that
// of the edit.
func (a *Access) Blind(e *edit.Edit) error {
	if a == nil || e == nil || a.top.opened().whole&Read != 0 {
		return nil
	}
	j := judge{access: a, told: map[string]bool{}}
	j.blindly(e)
	return rpcerr.Join(j.errs)
}

func (j *judge) blindly(e *edit.Edit) {
	for _, step := range e.Steps {
		j.blindly(step)
	}
	if e.Root != nil {
		j.blind(nil, e.Root, j.access.top, false)
	}
}

// blind denies the nodes below n, which is at p, that the user may neither see nor
// change; hidden tells that n cannot be seen.
func (j *judge) blind(p tree.Path, n *edit.Node, st *state, hidden bool) {
	for c := range below(n) {
		if len(j.errs) >= mostDenied {
			return
		}
		step := tree.Step{Schema: c.Schema, Keys: c.Keys}
		if c.Schema.Kind == yang.LeafList && !c.Value.IsZero() {
			step.Keys = []yang.Value{c.Value}
		}
		at, next := p.Join(step), st.to(step)
		unseen := hidden || !next.readable()
		if unseen && !implied(c) && !next.allows(c) {
			j.deny(at)
			continue
		}
		j.blind(at, c, next, unseen)
	}
}

// below are the nodes in n, those of its content as nodes of the edit, but for keys.
func below(n *edit.Node) iter.Seq[*edit.Node] {
	return func(yield func(*edit.Node) bool) {
		for _, c := range n.Children {
			if !c.Schema.IsKey && !yield(c) {
				return
			}
		}
		if n.Content == nil {
			return
		}
		for c := range n.Content.Children() {
			if c.Schema().IsKey {
				continue
			}
			e := &edit.Node{Schema: c.Schema(), Op: n.Op, Value: c.Value(), Content: c}
			if c.Schema().Kind == yang.List {
				e.Keys = c.KeyValues()
			}
			if !yield(e) {
				return
			}
		}
	}
}

// allows tells whether the user may do what n asks for, with n or something in it.
func (st *state) allows(n *edit.Node) bool {
	own := Create | Update
	switch n.Op {
	case edit.Delete, edit.Remove:
		return st.own&Delete != 0
	case edit.None:
		own |= Delete
	}
	if st.own&own != 0 {
		return true
	}
	for c := range below(n) {
		if st.to(tree.Step{Schema: c.Schema, Keys: c.Keys}).allows(c) {
			return true
		}
	}
	return false
}

// implied tells whether n is there for what is in it only.
func implied(n *edit.Node) bool {
	return n.Schema.Kind == yang.Container && !n.Schema.Presence && n.Op != edit.Delete && n.Op != edit.Remove && n.Op != edit.Replace
}
