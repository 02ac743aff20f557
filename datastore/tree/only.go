package tree

// Only returns what t has of the node at p, whole, and of the nodes above it nothing
// but keys and origin. Where there is no such node it is the innermost one above. Cost
// is that of finding the node. p has keys in each list step.
func (t *Tree) Only(p Path) *Tree { return &Tree{root: t.root.only(p)} }

func (n *Node) only(p Path) *Node {
	if len(p) == 0 || n.body == nil {
		return n
	}
	keys := len(n.schema.Keys)
	b := body{key: n.body.key, marks: n.body.marks, meta: n.body.meta, kids: make([]*Node, keys, keys+1)}
	copy(b.kids, n.body.kids)
	if c := n.step(p[0]); c != nil && !c.schema.IsKey {
		c = c.only(p[1:])
		if isEntry(c.schema) {
			one := newCollection(0, c.schema)
			one.put(0, c.Key(), c, Position{})
			c = &Node{schema: c.schema, body: one}
		}
		b.kids = append(b.kids, c)
	}
	return &Node{schema: n.schema, value: n.value, body: &b}
}
