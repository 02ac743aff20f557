package tree

import (
	"encoding/binary"
	"math"

	"github.com/altoam/altoam/yang"
)

// entries is the content of one list or leaf-list. A list that the system orders
// is a map by key. Where the order is data – ordered-by user, no keys, or values
// that may repeat – byKey leads to a rank and byRank to the entry, so that both
// lookup and order are O(log n).
type entries struct {
	sorted ordmap[string, *Node]
	byKey  ordmap[string, uint64]
	byRank ordmap[uint64, *Node]
	ranked bool
	seq    uint64 // entries that got a key of their own
}

// isRanked tells whether the order of s's entries is data: ordered-by user, a list
// without keys, a leaf-list that is not configuration (RFC 7950 Sections 7.7 and 7.8).
func isRanked(s *yang.Node) bool {
	switch {
	case s.OrderedByUser:
		return true
	case s.Kind == yang.LeafList:
		return !s.Config
	}
	return len(s.Keys) == 0
}

// mayRepeat tells whether the same value may stand in the leaf-list twice.
func mayRepeat(s *yang.Node) bool { return s.Kind == yang.LeafList && !s.Config }

func (e *entries) len() int {
	if e.ranked {
		return e.byRank.len()
	}
	return e.sorted.len()
}

func (e *entries) get(key string) *Node {
	if !e.ranked {
		n, _ := e.sorted.get(key)
		return n
	}
	if rank, ok := e.byKey.get(key); ok {
		n, _ := e.byRank.get(rank)
		return n
	}
	return nil
}

func (e *entries) each(yield func(*Node) bool) bool {
	if e.ranked {
		return e.byRank.each(func(_ uint64, n *Node) bool { return yield(n) })
	}
	return e.sorted.each(func(_ string, n *Node) bool { return yield(n) })
}

func (e *entries) from(key string, yield func(*Node) bool) {
	if !e.ranked {
		e.sorted.from(key, func(_ string, n *Node) bool { return yield(n) })
		return
	}
	if rank, ok := e.byKey.get(key); ok {
		e.byRank.from(rank, func(_ uint64, n *Node) bool { return yield(n) })
	}
}

func (e *entries) last() (n *Node) {
	if e.ranked {
		_, n, _ = e.byRank.last()
	} else {
		_, n, _ = e.sorted.last()
	}
	return n
}

func (e *entries) after(key string) (n *Node) {
	if !e.ranked {
		if _, ok := e.sorted.get(key); ok {
			_, n, _ = e.sorted.after(key)
		}
	} else if rank, ok := e.byKey.get(key); ok {
		_, n, _ = e.byRank.after(rank)
	}
	return n
}

func (e *entries) before(key string) (n *Node) {
	if !e.ranked {
		if _, ok := e.sorted.get(key); ok {
			_, n, _ = e.sorted.before(key)
		}
	} else if rank, ok := e.byKey.get(key); ok {
		_, n, _ = e.byRank.before(rank)
	}
	return n
}

// freshKey returns the key for one more entry of s with these key values: KeyOf
// them, unless the entry has no keys or repeats a value.
func (e *entries) freshKey(s *yang.Node, vals []yang.Value) (key string, own bool) {
	if len(vals) > 0 {
		key = KeyOf(vals...)
		if !mayRepeat(s) || e.get(key) == nil {
			return key, false
		}
	}
	e.seq++
	return string(binary.BigEndian.AppendUint64([]byte(key+"\x00"), e.seq)), true
}

// countKey keeps the numbers of freshKey ahead of that in key, if it has one.
func (e *entries) countKey(key string) {
	if i := len(key) - 9; i >= 0 && key[i] == 0 {
		e.seq = max(e.seq, binary.BigEndian.Uint64([]byte(key[i+1:])))
	}
}

// put stores n under key. An entry that is there keeps its place; a new one goes
// to pos, or to the end when its anchor does not exist.
func (e *entries) put(owner uint64, key string, n *Node, pos Position) {
	if !e.ranked {
		e.sorted.set(owner, key, n)
		return
	}
	rank, ok := e.byKey.get(key)
	if !ok {
		e.countKey(key)
		rank = e.rankFor(owner, pos)
		e.byKey.set(owner, key, rank)
	}
	e.byRank.set(owner, rank, n)
}

func (e *entries) delete(owner uint64, key string) bool {
	if !e.ranked {
		return e.sorted.delete(owner, key)
	}
	rank, ok := e.byKey.get(key)
	if ok {
		e.byKey.delete(owner, key)
		e.byRank.delete(owner, rank)
	}
	return ok
}

// move takes the entry with that key, which exists, to pos.
func (e *entries) move(owner uint64, key string, pos Position) {
	n := e.get(key)
	e.delete(owner, key)
	e.put(owner, key, n, pos)
}

// Ranks start in the middle of the number space and rankGap apart.
const (
	firstRank = uint64(1) << 63
	rankGap   = uint64(1) << 32
)

// rankFor returns a free rank for an entry at pos, and moves the ranks of some
// neighbours first when none is left there: amortised O(log n) of them.
func (e *entries) rankFor(owner uint64, pos Position) uint64 {
	if e.byRank.n == 0 {
		return firstRank
	}
	for {
		lo, hi := e.gap(pos)
		switch {
		case hi == math.MaxUint64 && hi-lo > rankGap:
			return lo + rankGap
		case lo == 0 && hi > rankGap:
			return hi - rankGap
		case hi-lo > 1:
			return lo + (hi-lo)/2
		}
		e.spread(owner, lo)
	}
}

// gap returns the ranks that an entry at pos has to stand between; 0 and the
// greatest number are never ranks.
func (e *entries) gap(pos Position) (lo, hi uint64) {
	lo, hi = 0, math.MaxUint64
	anchor, known := e.byKey.get(pos.Anchor)
	switch {
	case pos.Where == First:
		hi, _, _ = e.byRank.first()
	case pos.Where == After && known:
		lo = anchor
		if next, _, ok := e.byRank.after(anchor); ok {
			hi = next
		}
	case pos.Where == Before && known:
		hi = anchor
		lo, _, _ = e.byRank.before(anchor)
	default:
		lo, _, _ = e.byRank.last()
	}
	return lo, hi
}

// spread makes room around rank at: it takes the smallest aligned window of
// ranks that is thin enough, the wider the thinner, and spaces its entries evenly.
func (e *entries) spread(owner, at uint64) {
	limit := 1.0
	for bits := 1; bits < 64; bits++ {
		limit *= 2 / 1.3
		size := uint64(1) << bits
		lo := at &^ (size - 1)
		ranks, nodes := e.window(lo, lo+(size-1))
		step := size / uint64(len(ranks)+1)
		if step < 2 || float64(len(ranks)) >= limit {
			continue
		}
		for _, r := range ranks {
			e.byRank.delete(owner, r)
		}
		for i, n := range nodes {
			rank := lo + step*uint64(i+1)
			e.byRank.set(owner, rank, n)
			e.byKey.set(owner, n.Key(), rank)
		}
		return
	}
}

// window returns the entries with ranks from lo to hi, both included.
func (e *entries) window(lo, hi uint64) (ranks []uint64, nodes []*Node) {
	e.byRank.from(lo, func(r uint64, n *Node) bool {
		if r > hi {
			return false
		}
		ranks, nodes = append(ranks, r), append(nodes, n)
		return true
	})
	return ranks, nodes
}
