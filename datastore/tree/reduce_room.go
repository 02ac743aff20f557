package tree

import (
	"github.com/altoam/altoam/yang"
)

// reduce is Reduce with nodes made in at.
func (at *room) reduce(n *Node, r Reducer) *Node {
	l := remains{at: at, n: n}
	slots := n.slots()
	if few, ok := r.(Sparse); ok && len(few.Concerned()) < len(slots) {
		for i, s := range few.Concerned() {
			if j, ok := at.findSlot(slots, s, i == 0); ok {
				l.take(j, at.reduceSlot(slots[j], r))
			}
		}
	} else {
		for i, c := range slots {
			l.take(i, at.reduceSlot(c, r))
		}
	}
	return l.done()
}

// findSlot is findSlot, with a guess for the first of a node: entries of one list are
// mostly made alike.
func (at *room) findSlot(slots []*Node, s *yang.Node, first bool) (int, bool) {
	if first && at.near < len(slots) && slots[at.near].schema == s {
		return at.near, true
	}
	i, ok := findSlot(slots, s)
	if first {
		at.near = i
	}
	return i, ok
}

// remains is what reduce makes of n.
type remains struct {
	at   *room
	n    *Node
	out  *roomNode // nil as long as it is n
	kids []*Node
	from int // the first slot that is not in kids yet
}

// take makes k of the i-th slot, nil to leave it out.
func (l *remains) take(i int, k *Node) {
	slots := l.n.slots()
	if k == slots[i] {
		return
	}
	if l.out == nil {
		l.out, l.kids = l.at.take(len(slots))
	}
	l.kids = append(l.kids, slots[l.from:i]...)
	if k != nil {
		l.kids = append(l.kids, k)
	}
	l.from = i + 1
}

func (l *remains) done() *Node {
	if l.out == nil {
		return l.n
	}
	out, b := l.out, l.n.body
	out.node, out.body = *l.n, *b
	out.body.owner, out.body.kids = 0, append(l.kids, b.kids[l.from:]...)
	out.node.body = &out.body
	return &out.node
}

// child is what r keeps of c, which it looks at.
func (at *room) child(c *Node, r Reducer) *Node {
	in, keep := r.Into(c)
	switch {
	case !keep:
		return nil
	case in == nil:
		return c
	}
	k := at.reduce(c, in)
	if k != c && c.schema.Kind == yang.Container && k.Empty() && !r.Bare(c.schema) {
		return nil
	}
	return k
}

// room is space for nodes that Reduce makes: those of a long list are made many at a
// time, which costs a third. One that is kept keeps up to roomNodes others, of the same
// list or tree: who keeps what is made here keeps nothing of what others are shown. The
// first are few, as are those of a small tree.
type room struct {
	nodes, allNodes []roomNode
	kids, allKids   []*Node
	near            int // where findSlot found something last
}

type roomNode struct {
	node Node
	body body
}

const (
	roomNodes = 32
	roomKids  = 8 * roomNodes
)

// take returns space for a node and its children.
func (at *room) take(kids int) (*roomNode, []*Node) {
	if len(at.nodes) == 0 {
		at.allNodes = make([]roomNode, min(2*len(at.allNodes)+1, roomNodes))
		at.nodes = at.allNodes
	}
	if len(at.kids) < kids {
		at.allKids = make([]*Node, max(min(2*len(at.allKids), roomKids), kids))
		at.kids = at.allKids
	}
	n, k := &at.nodes[0], at.kids[:0:kids]
	at.nodes, at.kids = at.nodes[1:], at.kids[kids:]
	return n, k
}

// again gives the space to other nodes than those that were made in it.
func (at *room) again() { at.nodes, at.kids = at.allNodes, at.allKids }
