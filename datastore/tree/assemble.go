package tree

import "github.com/altoam/altoam/yang"

// Assemble returns a container or list entry that has these children, entries in
// the given order. ok is false when one stands twice or a key is missing: there is
// no such node. Nothing is copied. Cost: n log n for n children.
func Assemble(s *yang.Node, kids []*Node) (n *Node, ok bool) {
	t := &txn{owner: owners.Add(1)}
	n = &Node{schema: s, body: &body{kids: make([]*Node, 0, len(kids))}}
	for _, c := range kids {
		switch {
		case isEntry(c.schema):
			list := n.body.collection(t, c.schema)
			key := c.Key()
			if list.get(key) != nil {
				return nil, false
			}
			list.put(t.owner, key, c, Position{})
		case n.Has(c.schema):
			return nil, false
		default:
			n.body.place(c)
		}
	}
	for _, k := range s.Keys {
		if !n.Has(k) {
			return nil, false
		}
	}
	if s.Kind == yang.List {
		n.body.key = KeyOf(n.KeyValues()...)
	}
	return n, true
}
