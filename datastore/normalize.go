package datastore

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// normalizer collects the leafs of a change whose value Options.Normalize replaces.
type normalizer struct {
	f     func(*yang.Node, yang.Value) (yang.Value, error)
	found []replacement
	err   error
}

type replacement struct {
	parent tree.Path
	schema *yang.Node
	value  yang.Value
}

// change looks at what c writes below path, of which it keeps nothing.
func (n *normalizer) change(path tree.Path, c *tree.Change) {
	for _, ch := range c.Children {
		switch {
		case ch.Op == tree.Delete:
		case ch.Op == tree.Inside:
			n.change(append(path, tree.StepTo(ch.New)), ch)
		default:
			n.node(path, ch.New)
		}
	}
}

func (n *normalizer) node(path tree.Path, x *tree.Node) {
	s := x.Schema()
	switch s.Kind {
	case yang.Leaf, yang.LeafList:
		v, err := n.f(s, x.Value())
		if err != nil {
			n.err = rpcerr.New(rpcerr.InvalidValue, path.Join(tree.StepTo(x)).String(), "%v", err)
		} else if v != x.Value() && (s.IsKey || s.Kind == yang.LeafList) {
			n.err = rpcerr.New(rpcerr.InvalidValue, path.Join(tree.StepTo(x)).String(),
				"this value would be stored as another one, which is not done in a key or a leaf-list")
		} else if v != x.Value() {
			n.found = append(n.found, replacement{path.Clone(), s, v})
		}
	case yang.Container, yang.List:
		path = append(path, tree.StepTo(x))
		for c := range x.Children() {
			n.node(path, c)
		}
	}
}

func (r replacement) replace(m *tree.Mut) { m.Find(r.parent).SetLeaf(r.schema, r.value) }
