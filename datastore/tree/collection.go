package tree

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/yang"
)

// maxFew is how many entries a collection node keeps in its body, sorted by key. It
// must be cheap to copy them; a list that has grown beyond stays an entries.
const maxFew = 16

// newCollection is the body of the empty collection node of s.
func newCollection(owner uint64, s *yang.Node) *body {
	if isRanked(s) {
		return &body{owner: owner, list: &entries{ranked: true}}
	}
	return &body{owner: owner, few: true}
}

// search returns the place of the key among few entries and whether it is taken.
func (b *body) search(key string) (int, bool) {
	if k := len(b.kids); k == 0 || b.kids[k-1].Key() < key {
		return k, false
	}
	return slices.BinarySearchFunc(b.kids, key, func(n *Node, key string) int { return strings.Compare(n.Key(), key) })
}

func (b *body) len() int {
	if b.few {
		return len(b.kids)
	}
	return b.list.len()
}

func (b *body) get(key string) *Node {
	if !b.few {
		return b.list.get(key)
	}
	if i, ok := b.search(key); ok {
		return b.kids[i]
	}
	return nil
}

func (b *body) each(yield func(*Node) bool) bool {
	if !b.few {
		return b.list.each(yield)
	}
	for _, n := range b.kids {
		if !yield(n) {
			return false
		}
	}
	return true
}

func (b *body) from(key string, yield func(*Node) bool) {
	if !b.few {
		b.list.from(key, yield)
		return
	}
	i, _ := b.search(key)
	for _, n := range b.kids[i:] {
		if !yield(n) {
			return
		}
	}
}

func (b *body) last() *Node {
	if !b.few {
		return b.list.last()
	}
	return b.at(len(b.kids) - 1)
}

func (b *body) after(key string) *Node {
	if !b.few {
		return b.list.after(key)
	}
	if i, ok := b.search(key); ok {
		return b.at(i + 1)
	}
	return nil
}

func (b *body) before(key string) *Node {
	if !b.few {
		return b.list.before(key)
	}
	if i, ok := b.search(key); ok {
		return b.at(i - 1)
	}
	return nil
}

// at is the i-th of few entries, or nil.
func (b *body) at(i int) *Node {
	if i < 0 || i >= len(b.kids) {
		return nil
	}
	return b.kids[i]
}

// freshKey returns the key for one more entry of s: see entries.freshKey.
func (b *body) freshKey(s *yang.Node, vals []yang.Value) (key string, own bool) {
	if b.few {
		return KeyOf(vals...), false
	}
	return b.list.freshKey(s, vals)
}

// put stores n under key: see entries.put.
func (b *body) put(owner uint64, key string, n *Node, pos Position) {
	if b.few {
		i, ok := b.search(key)
		switch {
		case ok:
			b.kids[i] = n
			return
		case len(b.kids) < maxFew:
			b.kids = slices.Insert(b.kids, i, n)
			return
		}
		b.list = &entries{sorted: b.byKey(owner)}
		b.few, b.kids = false, nil
	}
	b.list.put(owner, key, n, pos)
}

// delete removes the entry with the key and tells whether it was there.
func (b *body) delete(owner uint64, key string) bool {
	if !b.few {
		return b.list.delete(owner, key)
	}
	i, ok := b.search(key)
	if ok {
		b.kids = slices.Delete(b.kids, i, i+1)
	}
	return ok
}

// byKey are the entries of a list that the system orders, as a map.
func (b *body) byKey(owner uint64) (m ordmap[string, *Node]) {
	if !b.few {
		return b.list.sorted
	}
	for _, n := range b.kids {
		m.set(owner, n.Key(), n)
	}
	return m
}
