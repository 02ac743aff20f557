package tree

import "github.com/altoam/altoam/yang"

// Assemble returns a container or list entry that has these children, entries in
// the given order. ok is false when one stands twice or a key is missing: there is
// no such node. Nothing is copied. Cost: n log n for n children.
func Assemble(s *yang.Node, kids []*Node) (n *Node, ok bool) {
	owner := owners.Add(1)
	n = &Node{schema: s, body: &body{kids: make([]*Node, 0, runs(kids))}}
	for len(kids) > 0 {
		c := kids[0]
		k := run(kids)
		switch {
		case isEntry(c.schema):
			if !n.body.takeEntries(owner, kids[:k]) {
				return nil, false
			}
		case k > 1 || n.Has(c.schema):
			return nil, false
		default:
			n.body.place(c)
		}
		kids = kids[k:]
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

// run is how many nodes at the start of kids are of one schema node.
func run(kids []*Node) int {
	k := 1
	for k < len(kids) && kids[k].schema == kids[0].schema {
		k++
	}
	return k
}

// runs is the number of runs in kids.
func runs(kids []*Node) (count int) {
	for ; len(kids) > 0; kids = kids[run(kids):] {
		count++
	}
	return count
}

// takeEntries adds entries of one list or leaf-list, and tells whether none of them
// stands there already.
func (b *body) takeEntries(owner uint64, l []*Node) bool {
	s := l[0].schema
	i, ok := findSlot(b.kids, s)
	if !ok {
		c := newCollection(owner, s)
		if c.few {
			c.kids = make([]*Node, 0, min(len(l), maxFew))
		}
		b.place(&Node{schema: s, body: c})
	}
	list := b.kids[i].body
	for _, e := range l {
		key := e.Key()
		if list.get(key) != nil {
			return false
		}
		list.put(owner, key, e, Position{})
	}
	return true
}
