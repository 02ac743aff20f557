package edit

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// place is where a new entry goes, with an anchor that exists.
func (a *applier) place(m *tree.Mut, n *Node) (tree.Position, error) {
	if n.Pos == nil {
		return tree.Position{}, nil
	}
	anchored := n.Pos.Where == tree.Before || n.Pos.Where == tree.After
	if anchored && (m.Node().Entry(n.Schema, n.Pos.Anchor) == nil || a.hides(n)) {
		e := rpcerr.New(rpcerr.BadAttribute, a.at(), "the entry to insert before or after does not exist").WithApp(rpcerr.AppMissingInstance)
		e.Info = badAttribute("insert", n.Schema.Name)
		return tree.Position{}, e
	}
	return *n.Pos, nil
}

// hides tells whether the anchor of n is a hidden one.
func (a *applier) hides(n *Node) bool {
	if a.hidden == nil {
		return false
	}
	var at tree.Path
	for _, up := range a.path[:len(a.path)-1] {
		at = append(at, up.step())
	}
	return a.hidden(at, n.Schema, n.Pos.Anchor)
}
