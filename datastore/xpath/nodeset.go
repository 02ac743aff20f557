package xpath

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// sink takes the nodes of a node-set one by one.
type sink struct {
	collect bool // keep them in nodes
	one     bool // the first is enough
	byText  bool // wait for one whose string-value is text, else for any
	text    string
	found   bool
	nodes   []*Cursor
}

// take receives c and tells whether more are wanted.
func (s *sink) take(e *Env, c *Cursor) bool {
	switch {
	case s.collect:
		s.nodes = append(s.nodes, c)
		return !s.one
	case s.byText && e.text(c) != s.text:
		return true
	}
	s.found = true
	return false
}

// walker passes on what it finds from c; false means that no more is wanted.
type walker func(e *Env, c *Cursor, out *sink) bool

func collector(e *Env, c *Cursor, out *sink) bool { return out.take(e, c) }

// sink lends an empty sink until giveBack.
func (e *Env) sink() *sink {
	if e.inUse == len(e.sinks) {
		e.sinks = append(e.sinks, &sink{})
	}
	s := e.sinks[e.inUse]
	e.inUse++
	*s = sink{nodes: s.nodes[:0]}
	return s
}

func (e *Env) giveBack() { e.inUse-- }

// nodeset is a compiled node-set expression.
type nodeset struct {
	walk func(e *Env, f frame, out *sink) bool
	shape
	types types
}

// shape is what is known of a node-set as it comes out of walk.
type shape struct {
	one     bool // at most one node
	flat    bool // no node is an ancestor of another
	ordered bool // in document order
	unique  bool // no node twice
}

var single = shape{one: true, flat: true, ordered: true, unique: true}

// collect returns the nodes in document order, each once. The slice is valid
// until the evaluation ends.
func (n *nodeset) collect(e *Env, f frame) []*Cursor {
	s := e.sink()
	s.collect = true
	n.walk(e, f, s)
	l := s.nodes
	if len(l) > 1 && !n.unique {
		l = e.distinct(l)
	}
	if len(l) > 1 && !n.ordered {
		e.sort(l)
	}
	l = slices.Clone(l)
	e.giveBack()
	return l
}

// count is the number of nodes.
func (n *nodeset) count(e *Env, f frame) int {
	s := e.sink()
	defer e.giveBack()
	s.collect = true
	n.walk(e, f, s)
	if n.unique {
		return len(s.nodes)
	}
	return len(e.distinct(s.nodes))
}

// any tells whether there is a node.
func (n *nodeset) any(e *Env, f frame) bool {
	s := e.sink()
	defer e.giveBack()
	n.walk(e, f, s)
	return s.found
}

// hasText tells whether a node has that string-value.
func (n *nodeset) hasText(e *Env, f frame, text string) bool {
	s := e.sink()
	defer e.giveBack()
	s.byText, s.text = true, text
	n.walk(e, f, s)
	return s.found
}

// first is the first node in document order, or nil.
func (n *nodeset) first(e *Env, f frame) *Cursor {
	s := e.sink()
	defer e.giveBack()
	s.collect, s.one = true, n.ordered
	n.walk(e, f, s)
	if len(s.nodes) == 0 {
		return nil
	}
	if n.ordered {
		return s.nodes[0]
	}
	return slices.MinFunc(s.nodes, e.compare)
}

// distinct drops all but the first of equal nodes, in place.
func (e *Env) distinct(l []*Cursor) []*Cursor {
	seen := make(map[spot]*Cursor, len(l))
	var shared []*Cursor // stored nodes that stand in several places
	out := l[:0]
next:
	for _, c := range l {
		k := c.spot()
		first := seen[k]
		if first == nil {
			seen[k] = c
			out = append(out, c)
			continue
		}
		if same(first, c) {
			continue
		}
		for _, s := range shared {
			if !e.charge(1) {
				return out
			}
			if same(s, c) {
				continue next
			}
		}
		shared = append(shared, c)
		out = append(out, c)
	}
	return out
}

func (e *Env) sort(l []*Cursor) { slices.SortFunc(l, e.compare) }

// compare orders two nodes in document order: schema order, and list order among
// entries.
func (e *Env) compare(a, b *Cursor) int {
	if a == b || !e.charge(1) {
		return 0
	}
	da, db := depth(a), depth(b)
	x, y := a, b
	for d := da; d > db; d-- {
		x = x.parent
	}
	for d := db; d > da; d-- {
		y = y.parent
	}
	if same(x, y) {
		return da - db
	}
	for !same(x.parent, y.parent) {
		x, y = x.parent, y.parent
	}
	return e.siblings(x, y)
}

func depth(c *Cursor) (d int) {
	for ; c != nil; c = c.parent {
		d++
	}
	return d
}

func (e *Env) siblings(x, y *Cursor) int {
	s, t := x.Schema(), y.Schema()
	if s != t {
		return index(s) - index(t)
	}
	if !x.virtual && !y.virtual && !ranked(s) {
		if x.node.Key() < y.node.Key() {
			return -1
		}
		return 1
	}
	return e.rank(x) - e.rank(y)
}

// index is the place of s among its siblings; an operation comes last.
func index(s *yang.Node) int {
	if s.IsData() {
		return s.Index
	}
	return int(^uint(0) >> 1)
}

// ranked tells whether the order of entries of s is not that of their keys.
func ranked(s *yang.Node) bool {
	return s.OrderedByUser || s.Kind == yang.LeafList && !s.Config || s.Kind == yang.List && len(s.Keys) == 0
}

// entry is an entry of a list of parent: one node can stand in several lists.
type entry struct{ parent, node *tree.Node }

// rank is the position of an entry in its list.
func (e *Env) rank(c *Cursor) int {
	if r, ok := e.ranks[entry{c.parent.node, c.node}]; ok {
		return r
	}
	if e.ranks == nil {
		e.ranks = map[entry]int{}
	}
	i := 0
	for n := range c.parent.node.Entries(c.Schema()) {
		i++
		e.ranks[entry{c.parent.node, n}] = i
	}
	for j, n := range e.model.nodes[c.Schema().ID].virtual {
		e.ranks[entry{c.parent.node, n}] = j
	}
	e.charge(i)
	return e.ranks[entry{c.parent.node, c.node}]
}
