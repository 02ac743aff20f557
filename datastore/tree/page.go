package tree

import (
	"iter"

	"github.com/altoam/altoam/yang"
)

// EntriesAt are the instances of s directly below n from the i-th on, 0 being the
// first, in list order. Entries that are passed over are not visited: finding the
// i-th costs a look at one in 64 of them.
func (n *Node) EntriesAt(s *yang.Node, i int) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		switch c := n.slot(s); {
		case c == nil || i < 0:
		case c.isCollection():
			c.body.eachAt(i, yield)
		case i == 0:
			yield(c)
		}
	}
}

// EntriesBack are the instances of s directly below n from the i-th back to the
// first, at the cost of EntriesAt.
func (n *Node) EntriesBack(s *yang.Node, i int) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		switch c := n.slot(s); {
		case c == nil || i < 0 || i >= n.Len(s):
		case c.isCollection():
			c.body.eachBack(c.body.len()-1-i, yield)
		default:
			yield(c)
		}
	}
}

// IndexOf is the place of the entry of s with that key, 0 for the first, or -1
// when there is none; at the cost of EntriesAt.
func (n *Node) IndexOf(s *yang.Node, key string) int {
	c := n.slot(s)
	switch {
	case c == nil || !c.isCollection() || c.body.get(key) == nil:
		return -1
	case c.body.few:
		i, _ := c.body.search(key)
		return i
	case c.body.list.ranked:
		rank, _ := c.body.list.byKey.get(key)
		return c.body.list.byRank.less(rank)
	}
	return c.body.list.sorted.less(key)
}

func (b *body) eachAt(i int, yield func(*Node) bool) {
	switch {
	case b.few:
		for ; i < len(b.kids); i++ {
			if !yield(b.kids[i]) {
				return
			}
		}
	case b.list.ranked:
		b.list.byRank.skip(i, yield)
	default:
		b.list.sorted.skip(i, yield)
	}
}

// eachBack yields from the end, without the last i.
func (b *body) eachBack(i int, yield func(*Node) bool) {
	switch {
	case b.few:
		for j := len(b.kids) - 1 - i; j >= 0; j-- {
			if !yield(b.kids[j]) {
				return
			}
		}
	case b.list.ranked:
		b.list.byRank.back(i, yield)
	default:
		b.list.sorted.back(i, yield)
	}
}

// less is the number of keys less than k.
func (m *ordmap[K, V]) less(k K) (count int) {
	n := m.root
	for n != nil && !n.leaf() {
		i := n.kid(k)
		for j := range i {
			count += n.sizeAt(j)
		}
		n = n.at(i)
	}
	if n != nil {
		i, _ := n.search(k)
		count += i
	}
	return count
}

// skip yields in order, without the first i.
func (m *ordmap[K, V]) skip(i int, yield func(V) bool) {
	if m.root != nil && i < m.n {
		m.root.skip(i, yield)
	}
}

// back yields in reverse, without the last i.
func (m *ordmap[K, V]) back(i int, yield func(V) bool) {
	if m.root != nil && i < m.n {
		m.root.back(i, yield)
	}
}

// size is the number of entries below n; a look at every leaf.
func (n *onode[K, V]) size() (count int) {
	if n.leaf() {
		return len(n.keys)
	}
	for i := range n.kids {
		count += n.sizeAt(i)
	}
	return count
}

// sizeAt is the size of the i-th kid.
func (n *onode[K, V]) sizeAt(i int) int {
	if n.later != nil {
		return n.later.of.sizeAt(i) - n.later.goneAt(n, i)
	}
	return n.kids[i].size()
}

func (n *onode[K, V]) skip(i int, yield func(V) bool) bool {
	for ; i < len(n.vals); i++ {
		if !yield(n.val(i)) {
			return false
		}
	}
	for j := range n.kids {
		if i > 0 {
			if size := n.sizeAt(j); size <= i {
				i -= size
				continue
			}
		}
		if !n.at(j).skip(i, yield) {
			return false
		}
		i = 0
	}
	return true
}

func (n *onode[K, V]) back(i int, yield func(V) bool) bool {
	for j := len(n.vals) - 1 - i; j >= 0; j-- {
		if !yield(n.val(j)) {
			return false
		}
	}
	for j := len(n.kids) - 1; j >= 0; j-- {
		if i > 0 {
			if size := n.sizeAt(j); size <= i {
				i -= size
				continue
			}
		}
		if !n.at(j).back(i, yield) {
			return false
		}
		i = 0
	}
	return true
}
