package datastore

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// listSizes counts the entries of the lists that stand at most depth levels
// below n, in containers only.
func listSizes(n *tree.Node, depth int) map[string]int {
	sizes := map[string]int{}
	var walk func(n *tree.Node, depth int)
	walk = func(n *tree.Node, depth int) {
		for _, s := range n.Schema().Data {
			switch {
			case s.Kind == yang.List && n.Len(s) > 0:
				sizes[s.Path()] = n.Len(s)
			case s.Kind == yang.Container && depth > 1:
				if c := n.Child(s); c != nil {
					walk(c, depth-1)
				}
			}
		}
	}
	walk(n, depth)
	return sizes
}
