package datastore

import (
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// normalizer collects the leafs of a change whose value Options.Normalize replaces.
type normalizer struct {
	f     func(s *yang.Node, old, v yang.Value) (yang.Value, error)
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
		case ch.Op == tree.Modify && ch.Schema.Kind == yang.Leaf:
			n.leaf(path, ch.New, ch.Old.Value())
		default:
			n.node(path, ch.New)
		}
	}
}

func (n *normalizer) node(path tree.Path, x *tree.Node) {
	switch x.Schema().Kind {
	case yang.Leaf, yang.LeafList:
		n.leaf(path, x, yang.Value{})
	case yang.Container, yang.List:
		path = append(path, tree.StepTo(x))
		for c := range x.Children() {
			n.node(path, c)
		}
	}
}

// leaf looks at a leaf or an entry of a leaf-list that had the value old.
func (n *normalizer) leaf(path tree.Path, x *tree.Node, old yang.Value) {
	s := x.Schema()
	v, err := n.f(s, old, x.Value())
	switch {
	case err != nil:
		n.err = rpcerr.New(rpcerr.InvalidValue, path.Join(tree.StepTo(x)).String(), "%v", err)
	case v == x.Value():
	case s.IsKey || s.Kind == yang.LeafList:
		n.err = rpcerr.New(rpcerr.InvalidValue, path.Join(tree.StepTo(x)).String(),
			"this value would be stored as another one, which is not done in a key or a leaf-list")
	default:
		n.found = append(n.found, replacement{path.Clone(), s, v})
	}
}

func (r replacement) replace(m *tree.Mut) { m.Find(r.parent).SetLeaf(r.schema, r.value) }
