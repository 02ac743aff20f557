package tree

import (
	"hash/maphash"

	"github.com/altoam/altoam/yang"
)

// Leaves makes leafs and leaf-list entries, and one node for those that are alike,
// as far as it remembers: in a large tree most values of a type, a role or a limit
// are repetitions. The zero Leaves is ready. It takes no memory before some hundred
// leafs and then as much as 4096 leafs and a pointer to each. For one goroutine.
type Leaves struct {
	meter *Meter // of the leafs that are made; nil for none
	made  int
	slots []*Node // by hash; a leaf takes the slot of what was there
}

const (
	leafSlots = 4096
	leafsOnce = 256 // made before it is worth to remember any
)

var leafSeed = maphash.MakeSeed()

// Of returns a node like NewLeaf. Keys are not shared: they hardly repeat.
func (l *Leaves) Of(s *yang.Node, v yang.Value) *Node {
	if s.IsKey || v.IsZero() {
		return l.fresh(s, v)
	}
	if l.slots == nil {
		if l.made++; l.made < leafsOnce {
			return l.fresh(s, v)
		}
		l.meter.take(sharedSize)
		l.slots = make([]*Node, leafSlots)
	}
	slot := &l.slots[leafHash(s, v)%leafSlots]
	if n := *slot; n != nil && n.schema == s && n.value == v {
		return n
	}
	*slot = l.fresh(s, v)
	return *slot
}

func (l *Leaves) fresh(s *yang.Node, v yang.Value) *Node {
	l.meter.take(nodeSize + v.TextLen())
	return NewLeaf(s, v)
}

func leafHash(s *yang.Node, v yang.Value) uint64 {
	const spread = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	h := uint64(s.ID)
	if i, ok := v.Int(); ok {
		h += uint64(i)
	} else {
		h += maphash.String(leafSeed, v.String())
	}
	return h * spread >> 32
}
