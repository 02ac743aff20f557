package datastore

import (
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
)

// Subscribe is Broker.Subscribe for the session: what it may not receive is left out
// before the filter looks at it, by the rules of the time when the event is sent.
func (x *Session) Subscribe(r notify.Request) (*notify.Subscription, error) {
	r.View = func(e *notify.Event) *notify.Event {
		a := x.access()
		switch {
		case a == nil:
			return e
		case !a.MayReceive(e.Path, e.Node()), !x.about(a, e):
			x.store.access.deniedNotifications.Add(1)
			return nil
		}
		return x.shownEdits(a, e)
	}
	return x.subscribe(r)
}

// about tells whether the session may read the node that a notification is about.
func (x *Session) about(a *nacm.Access, e *notify.Event) bool {
	leaf := pointing(e.Node())
	if leaf == nil {
		return true
	}
	n := e.Tree.Root().Child(leaf)
	return n == nil || x.leadsTo(a, n.Value())
}

// shownEdits is e without the edits of nodes that the session may not read, which
// netconf-config-change lists (RFC 6470); nil where that is all of them.
func (x *Session) shownEdits(a *nacm.Access, e *notify.Event) *notify.Event {
	n := e.Node()
	if n.Name != "netconf-config-change" || n.Module.Name != "ietf-netconf-notifications" {
		return e
	}
	list := n.Child(n.Module.Name, "edit")
	left := e.Tree.Root().Reduce(entriesOf{tree.Path{{Schema: list}}, func(edit *tree.Node) bool {
		p, err := tree.ParsePath(x.store.schema, edit.Leaf("target").String())
		if err != nil {
			return true // the whole datastore
		}
		itself, _ := a.Sees(p)
		return itself
	}})
	if left == e.Tree.Root() {
		return e
	}
	if left.Len(list) == 0 {
		return nil
	}
	c := *e
	c.Tree = tree.FromNode(left)
	return &c
}
