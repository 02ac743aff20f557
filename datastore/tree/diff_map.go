package tree

import "cmp"

// diffMaps calls f in key order for every key that two versions of a map do not
// hold alike, with zero for the value of an absent key. Subtrees that the versions
// share are skipped.
func diffMaps[K cmp.Ordered, V any](a, b ordmap[K, V], same func(x, y V) bool, f func(k K, x, y V)) {
	var zero V
	x, y := newCursor(a), newCursor(b)
	for x.valid() || y.valid() {
		switch {
		case x.tree() != nil && alike(x.tree(), y.tree()):
			x.next()
			y.next()
		case x.valid() && (!y.valid() || x.isItem() && x.key() < y.key()):
			if x.tree() != nil {
				x.open()
				continue
			}
			k, v := x.item()
			f(k, v, zero)
			x.next()
		case y.valid() && (!x.valid() || y.isItem() && y.key() < x.key()):
			if y.tree() != nil {
				y.open()
				continue
			}
			k, v := y.item()
			f(k, zero, v)
			y.next()
		case x.isItem() && y.isItem(): // of one key
			k, v := x.item()
			if _, w := y.item(); !same(v, w) {
				f(k, v, w)
			}
			x.next()
			y.next()
		case y.isItem() || !x.isItem() && x.height() >= y.height():
			x.open()
		default:
			y.open()
		}
	}
}

// cursor stands before an item or before a whole subtree of an ordmap.
type cursor[K cmp.Ordered, V any] struct {
	stack []place[K, V] // the way down; the last is where the cursor is
	depth int           // of the tree: the length of stack at an item
}

// place is the i-th item or kid of a node.
type place[K cmp.Ordered, V any] struct {
	n *onode[K, V]
	i int
}

func newCursor[K cmp.Ordered, V any](m ordmap[K, V]) *cursor[K, V] {
	c := &cursor[K, V]{}
	if m.root == nil {
		return c
	}
	// A node above the root makes the root a kid like any other.
	top := &onode[K, V]{kids: []*onode[K, V]{m.root}, keys: m.root.keys[:1]}
	c.stack = append(c.stack, place[K, V]{top, 0})
	for n := top; ; n = n.at(0) {
		c.depth++
		if n.leaf() {
			return c
		}
	}
}

func (c *cursor[K, V]) valid() bool { return len(c.stack) > 0 }

func (c *cursor[K, V]) at() place[K, V] { return c.stack[len(c.stack)-1] }

// tree is the subtree before the cursor, nil at an item and at the end.
func (c *cursor[K, V]) tree() *onode[K, V] {
	if !c.valid() || c.isItem() {
		return nil
	}
	p := c.at()
	return p.n.at(p.i)
}

func (c *cursor[K, V]) isItem() bool { return c.valid() && len(c.stack) == c.depth }

// key is the item's key, or a lower bound of the subtree's.
func (c *cursor[K, V]) key() K {
	p := c.at()
	return p.n.keys[p.i]
}

func (c *cursor[K, V]) item() (K, V) {
	p := c.at()
	return p.n.keys[p.i], p.n.val(p.i)
}

// height is that of the subtree before the cursor, 0 at an item.
func (c *cursor[K, V]) height() int { return c.depth - len(c.stack) }

// open goes into the subtree before the cursor, or past it where it is empty.
func (c *cursor[K, V]) open() {
	if t := c.tree(); len(t.keys) > 0 {
		c.stack = append(c.stack, place[K, V]{t, 0})
		return
	}
	c.next()
}

// next goes past the item or subtree.
func (c *cursor[K, V]) next() {
	for c.valid() {
		p := &c.stack[len(c.stack)-1]
		if p.i++; p.i < len(p.n.keys) {
			return
		}
		c.stack = c.stack[:len(c.stack)-1]
	}
}
