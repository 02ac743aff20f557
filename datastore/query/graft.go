package query

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// put adds the whole of n to out.
func put(out *tree.Mut, n *tree.Node) { out.Append(n) }

// open adds to out a node of n's identity without n's content: a container, or a
// list entry with its keys. Origin and default mark are kept.
func open(out *tree.Mut, n *tree.Node) *tree.Mut {
	var m *tree.Mut
	if s := n.Schema(); s.Kind == yang.List {
		m, _ = out.AddEntry(s, n.KeyValues(), tree.Position{Where: tree.Last})
	} else {
		m = out.Ensure(s)
	}
	if n.Origin() != tree.OriginNone {
		m.SetOrigin(n.Origin())
	}
	return m
}

// graft adds all children of from to out.
func graft(out *tree.Mut, from *tree.Node) {
	for c := range from.Children() {
		out.Append(c)
	}
}
