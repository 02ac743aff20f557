package persistent

import (
	"math/bits"
	"slices"
)

// Editor makes a version of a Map by many steps, each node being copied once at most.
// It is for one goroutine.
type Editor[K comparable, V any] struct {
	Map[K, V] // as it is now; a copy of it is changed by later steps
	owner     uint64
}

// Done returns the version so far, which later steps do not change.
func (e *Editor[K, V]) Done() Map[K, V] {
	e.owner = owners.Add(1)
	return e.Map
}

// Set gives k the value v.
func (e *Editor[K, V]) Set(k K, v V) {
	if e.root == nil {
		e.root = &node[K, V]{owner: e.owner}
	}
	root, added := e.root.set(e.owner, hashOf(k), 0, entry[K, V]{k, v})
	e.root = root
	if added {
		e.n++
	}
}

// Delete removes k where it is there.
func (e *Editor[K, V]) Delete(k K) {
	if e.root == nil {
		return
	}
	root, removed := e.root.delete(e.owner, hashOf(k), 0, k)
	if !removed {
		return
	}
	e.root = root
	if e.n--; e.n == 0 {
		e.root = nil
	}
}

// own returns n where owner may write it, else a copy that it may write.
func (n *node[K, V]) own(owner uint64) *node[K, V] {
	if n.owner == owner {
		return n
	}
	return &node[K, V]{owner, n.has, n.goes, slices.Clone(n.entries), slices.Clone(n.kids)}
}

func (n *node[K, V]) set(owner, hash uint64, shift uint, x entry[K, V]) (_ *node[K, V], added bool) {
	n = n.own(owner)
	if shift >= hashBits {
		if i := n.find(x.key); i >= 0 {
			n.entries[i] = x
			return n, false
		}
		n.entries = append(n.entries, x)
		return n, true
	}
	bit, at := place(n.has, hash, shift)
	if n.goes&bit != 0 {
		i := bits.OnesCount64(n.goes & (bit - 1))
		n.kids[i], added = n.kids[i].set(owner, hash, shift+bitsPerLevel, x)
		return n, added
	}
	if n.has&bit == 0 {
		n.has |= bit
		n.entries = insert(n.entries, at, x)
		return n, true
	}
	if n.entries[at].key == x.key {
		n.entries[at] = x
		return n, false
	}
	other := n.entries[at]
	kid := &node[K, V]{owner: owner}
	kid, _ = kid.set(owner, hashOf(other.key), shift+bitsPerLevel, other)
	kid, _ = kid.set(owner, hash, shift+bitsPerLevel, x)
	n.entries = slices.Delete(n.entries, at, at+1)
	n.has &^= bit
	_, i := place(n.goes, hash, shift)
	n.goes |= bit
	n.kids = insert(n.kids, i, kid)
	return n, true
}

// insert grows by little: most nodes stay as they are for long.
func insert[T any](s []T, i int, x T) []T {
	if len(s) == cap(s) {
		s = append(make([]T, 0, len(s)+1+len(s)/4), s...)
	}
	return slices.Insert(s, i, x)
}

func (n *node[K, V]) delete(owner, hash uint64, shift uint, k K) (_ *node[K, V], removed bool) {
	if shift >= hashBits {
		i := n.find(k)
		if i < 0 {
			return n, false
		}
		n = n.own(owner)
		n.entries = slices.Delete(n.entries, i, i+1)
		return n, true
	}
	bit, at := place(n.has, hash, shift)
	switch {
	case n.goes&bit != 0:
		i := bits.OnesCount64(n.goes & (bit - 1))
		kid, removed := n.kids[i].delete(owner, hash, shift+bitsPerLevel, k)
		if !removed {
			return n, false
		}
		n = n.own(owner)
		if n.kids[i] = kid; len(kid.kids) == 0 && len(kid.entries) == 1 {
			n.kids, n.goes = slices.Delete(n.kids, i, i+1), n.goes&^bit
			n.entries, n.has = insert(n.entries, at, kid.entries[0]), n.has|bit
		}
		return n, true
	case n.has&bit != 0 && n.entries[at].key == k:
		n = n.own(owner)
		n.entries, n.has = slices.Delete(n.entries, at, at+1), n.has&^bit
		return n, true
	}
	return n, false
}
