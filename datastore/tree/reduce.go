package tree

import (
	"cmp"
	"sync"

	"github.com/altoam/altoam/yang"
)

// Rest says what becomes of the instances of a schema node that a Reducer does not
// look at.
type Rest uint8

// The fates of the rest. EachToo leaves no rest: all instances are looked at.
const (
	KeepRest Rest = iota
	DropRest
	EachToo
)

// Reducer chooses what of a node's children is kept.
type Reducer interface {
	// Plan tells the fate of the instances of s. Those with the keys are looked at
	// whatever it is; other children than entries have no keys.
	Plan(s *yang.Node) (rest Rest, keys []string)
	// Each returns what is kept of a child that is looked at: the child itself, a
	// smaller one of the same identity, or nil.
	Each(c *Node) *Node
}

// Sparse is a Reducer that concerns few children.
type Sparse interface {
	Reducer
	// Concerned are the children of which something may go, in order: of all others
	// Plan says KeepRest without keys.
	Concerned() []*yang.Node
}

// List stands for all instances of a list or leaf-list below one node. Two that are
// equal hold the same entries.
type List struct {
	n     *Node
	parts *leftParts // of what is left, by part of what was there
}

// leftParts are the leaf nodes of a list that the system orders.
type leftParts map[*onode[string, *Node]]*onode[string, *Node]

// Keeper is a Reducer that remembers what is left of long lists of which all entries
// were looked at.
type Keeper interface {
	Reducer
	// Kept returns what Keep was told. Without ok it may be what was left of another
	// version of the list: where parts of both are the same, so is what is left.
	Kept(s *yang.Node, of List) (left List, ok bool)
	Keep(s *yang.Node, of, left List)
}

// worthKeeping is the length of lists that a Keeper is asked about.
const worthKeeping = 256

// Reduce returns n with those children that r keeps: n itself where these are all, as
// they are. What is kept whole is shared. Cost is that of the children looked at, and
// for the keys of a list a search each.
func (n *Node) Reduce(r Reducer) *Node {
	slots := n.slots()
	if few, ok := r.(Sparse); ok && len(few.Concerned()) < len(slots) {
		for _, s := range few.Concerned() {
			if i, ok := findSlot(slots, s); ok {
				if k := slots[i].reduceSlot(r); k != slots[i] {
					return n.reduceFrom(i, k, r)
				}
			}
		}
		return n
	}
	for i, c := range slots {
		if k := c.reduceSlot(r); k != c {
			return n.reduceFrom(i, k, r)
		}
	}
	return n
}

// reduceFrom is Reduce where the first slot of which not all is kept is i, and k is what
// is kept of it.
func (n *Node) reduceFrom(i int, k *Node, r Reducer) *Node {
	slots := n.slots()
	free := rooms.Get().(*room)
	out, kids := free.take(len(slots))
	rooms.Put(free)
	kids = append(kids, slots[:i]...)
	if k != nil {
		kids = append(kids, k)
	}
	for _, c := range slots[i+1:] {
		if k := c.reduceSlot(r); k != nil {
			kids = append(kids, k)
		}
	}
	out.node, out.body = *n, *n.body
	out.body.owner, out.body.kids = 0, kids
	out.node.body = &out.body
	return &out.node
}

// room is space for nodes that Reduce makes: those of a long list are made many at a
// time, which costs a third. One that is kept keeps up to roomNodes others.
type room struct {
	nodes []roomNode
	kids  []*Node
}

type roomNode struct {
	node Node
	body body
}

const (
	roomNodes = 32
	roomKids  = 8 * roomNodes
)

var rooms = sync.Pool{New: func() any { return new(room) }}

// take returns space for a node and its children.
func (r *room) take(kids int) (*roomNode, []*Node) {
	if len(r.nodes) == 0 {
		r.nodes = make([]roomNode, roomNodes)
	}
	if len(r.kids) < kids {
		r.kids = make([]*Node, max(roomKids, kids))
	}
	n, k := &r.nodes[0], r.kids[:0:kids]
	r.nodes, r.kids = r.nodes[1:], r.kids[kids:]
	return n, k
}

func (n *Node) reduceSlot(r Reducer) *Node {
	rest, keys := r.Plan(n.schema)
	switch {
	case rest == KeepRest && len(keys) == 0:
		return n
	case rest == DropRest && len(keys) == 0:
		return nil
	case !n.isCollection():
		return r.Each(n)
	}
	var b *body
	switch {
	case rest == KeepRest:
		b = n.body.without(r, keys)
	case rest == DropRest && !isRanked(n.schema):
		b = n.body.only(r, n.schema, keys)
	case rest == DropRest:
		wanted := make(map[string]bool, len(keys))
		for _, k := range keys {
			wanted[k] = true
		}
		b = n.body.mapped(func(e *Node) *Node {
			if wanted[e.Key()] {
				return r.Each(e)
			}
			return nil
		}, nil, nil)
	default:
		return n.reduceAll(r)
	}
	return n.withBody(b)
}

// withBody is the collection n with what b holds, nil where that is nothing.
func (n *Node) withBody(b *body) *Node {
	switch {
	case b == n.body:
		return n
	case b.len() == 0:
		return nil
	}
	return &Node{schema: n.schema, body: b}
}

// reduceAll is what r keeps of the collection n, each entry of which it looks at.
func (n *Node) reduceAll(r Reducer) *Node {
	k, ok := r.(Keeper)
	if !ok || n.body.len() < worthKeeping {
		return n.withBody(n.body.mapped(r.Each, nil, nil))
	}
	l, ok := k.Kept(n.schema, List{n: n})
	if ok {
		return l.n
	}
	now := leftParts{}
	left := n.withBody(n.body.mapped(r.Each, l.parts, &now))
	k.Keep(n.schema, List{n: n}, List{left, &now})
	return left
}

// without is b with what r keeps of the entries with the keys.
func (b *body) without(r Reducer, keys []string) *body {
	out, owner := b, uint64(0)
	for _, key := range keys {
		e := b.get(key)
		if e == nil {
			continue
		}
		k := r.Each(e)
		if k == e {
			continue
		}
		if out == b {
			owner = owners.Add(1)
			out = (&Node{schema: e.schema, body: b}).copyFor(owner).body
		}
		if k == nil {
			out.delete(owner, key)
		} else {
			out.put(owner, key, k, Position{})
		}
	}
	return out
}

// only is what r keeps of the entries of s with the keys, and nothing else.
func (b *body) only(r Reducer, s *yang.Node, keys []string) *body {
	owner := owners.Add(1)
	out := newCollection(owner, s)
	for _, key := range keys {
		if e := b.get(key); e != nil {
			if k := r.Each(e); k != nil {
				out.put(owner, key, k, Position{})
			}
		}
	}
	return out
}

// mapped is b with f of each entry, without those where that is nil. Of a list that the
// system orders, parts that are in was are taken from there, and all are added to now,
// where these are not nil.
func (b *body) mapped(f func(*Node) *Node, was, now *leftParts) *body {
	if b.few {
		var kids []*Node
		same := true
		for i, e := range b.kids {
			k := f(e)
			if k == e && same {
				continue
			}
			if same {
				same, kids = false, append(make([]*Node, 0, len(b.kids)), b.kids[:i]...)
			}
			if k != nil {
				kids = append(kids, k)
			}
		}
		if same {
			return b
		}
		return &body{few: true, kids: kids}
	}
	l := *b.list
	if !l.ranked {
		if !reduce(&l.sorted, remembered(f, was, now)) {
			return b
		}
		return &body{list: &l}
	}
	owner := owners.Add(1)
	if !reduce(&l.byRank, func(n *onode[uint64, *Node]) *onode[uint64, *Node] {
		return reduceLeaf(n, func(e *Node) *Node {
			k := f(e)
			if k == nil {
				l.byKey.delete(owner, e.Key())
			}
			return k
		})
	}) {
		return b
	}
	return &body{list: &l}
}

// remembered is reduceLeaf with f, as far as was does not know what is left.
func remembered(f func(*Node) *Node, was, now *leftParts) func(n *onode[string, *Node]) *onode[string, *Node] {
	return func(n *onode[string, *Node]) *onode[string, *Node] {
		var out *onode[string, *Node]
		known := false
		if was != nil {
			out, known = (*was)[n]
		}
		if !known {
			out = reduceLeaf(n, f)
		}
		if now != nil {
			(*now)[n] = out
		}
		return out
	}
}

// reduce replaces each leaf node by f of it, nil for nothing, and tells whether that
// changed anything. Parts in which nothing changes are shared.
func reduce[K cmp.Ordered](m *ordmap[K, *Node], f func(*onode[K, *Node]) *onode[K, *Node]) bool {
	if m.root == nil {
		return false
	}
	root, dropped := reduceNode(m.root, f)
	if root == m.root {
		return false
	}
	m.root, m.n = root, m.n-dropped
	for m.root != nil && len(m.root.kids) == 1 {
		m.root = m.root.kids[0]
	}
	return true
}

// reduceNode returns n itself where nothing changes, and nil where nothing is left.
func reduceNode[K cmp.Ordered](n *onode[K, *Node], f func(*onode[K, *Node]) *onode[K, *Node]) (out *onode[K, *Node], dropped int) {
	if n.leaf() {
		if out = f(n); out == nil {
			return nil, len(n.keys)
		}
		return out, len(n.keys) - len(out.keys)
	}
	out = n
	for i, c := range n.kids {
		k, d := reduceNode(c, f)
		if dropped += d; k == c && out == n {
			continue
		}
		if out == n {
			out = &onode[K, *Node]{
				keys: append(make([]K, 0, len(n.keys)), n.keys[:i]...), kids: append(make([]*onode[K, *Node], 0, len(n.kids)), n.kids[:i]...),
			}
		}
		if k != nil {
			out.keys, out.kids = append(out.keys, n.keys[i]), append(out.kids, k)
		}
	}
	if len(out.keys) == 0 {
		return nil, dropped
	}
	return out, dropped
}

// reduceLeaf replaces each value by f of it and drops those where that is nil.
func reduceLeaf[K cmp.Ordered](n *onode[K, *Node], f func(*Node) *Node) *onode[K, *Node] {
	out := n
	for i, v := range n.vals {
		k := f(v)
		if k == v && out == n {
			continue
		}
		if out == n {
			out = &onode[K, *Node]{
				keys: append(make([]K, 0, len(n.keys)), n.keys[:i]...), vals: append(make([]*Node, 0, len(n.vals)), n.vals[:i]...),
			}
		}
		if k != nil {
			out.keys, out.vals = append(out.keys, n.keys[i]), append(out.vals, k)
		}
	}
	if len(out.keys) == 0 {
		return nil
	}
	return out
}
