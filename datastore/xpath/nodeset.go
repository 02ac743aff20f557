package xpath

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// sink takes the nodes of a node-set one by one.
type sink struct {
	collect bool               // keep them in nodes
	most    int                // with collect, so many are enough; 0 for all
	counts  bool               // count them in n
	each    func(*Cursor) bool // is called with them while it returns true
	byText  bool               // wait for one whose string-value is want, else for any
	want    literal
	found   bool
	n       int
	nodes   []*Cursor
}

// literal is a text that string-values are compared with.
type literal struct {
	text string
	// name is what an identityref must be instead, when it is not "": the text
	// with the module's name for the prefix.
	name string
}

// is tells whether the string-value of c is the literal.
func (l literal) is(e *Env, c *Cursor) bool {
	if l.name != "" && c.node.Value().Base() == yang.IdentityRef {
		return e.text(c) == l.name
	}
	return e.text(c) == l.text
}

// take receives c and tells whether more are wanted.
func (s *sink) take(e *Env, c *Cursor) bool {
	switch {
	case s.collect:
		before := cap(s.nodes)
		if s.nodes = append(s.nodes, c); cap(s.nodes) > before {
			return e.keep(pointerSize*(cap(s.nodes)-before)) && len(s.nodes) != s.most
		}
		return len(s.nodes) != s.most
	case s.counts:
		s.n++
		return true
	case s.each != nil:
		return s.each(c)
	case s.byText && !s.want.is(e, c):
		return e.why == running
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
	s.collect, s.most, s.counts, s.each, s.byText, s.found, s.n = false, 0, false, nil, false, false, 0
	s.nodes = s.nodes[:0]
	return s
}

func (e *Env) giveBack() { e.inUse-- }

// nodeset is a compiled node-set expression.
type nodeset struct {
	walk func(e *Env, f frame, out *sink) bool
	at   func(e *Env, f frame) *Cursor // with walk, when there always is one node
	shape
	types types
}

// oneNode is the node-set of the node that at gives.
func oneNode(t types, at func(*Env, frame) *Cursor) nodeset {
	return nodeset{types: t, shape: single, at: at, walk: func(e *Env, f frame, out *sink) bool {
		return e.charge(1) && out.take(e, at(e, f))
	}}
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
	if e.hold(len(l) * pointerSize) {
		l = slices.Clone(l)
	} else {
		l = nil
	}
	e.giveBack()
	return l
}

// each calls f for the nodes in document order, each once, until it returns false.
// The cursors are given back afterwards, so f must not keep them.
func (n *nodeset) each(e *Env, f frame, do func(*Cursor) bool) {
	if n.ordered && n.unique {
		n.some(e, f, do)
		return
	}
	for _, c := range n.collect(e, f) {
		if !do(c) {
			return
		}
	}
}

// some calls f for the nodes in any order, and perhaps more than once, until it
// returns false. The cursors are given back afterwards, so f must not keep them.
func (n *nodeset) some(e *Env, f frame, do func(*Cursor) bool) {
	s := e.sink()
	defer e.giveBack()
	s.each = do
	n.walk(e, f, s)
}

// has tells whether test is true for a node.
func (n *nodeset) has(e *Env, f frame, test func(*Cursor) bool) bool {
	found := false
	n.some(e, f, func(c *Cursor) bool {
		found = test(c)
		return !found && e.why == running
	})
	return found
}

// count is the number of nodes.
func (n *nodeset) count(e *Env, f frame) int {
	s := e.sink()
	defer e.giveBack()
	s.counts, s.collect = n.unique, !n.unique
	n.walk(e, f, s)
	if n.unique {
		return s.n
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
func (n *nodeset) hasText(e *Env, f frame, want literal) bool {
	s := e.sink()
	defer e.giveBack()
	s.byText, s.want = true, want
	n.walk(e, f, s)
	return s.found
}

// first is the first node in document order, or nil.
func (n *nodeset) first(e *Env, f frame) *Cursor {
	if n.at != nil {
		if !e.charge(1) {
			return nil
		}
		return n.at(e, f)
	}
	s := e.sink()
	defer e.giveBack()
	s.collect = true
	if n.ordered {
		s.most = 1
	}
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
	if !e.hold(len(l)*mapEntry) || !e.charge(len(l)) {
		return nil
	}
	defer e.hold(-len(l) * mapEntry)
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

func (e *Env) sort(l []*Cursor) {
	if !slices.IsSortedFunc(l, e.compare) {
		slices.SortFunc(l, e.compare)
	}
}

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
	e.keep(i * mapEntry)
	return e.ranks[entry{c.parent.node, c.node}]
}
