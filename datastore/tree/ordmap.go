package tree

import (
	"cmp"
	"slices"
)

// ordmap is an ordered map that shares structure between versions: a B+ tree
// whose nodes are copied before they are written unless they carry the writer's
// owner number. Copying the struct makes a version. Get, set and delete are
// O(log n); appending in order fills nodes completely.
type ordmap[K cmp.Ordered, V any] struct {
	root *onode[K, V]
	n    int
}

// onode is a leaf (vals) or an inner node (kids). An inner node's keys are lower
// bounds of its kids: keys[i] <= every key in kids[i] < keys[i+1].
type onode[K cmp.Ordered, V any] struct {
	owner uint64
	keys  []K
	vals  []V
	kids  []*onode[K, V]
	later *later[K, V] // set where vals or kids are to be had by val and at only
}

// The most and, after a delete, the least entries of a node that has neighbours to merge with.
const (
	maxFan = 64
	minFan = maxFan / 4
)

func (n *onode[K, V]) leaf() bool { return n.kids == nil }

// search returns the first index whose key is not less than k.
func (n *onode[K, V]) search(k K) (int, bool) {
	if l := len(n.keys); l > 0 && cmp.Less(n.keys[l-1], k) {
		return l, false
	}
	return slices.BinarySearch(n.keys, k)
}

// kid returns the index of the kid that holds k if any does.
func (n *onode[K, V]) kid(k K) int {
	i, ok := n.search(k)
	if !ok && i > 0 {
		i--
	}
	return i
}

func (m *ordmap[K, V]) get(k K) (v V, ok bool) {
	if m.root == nil {
		return v, false
	}
	return m.root.get(k)
}

func (n *onode[K, V]) get(k K) (v V, ok bool) {
	for !n.leaf() {
		n = n.at(n.kid(k))
	}
	if i, ok := n.search(k); ok {
		return n.val(i), true
	}
	return v, false
}

// own returns n if owner may write it, else a copy that it may write.
func (n *onode[K, V]) own(owner uint64) *onode[K, V] {
	if n.owner == owner {
		return n
	}
	n = n.complete()
	c := &onode[K, V]{owner: owner, keys: cloneRoom(n.keys)}
	if n.leaf() {
		c.vals = cloneRoom(n.vals)
	} else {
		c.kids = cloneRoom(n.kids)
	}
	return c
}

// cloneRoom copies s with room for one more.
func cloneRoom[T any](s []T) []T { return append(make([]T, 0, len(s)+1), s...) }

// set stores v under k and tells whether k was there.
func (m *ordmap[K, V]) set(owner uint64, k K, v V) (existed bool) {
	if m.root == nil {
		m.root = &onode[K, V]{owner: owner, keys: []K{k}, vals: []V{v}}
		m.n = 1
		return false
	}
	m.n = m.len()
	root, right, existed := m.root.set(owner, k, v)
	if right != nil {
		root = &onode[K, V]{owner: owner, keys: []K{root.keys[0], right.keys[0]}, kids: []*onode[K, V]{root, right}}
	}
	m.root = root
	if !existed {
		m.n++
	}
	return existed
}

// set returns n as it now is, and its new right neighbour if it was split.
func (n *onode[K, V]) set(owner uint64, k K, v V) (_, right *onode[K, V], existed bool) {
	n = n.own(owner)
	if n.leaf() {
		i, ok := n.search(k)
		if ok {
			n.vals[i] = v
			return n, nil, true
		}
		at, i, right := n.room(i)
		at.keys = slices.Insert(at.keys, i, k)
		at.vals = slices.Insert(at.vals, i, v)
		return n, right, false
	}
	i := n.kid(k)
	n.keys[i] = min(n.keys[i], k)
	kid, extra, existed := n.kids[i].set(owner, k, v)
	n.kids[i] = kid
	if extra == nil {
		return n, nil, existed
	}
	at, i, right := n.room(i + 1)
	at.keys = slices.Insert(at.keys, i, extra.keys[0])
	at.kids = slices.Insert(at.kids, i, extra)
	return n, right, existed
}

// room splits n if it is full and returns where an insert at i has to go. An
// insert at the end leaves n full: what is loaded in order fills every node.
func (n *onode[K, V]) room(i int) (at *onode[K, V], index int, right *onode[K, V]) {
	if len(n.keys) < maxFan {
		return n, i, nil
	}
	half := maxFan / 2
	if i == maxFan {
		half = maxFan
	}
	right = &onode[K, V]{owner: n.owner}
	n.keys, right.keys = cut(n.keys, half)
	if n.leaf() {
		n.vals, right.vals = cut(n.vals, half)
	} else {
		n.kids, right.kids = cut(n.kids, half)
	}
	if i > half || i == maxFan {
		return right, i - half, right
	}
	return n, i, right
}

// cut moves s[at:] to a slice of its own; s keeps its array.
func cut[T any](s []T, at int) (left, right []T) {
	right = append(make([]T, 0, maxFan), s[at:]...)
	clear(s[at:])
	return s[:at], right
}

// delete removes k and tells whether it was there.
func (m *ordmap[K, V]) delete(owner uint64, k K) bool {
	if _, ok := m.get(k); !ok {
		return false
	}
	m.n = m.len() - 1
	if m.n == 0 {
		m.root = nil
		return true
	}
	m.root = m.root.delete(owner, k).top()
	return true
}

// top is the lowest node that holds all of n. It shows no other: who has counted what is
// left need not count what is left out.
func (n *onode[K, V]) top() *onode[K, V] {
	for n = n.complete(); len(n.kids) == 1; {
		n = n.kids[0].complete()
	}
	return n
}

// delete removes k, which is there.
func (n *onode[K, V]) delete(owner uint64, k K) *onode[K, V] {
	n = n.own(owner)
	if n.leaf() {
		i, _ := n.search(k)
		n.keys = slices.Delete(n.keys, i, i+1)
		n.vals = slices.Delete(n.vals, i, i+1)
		return n
	}
	i := n.kid(k)
	n.kids[i] = n.kids[i].delete(owner, k)
	switch l := len(n.kids[i].keys); {
	case l == 0:
		n.keys = slices.Delete(n.keys, i, i+1)
		n.kids = slices.Delete(n.kids, i, i+1)
		return n
	case l >= minFan:
		return n
	}
	for _, j := range [2]int{i - 1, i} { // the pairs (j, j+1) that i is in
		if j >= 0 && j+1 < len(n.kids) && len(n.kids[j].keys)+len(n.kids[j+1].keys) <= maxFan {
			n.merge(owner, j)
			return n
		}
	}
	return n
}

// merge joins kid j+1 to kid j.
func (n *onode[K, V]) merge(owner uint64, j int) {
	l, r := n.kids[j].own(owner), n.kids[j+1].complete()
	l.keys = append(l.keys, r.keys...)
	if l.leaf() {
		l.vals = append(l.vals, r.vals...)
	} else {
		l.kids = append(l.kids, r.kids...)
	}
	n.kids[j] = l
	n.keys = slices.Delete(n.keys, j+1, j+2)
	n.kids = slices.Delete(n.kids, j+1, j+2)
}

// each yields all in order until yield says false, which it returns.
func (m *ordmap[K, V]) each(yield func(K, V) bool) bool {
	return m.root == nil || m.root.each(yield)
}

func (n *onode[K, V]) each(yield func(K, V) bool) bool {
	for i := range n.vals {
		if !yield(n.keys[i], n.val(i)) {
			return false
		}
	}
	for i := range n.kids {
		if !n.at(i).each(yield) {
			return false
		}
	}
	return true
}

// from yields in order, starting with the first key that is not less than k.
func (m *ordmap[K, V]) from(k K, yield func(K, V) bool) bool {
	return m.root == nil || m.root.from(k, yield)
}

func (n *onode[K, V]) from(k K, yield func(K, V) bool) bool {
	if n.leaf() {
		i, _ := n.search(k)
		for ; i < len(n.keys); i++ {
			if !yield(n.keys[i], n.val(i)) {
				return false
			}
		}
		return true
	}
	i := n.kid(k)
	if !n.at(i).from(k, yield) {
		return false
	}
	for i++; i < len(n.kids); i++ {
		if !n.at(i).each(yield) {
			return false
		}
	}
	return true
}

// after returns the first entry whose key is greater than k.
func (m *ordmap[K, V]) after(k K) (key K, v V, ok bool) {
	m.from(k, func(k2 K, v2 V) bool {
		if k2 == k {
			return true
		}
		key, v, ok = k2, v2, true
		return false
	})
	return key, v, ok
}

// before returns the last entry whose key is less than k.
func (m *ordmap[K, V]) before(k K) (key K, v V, ok bool) { return m.root.before(k) }

func (n *onode[K, V]) before(k K) (key K, v V, ok bool) {
	if n == nil {
		return key, v, false
	}
	i, _ := n.search(k)
	if n.leaf() {
		if i > 0 {
			return n.keys[i-1], n.val(i - 1), true
		}
		return key, v, false
	}
	for i = n.kid(k); i >= 0 && !ok; i-- {
		key, v, ok = n.at(i).before(k)
	}
	return key, v, ok
}

func (m *ordmap[K, V]) last() (key K, v V, ok bool)  { return m.root.last() }
func (m *ordmap[K, V]) first() (key K, v V, ok bool) { return m.root.first() }

func (n *onode[K, V]) last() (key K, v V, ok bool) {
	switch {
	case n == nil || len(n.keys) == 0:
	case n.leaf():
		i := len(n.keys) - 1
		return n.keys[i], n.val(i), true
	default:
		for i := len(n.kids) - 1; i >= 0 && !ok; i-- {
			key, v, ok = n.at(i).last()
		}
	}
	return key, v, ok
}

func (n *onode[K, V]) first() (key K, v V, ok bool) {
	switch {
	case n == nil || len(n.keys) == 0:
	case n.leaf():
		return n.keys[0], n.val(0), true
	default:
		for i := 0; i < len(n.kids) && !ok; i++ {
			key, v, ok = n.at(i).first()
		}
	}
	return key, v, ok
}
