package agent

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// setting returns the value of the leaf at a data path without keys, below top, a node
// of the configuration that may be nil: its default where it is absent, zero where it
// has none.
func (a *Agent) setting(top *tree.Node, path string) yang.Value {
	s := a.schema.Find(path)
	if s == nil {
		return yang.Value{}
	}
	if n := descend(top, s); n != nil {
		return n.Value()
	}
	if len(s.Defaults) > 0 {
		return s.Defaults[0]
	}
	return yang.Value{}
}

// number is a setting that is an unsigned integer.
func (a *Agent) number(top *tree.Node, path string) uint64 {
	n, _ := a.setting(top, path).Uint()
	return n
}

// descend returns the node of schema node s below top, with no list between them; nil
// where there is none.
func descend(top *tree.Node, s *yang.Node) *tree.Node {
	if top == nil || s == nil {
		return nil
	}
	if s == top.Schema() {
		return top
	}
	above := descend(top, s.DataParent)
	if above == nil {
		return nil
	}
	return above.Child(s)
}
