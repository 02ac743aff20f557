package validate

import (
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// branch is a part of the schema tree with the rules to check again in it, so that
// one walk finds the hosts of all of them.
type branch struct {
	node   *yang.Node
	each   []*dependent // on each instance of node
	all    []*dependent // on all instances of node below one parent
	stored bool         // only stored instances matter
	below  []*branch
}

// concerned returns those of l, all filed under one schema node, that what t has
// recorded can invalidate; nil when there are none.
func (w *walk) concerned(l []*dependent, t *touch) *branch {
	var top *branch
	for _, k := range l {
		if k.search == searchWithout && w.view != nil || k.search == searchWith && w.view == nil || !k.concerned(t) {
			continue
		}
		if top == nil {
			top = &branch{}
		}
		top.add(k)
	}
	return top
}

// add puts k where its host is below the node that k is filed under.
func (b *branch) add(k *dependent) {
	for _, s := range k.way(k.top) {
		b = b.to(s)
		b.stored = b.stored && k.stored
	}
	if k.all != nil {
		b.all = append(b.all, k)
	} else {
		b.each = append(b.each, k)
	}
}

func (b *branch) to(s *yang.Node) *branch {
	for _, x := range b.below {
		if x.node == s {
			return x
		}
	}
	x := &branch{node: s, stored: true}
	b.below = append(b.below, x)
	return x
}

// recheck checks the rules of b on the node at c and below it. Whether a node on
// the way may exist is no question here: what may not is an error itself.
func (w *walk) recheck(c *xpath.Cursor, b *branch) {
	if b == nil || !w.visit() {
		return
	}
	for _, k := range b.each {
		k.each(w, c)
	}
	for _, x := range b.below {
		for _, k := range x.all {
			k.all(w, c)
		}
		if len(x.each) == 0 && len(x.below) == 0 || x.stored && !c.Node().Has(x.node) {
			continue
		}
		for at := range w.env.Instances(c, x.node) {
			if w.full() {
				return
			}
			w.recheck(at, x)
		}
	}
}
