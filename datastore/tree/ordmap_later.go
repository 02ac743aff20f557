package tree

import (
	"cmp"
	"slices"
	"sync"
	"weak"
)

// shown is what an ordmap makes of another: values become what make says, and those of
// the names that drops says are left out. Two with the same by, which must be comparable,
// make the same of the same.
type shown[K cmp.Ordered, V any] struct {
	by    any
	some  bool // only values of names become something else
	drops func(V) bool
	make  func(V) V

	once sync.Once
	gone int // how many are left out
}

// later is what a node of an ordmap has that shows another: its kids or values are made
// when they are asked for, each once. It may be read by any number of goroutines.
type later[K cmp.Ordered, V any] struct {
	of    *onode[K, V]
	from  []V // of a leaf node: what vals are made of, nil where it is those of of
	show  *shown[K, V]
	names []K                       // those that may stand in of, and maybe more; in order
	was   weak.Pointer[onode[K, V]] // what showed another version, while somebody has it

	mu   sync.Mutex // guards made, and kids and vals of the node
	made uint64     // which of the kids or values are there; a node has no more than maxFan
}

// showing is what s and the names, in order, make of m, which has more than there are
// names. Cost is that of a node.
func (m ordmap[K, V]) showing(s *shown[K, V], names []K) ordmap[K, V] {
	m.root = m.root.showing(s, names)
	return m
}

func (n *onode[K, V]) showing(s *shown[K, V], names []K) *onode[K, V] {
	if s.some && len(names) == 0 {
		return n
	}
	both := &struct {
		node  onode[K, V]
		later later[K, V]
	}{node: onode[K, V]{keys: n.keys}, later: later[K, V]{of: n, show: s, names: names}}
	out := &both.node
	out.later = &both.later
	if !n.leaf() {
		out.kids = make([]*onode[K, V], len(n.keys))
		return out
	}
	if places := n.lost(s, names); len(places) > 0 {
		out.keys = slices.Clone(n.keys)
		for i := range n.vals {
			out.later.from = append(out.later.from, n.val(i))
		}
		for _, i := range slices.Backward(places) {
			out.keys = slices.Delete(out.keys, i, i+1)
			out.later.from = slices.Delete(out.later.from, i, i+1)
		}
	}
	out.vals = make([]V, len(out.keys))
	return out
}

// lost are the places in a leaf node of what s leaves out.
func (n *onode[K, V]) lost(s *shown[K, V], names []K) (places []int) {
	for _, k := range names {
		if i, ok := n.search(k); ok && s.drops(n.val(i)) {
			places = append(places, i)
		}
	}
	return places
}

// isLater tells whether n shows another node.
func (n *onode[K, V]) isLater() bool { return n != nil && n.later != nil }

// val is the i-th value of a leaf node.
func (n *onode[K, V]) val(i int) V {
	l := n.later
	if l == nil {
		return n.vals[i]
	}
	l.mu.Lock()
	if l.made>>i&1 == 0 {
		v, done := l.origin(n, i)
		if !done {
			v = l.show.make(v)
		}
		n.vals[i] = v
		l.made |= 1 << i
	}
	v := n.vals[i]
	l.mu.Unlock()
	return v
}

// origin is what the i-th value of n, a leaf node, is made of, and whether it is that.
func (l *later[K, V]) origin(n *onode[K, V], i int) (v V, same bool) {
	if l.show.some {
		_, named := slices.BinarySearch(l.names, n.keys[i])
		same = !named
	}
	if l.from != nil {
		return l.from[i], same
	}
	return l.of.val(i), same
}

// at is the i-th kid of an inner node. One that shows another can be empty.
func (n *onode[K, V]) at(i int) *onode[K, V] {
	l := n.later
	if l == nil {
		return n.kids[i]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made>>i&1 == 0 {
		n.kids[i] = l.kid(n, i)
		l.made |= 1 << i
	}
	return n.kids[i]
}

// kid makes the i-th kid of n, or takes it from what showed another version.
func (l *later[K, V]) kid(n *onode[K, V], i int) *onode[K, V] {
	of := l.of.at(i)
	was := l.was.Value()
	if was == nil || len(was.kids) == 0 {
		return of.showing(l.show, l.namesAt(n, i))
	}
	was = was.at(was.kid(n.keys[i]))
	if was.isLater() && was.later.of == of {
		return was
	}
	now := of.showing(l.show, l.namesAt(n, i))
	if now != of {
		now.follow(was)
	}
	return now
}

// follow lets n take from was, which showed another version, what is the same, as long as
// somebody else has that.
func (n *onode[K, V]) follow(was *onode[K, V]) {
	if n.isLater() && was.isLater() && n.later.show.by == was.later.show.by {
		n.later.was = weak.Make(was)
	}
}

// namesAt are the names that may stand in the i-th kid of n, an inner node.
func (l *later[K, V]) namesAt(n *onode[K, V], i int) []K {
	from, _ := slices.BinarySearch(l.names, n.keys[i])
	to := len(l.names)
	if i+1 < len(n.keys) {
		to, _ = slices.BinarySearch(l.names, n.keys[i+1])
	}
	return l.names[from:to]
}

// goneAt is how many of what the i-th kid shows are left out.
func (l *later[K, V]) goneAt(n *onode[K, V], i int) int {
	return l.show.goneOf(l.of.at(i), l.namesAt(n, i))
}

// goneOf is how many of the names are left out of n.
func (s *shown[K, V]) goneOf(n *onode[K, V], names []K) (gone int) {
	for _, k := range names {
		if v, ok := n.get(k); ok && s.drops(v) {
			gone++
		}
	}
	return gone
}

// len is the number of values: for the first time in one that shows another, a search for
// each name.
func (m *ordmap[K, V]) len() int {
	if !m.root.isLater() {
		return m.n
	}
	l := m.root.later
	l.show.once.Do(func() { l.show.gone = l.show.goneOf(l.of, l.names) })
	return m.n - l.show.gone
}

// known is the i-th value of a leaf node if it has been made already, and else that of
// which it will be made.
func (n *onode[K, V]) known(i int) (v V, ok bool) {
	l := n.later
	if l == nil {
		return n.vals[i], true
	}
	l.mu.Lock()
	if ok = l.made>>i&1 == 1; ok {
		v = n.vals[i]
	}
	l.mu.Unlock()
	if ok {
		return v, true
	}
	return l.origin(n, i)
}

// complete is n with all kids or values made, and as few empty kids as can be.
func (n *onode[K, V]) complete() *onode[K, V] {
	if n.later == nil {
		return n
	}
	out := &onode[K, V]{}
	for i, k := range n.keys {
		if n.leaf() {
			out.vals = append(out.vals, n.val(i))
		} else if c := n.at(i); len(c.keys) > 0 || i == len(n.keys)-1 && out.kids == nil {
			out.kids = append(out.kids, c)
		} else {
			continue
		}
		out.keys = append(out.keys, k)
	}
	return out
}

// alike tells, if it can be told without a look at them, that two nodes hold the same.
func alike[K cmp.Ordered, V any](x, y *onode[K, V]) bool {
	if x == y || !x.isLater() || !y.isLater() {
		return x == y
	}
	return x.later.show.by == y.later.show.by && alike(x.later.of, y.later.of)
}

// passing yields all in order until yield says false, which it returns. Of values that
// are not made yet it yields what f makes of their origin as by says, and forgets it.
func (n *onode[K, V]) passing(f func(by any, v V) V, yield func(V) bool) bool {
	for i := range n.vals {
		v, ok := n.known(i)
		if !ok {
			v = f(n.later.show.by, v)
		}
		if !yield(v) {
			return false
		}
	}
	for i := range n.kids {
		if !n.at(i).passing(f, yield) {
			return false
		}
	}
	return true
}
