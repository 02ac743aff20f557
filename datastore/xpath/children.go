package xpath

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// visitor is called with nodes one by one. It tells whether to go on, and whether
// it keeps the cursor; one that is not kept is given back to the arena.
type visitor func(*Cursor) (more, keep bool)

// eachChild visits the children of c in document order, text nodes included.
func (e *Env) eachChild(c *Cursor, f visitor) bool {
	if c.text {
		return true
	}
	s := c.Schema()
	if s.IsLeafy() {
		return e.offerText(c, f)
	}
	for _, d := range s.Data {
		if !e.offerAll(c, d, f) {
			return false
		}
	}
	return e.offerOperation(c, f)
}

// eachChildBackwards is eachChild from the last to the first.
func (e *Env) eachChildBackwards(c *Cursor, f visitor) bool {
	if c.text {
		return true
	}
	s := c.Schema()
	if s.IsLeafy() {
		return e.offerText(c, f)
	}
	return e.offerOperation(c, f) && e.backwards(c, s.Data, f)
}

// backwards visits the instances of all of l below c, the last first.
func (e *Env) backwards(c *Cursor, l []*yang.Node, f visitor) bool {
	for _, d := range slices.Backward(l) {
		var more bool
		switch {
		case !e.isMany(c, d):
			more = e.offerAll(c, d, f)
		case c.node.Has(d):
			more = e.offerBefore(c, c.node.Last(d), f)
		default:
			more = e.offerDefaultsBefore(c, e.absent(c, d), f)
		}
		if !more {
			return false
		}
	}
	return true
}

// offerText visits the text node of a leaf, which an empty value has not.
func (e *Env) offerText(c *Cursor, f visitor) bool {
	if c.node.Value().String() == "" {
		return true
	}
	m := e.mark()
	x := e.cursor(c.node, c)
	x.text, x.virtual = true, c.virtual
	more, keep := f(x)
	if !keep {
		e.release(m)
	}
	return more
}

// offerOperation visits the operation below c, which comes after the data nodes.
func (e *Env) offerOperation(c *Cursor, f visitor) bool {
	if e.op == nil || !same(e.op.parent, c) {
		return true
	}
	more, _ := f(e.op)
	return more
}

// isMany tells whether d is a list or leaf-list whose instances are not masked.
func (e *Env) isMany(c *Cursor, d *yang.Node) bool {
	return (d.Kind == yang.List || d.Kind == yang.LeafList) && (d != e.mask.schema || !same(c, e.mask.parent))
}

// offerAll visits the instances of d below c.
func (e *Env) offerAll(c *Cursor, d *yang.Node, f visitor) bool {
	if !e.isMany(c, d) {
		n, virtual := e.child(c, d)
		return n == nil || e.offer(c, n, virtual, f)
	}
	if c.node.Has(d) {
		for n := range c.node.Entries(d) {
			if !e.offer(c, n, false, f) {
				return false
			}
		}
		return true
	}
	return e.offerDefaults(c, e.absent(c, d), f)
}

func (e *Env) offerDefaults(c *Cursor, l []*tree.Node, f visitor) bool {
	for _, n := range l {
		if !e.offer(c, n, true, f) {
			return false
		}
	}
	return true
}

func (e *Env) offerDefaultsBefore(c *Cursor, l []*tree.Node, f visitor) bool {
	for _, n := range slices.Backward(l) {
		if !e.offer(c, n, true, f) {
			return false
		}
	}
	return true
}

// offerBefore visits n and the entries before it, the last first.
func (e *Env) offerBefore(c *Cursor, n *tree.Node, f visitor) bool {
	for ; n != nil; n = c.node.Before(n.Schema(), n.Key()) {
		if !e.offer(c, n, false, f) {
			return false
		}
	}
	return true
}

// offer visits one child.
func (e *Env) offer(c *Cursor, n *tree.Node, virtual bool, f visitor) bool {
	m := e.mark()
	x := e.cursor(n, c)
	x.virtual = virtual
	more, keep := f(x)
	if !keep {
		e.release(m)
	}
	return more
}

// after visits the siblings after c in document order.
func (e *Env) after(c *Cursor, f visitor) bool {
	p := c.parent
	if p == nil || c.text || c == e.op {
		return true
	}
	s := c.Schema()
	more := true
	switch {
	case !e.isMany(p, s):
	case c.virtual:
		_, l := e.aroundDefault(c)
		more = e.offerDefaults(p, l, f)
	default:
		more = e.offerAfter(p, c.node, f)
	}
	if !more {
		return false
	}
	for _, d := range p.Schema().Data[s.Index+1:] {
		if !e.offerAll(p, d, f) {
			return false
		}
	}
	return e.offerOperation(p, f)
}

// offerAfter visits the entries after n.
func (e *Env) offerAfter(c *Cursor, n *tree.Node, f visitor) bool {
	for x := range c.node.EntriesFrom(n.Schema(), n.Key()) {
		if x != n && !e.offer(c, x, false, f) {
			return false
		}
	}
	return true
}

// before visits the siblings before c, the nearest first.
func (e *Env) before(c *Cursor, f visitor) bool {
	p := c.parent
	if p == nil || c.text {
		return true
	}
	if c == e.op {
		return e.backwards(p, p.Schema().Data, f)
	}
	s := c.Schema()
	more := true
	switch {
	case !e.isMany(p, s):
	case c.virtual:
		l, _ := e.aroundDefault(c)
		more = e.offerDefaultsBefore(p, l, f)
	default:
		more = e.offerBefore(p, p.node.Before(s, c.node.Key()), f)
	}
	return more && e.backwards(p, p.Schema().Data[:s.Index], f)
}

// aroundDefault are the defaults in use before and after c, which is one of them.
func (e *Env) aroundDefault(c *Cursor) (before, after []*tree.Node) {
	l := e.absent(c.parent, c.Schema())
	if i := slices.Index(l, c.node); i >= 0 {
		return l[:i], l[i+1:]
	}
	return nil, nil
}
