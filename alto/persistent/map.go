// Package persistent holds one type, [Map]: a map whose versions share what is the
// same in both, so that a version of a large map costs what differs.
package persistent

import (
	"hash/maphash"
	"iter"
	"math/bits"
	"sync/atomic"
)

// Map is an immutable map, a hash trie of 64 branches to a node. The zero value is
// empty. Copying a Map copies a reference; to get, and to set or delete in a new
// version, costs log n with a large base. Safe for concurrent use.
type Map[K comparable, V any] struct {
	root *node[K, V]
	n    int
}

// node holds the keys whose hashes agree in the bits above it. At each of 64 places,
// numbered by the next bits, it has an entry, a node below or nothing; entries and kids
// are those that are there, in the order of places. Below the last bit there are no
// places, only entries whose hashes are equal.
type node[K comparable, V any] struct {
	owner   uint64 // the Editor that may write it
	has     uint64 // places with an entry
	goes    uint64 // places with a node below
	entries []entry[K, V]
	kids    []*node[K, V]
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

const (
	bitsPerLevel = 6
	hashBits     = 64
)

var (
	seed = maphash.MakeSeed()
	// used are the bits of a hash that are used: all but in tests.
	used = ^uint64(0)
)

func hashOf[K comparable](k K) uint64 { return maphash.Comparable(seed, k) & used }

// place returns the bit of the place of a hash in a node below shift bits, and where
// the entry or kid is or would be.
func place(in, hash uint64, shift uint) (bit uint64, i int) {
	bit = 1 << (hash >> shift & (1<<bitsPerLevel - 1))
	return bit, bits.OnesCount64(in & (bit - 1))
}

// Len returns the number of keys.
func (m Map[K, V]) Len() int { return m.n }

// Get returns the value of a key; ok is false where there is none.
func (m Map[K, V]) Get(k K) (v V, ok bool) {
	if m.root == nil {
		return v, false
	}
	return m.root.get(hashOf(k), k, 0)
}

// At returns the value of a key, the zero value where there is none.
func (m Map[K, V]) At(k K) V {
	v, _ := m.Get(k)
	return v
}

// Has tells whether there is a key.
func (m Map[K, V]) Has(k K) bool {
	_, ok := m.Get(k)
	return ok
}

func (n *node[K, V]) get(hash uint64, k K, shift uint) (v V, ok bool) {
	for ; shift < hashBits; shift += bitsPerLevel {
		bit := uint64(1) << (hash >> shift & (1<<bitsPerLevel - 1))
		if n.goes&bit != 0 {
			n = n.kids[bits.OnesCount64(n.goes&(bit-1))]
			continue
		}
		if n.has&bit != 0 {
			if e := &n.entries[bits.OnesCount64(n.has&(bit-1))]; e.key == k {
				return e.value, true
			}
		}
		return v, false
	}
	if i := n.find(k); i >= 0 {
		return n.entries[i].value, true
	}
	return v, false
}

// find returns the index of a key among the entries, -1 where it is not.
func (n *node[K, V]) find(k K) int {
	for i := range n.entries {
		if n.entries[i].key == k {
			return i
		}
	}
	return -1
}

// All yields the entries in no particular order.
func (m Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if m.root != nil {
			m.root.each(yield)
		}
	}
}

func (n *node[K, V]) each(yield func(K, V) bool) bool {
	for i := range n.entries {
		if !yield(n.entries[i].key, n.entries[i].value) {
			return false
		}
	}
	for _, kid := range n.kids {
		if !kid.each(yield) {
			return false
		}
	}
	return true
}

// With returns a version in which k has value v.
func (m Map[K, V]) With(k K, v V) Map[K, V] {
	e := m.Edit()
	e.Set(k, v)
	return e.Done()
}

// Without returns a version without k.
func (m Map[K, V]) Without(k K) Map[K, V] {
	e := m.Edit()
	e.Delete(k)
	return e.Done()
}

// owners numbers the editors.
var owners atomic.Uint64

// Edit returns an Editor that begins with m.
func (m Map[K, V]) Edit() *Editor[K, V] { return &Editor[K, V]{m, owners.Add(1)} }
