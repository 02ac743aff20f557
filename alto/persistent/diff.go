package persistent

import "math/bits"

// Diff calls f for each key that has not the same value in both, with the zero value
// where it is missing, in no particular order. Where b came of a or both of a third,
// cost is that of the difference.
func Diff[K, V comparable](a, b Map[K, V], f func(k K, inA, inB V)) { diff(a.root, b.root, 0, f) }

func diff[K, V comparable](a, b *node[K, V], shift uint, f func(K, V, V)) {
	switch {
	case a == b:
	case a == nil:
		b.each(func(k K, v V) bool { var none V; f(k, none, v); return true })
	case b == nil:
		a.each(func(k K, v V) bool { var none V; f(k, v, none); return true })
	case shift >= hashBits:
		diffPart(a, b, shift, f)
	default:
		for rest := a.has | a.goes | b.has | b.goes; rest != 0; rest &= rest - 1 {
			bit := rest & -rest
			if a.goes&b.goes&bit != 0 {
				diff(a.kids[bits.OnesCount64(a.goes&(bit-1))], b.kids[bits.OnesCount64(b.goes&(bit-1))], shift+bitsPerLevel, f)
			} else {
				diffPart(a.part(bit), b.part(bit), shift+bitsPerLevel, f)
			}
		}
	}
}

// part returns what is at a place: the node below, one that holds the only entry, or
// one without any.
func (n *node[K, V]) part(bit uint64) *node[K, V] {
	switch {
	case n.goes&bit != 0:
		return n.kids[bits.OnesCount64(n.goes&(bit-1))]
	case n.has&bit != 0:
		i := bits.OnesCount64(n.has & (bit - 1))
		return &node[K, V]{entries: n.entries[i : i+1]}
	}
	return new(node[K, V])
}

// diffPart compares entry by entry. Of the two, one at most has more than one where
// there are places.
func diffPart[K, V comparable](a, b *node[K, V], shift uint, f func(K, V, V)) {
	var none V
	a.each(func(k K, v V) bool {
		if w, ok := b.look(k, shift); !ok {
			f(k, v, none)
		} else if v != w {
			f(k, v, w)
		}
		return true
	})
	b.each(func(k K, v V) bool {
		if _, ok := a.look(k, shift); !ok {
			f(k, none, v)
		}
		return true
	})
}

// look finds a key in a node that part returned.
func (n *node[K, V]) look(k K, shift uint) (v V, ok bool) {
	if n.has|n.goes != 0 {
		return n.get(hashOf(k), k, shift)
	}
	if i := n.find(k); i >= 0 {
		return n.entries[i].value, true
	}
	return v, false
}
