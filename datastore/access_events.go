package datastore

import (
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
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

// about tells whether the session may read the nodes that a notification is about: that of
// a path, and the entries that leafrefs name.
func (x *Session) about(a *nacm.Access, e *notify.Event) bool {
	root := e.Tree.Root()
	if leaf := pointing(e.Node()); leaf != nil && root.Has(leaf) && !x.leadsTo(a, root.Child(leaf).Value()) {
		return false
	}
	for _, leaf := range e.Node().Data {
		list := entriesNamed(leaf)
		if list == nil || !root.Has(leaf) {
			continue
		}
		p := schemaPath(list)
		p[len(p)-1].Keys = []yang.Value{root.Child(leaf).Value()}
		if itself, _ := a.Sees(p); !itself {
			return false
		}
	}
	return true
}

// entriesNamed is the list an entry of which leaf, a leafref, names: by its one key, and
// with no list around it. nil where leaf is something else.
func entriesNamed(leaf *yang.Node) *yang.Node {
	if leaf.Kind != yang.Leaf || leaf.Type.Base != yang.LeafRef || !leaf.Type.Target.IsKey {
		return nil
	}
	list := leaf.Type.Target.DataParent
	for n := list.DataParent; n.Kind != yang.Root; n = n.DataParent {
		if n.Kind == yang.List {
			return nil
		}
	}
	if len(list.Keys) != 1 {
		return nil
	}
	return list
}

// shownEdits is e without the edits of nodes that the session may not read, which
// netconf-config-change lists (RFC 6470); nil where that is all of them.
func (x *Session) shownEdits(a *nacm.Access, e *notify.Event) *notify.Event {
	n := e.Node()
	if n.Name != "netconf-config-change" || n.Module.Name != "ietf-netconf-notifications" {
		return e
	}
	list := n.Child(n.Module.Name, "edit")
	left := e.Tree.Root().Reduce(leavingOut(tree.Path{{Schema: list}}, func(edit *tree.Node) bool {
		p, err := tree.ParsePath(x.store.schema, edit.Leaf("target").String())
		if err != nil {
			return true // the whole datastore
		}
		itself, _ := a.Sees(p)
		return itself
	}))
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
