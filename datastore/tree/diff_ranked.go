package tree

import (
	"slices"
	"sort"
)

// compareRanked returns the changes of a list whose order is data. Entries that
// kept their rank kept their order; of those with a new rank the fewest that
// explain the new order are reported as moved.
func compareRanked(a, b *entries) (out []*Change) {
	byKey := map[string]*Change{}
	note := func(x, y *Node, key string, rx, ry uint64) {
		c := entryChange(x, y)
		if c == nil && rx != ry {
			c = &Change{Schema: y.schema, Op: Inside, Old: x, New: y}
		}
		if c != nil && byKey[key] == nil {
			c.oldRank, c.newRank = rx, ry
			byKey[key] = c
			out = append(out, c)
		}
	}
	diffMaps(a.byKey, b.byKey, func(x, y uint64) bool { return x == y }, func(key string, rx, ry uint64) {
		x, _ := a.byRank.get(rx)
		y, _ := b.byRank.get(ry)
		note(x, y, key, rx, ry)
	})
	diffMaps(a.byRank, b.byRank, func(x, y *Node) bool { return x == y }, func(rank uint64, x, y *Node) {
		if x != nil && y != nil && x.Key() == y.Key() {
			note(x, y, x.Key(), rank, rank)
		}
	})
	markMoves(a, out)
	out = slices.DeleteFunc(out, func(c *Change) bool {
		return c.Op == Inside && !c.Moved && len(c.Children) == 0
	})
	sort.Slice(out, func(i, j int) bool { return less(out[i], out[j]) })
	for _, c := range out {
		if c.Op == Create || c.Moved {
			c.Pos = b.posAt(c.newRank)
		}
	}
	return out
}

// less orders deletes by the old list, then the rest by the new one.
func less(x, y *Change) bool {
	if (x.Op == Delete) != (y.Op == Delete) {
		return x.Op == Delete
	}
	if x.Op == Delete {
		return x.oldRank < y.oldRank
	}
	return x.newRank < y.newRank
}

// posAt is the place of the entry with that rank: First, or After its neighbour.
func (e *entries) posAt(rank uint64) Position {
	if _, n, ok := e.byRank.before(rank); ok {
		return Position{Where: After, Anchor: n.Key()}
	}
	return Position{Where: First}
}

// markMoves sets Moved on the changes that have a new rank, except on a greatest
// set of them that is in the order of before, among each other and with all entries
// whose rank is unchanged.
func markMoves(a *entries, all []*Change) {
	var cand []*Change
	changed := make(map[uint64]bool) // ranks of a whose entry left it
	for _, c := range all {
		if c.Old != nil && (c.New == nil || c.oldRank != c.newRank) {
			changed[c.oldRank] = true
			if c.New != nil {
				cand = append(cand, c)
			}
		}
	}
	if len(cand) == 0 {
		return
	}
	fixed := nextFixed(a, changed)
	var stay []*Change
	for _, c := range cand {
		c.Moved = true
		lo, hi := min(c.oldRank, c.newRank), max(c.oldRank, c.newRank)
		if r, ok := fixed(lo); !ok || r >= hi {
			stay = append(stay, c)
		}
	}
	sort.Slice(stay, func(i, j int) bool { return stay[i].newRank < stay[j].newRank })
	for _, c := range longestRising(stay) {
		c.Moved = false
	}
}

// nextFixed returns a function that finds the first rank of a greater than r
// whose entry kept it. Runs of changed ranks are crossed once.
func nextFixed(a *entries, changed map[uint64]bool) func(r uint64) (uint64, bool) {
	memo := map[uint64]uint64{} // changed rank → the fixed one after it, 0 for none
	return func(r uint64) (uint64, bool) {
		var run []uint64
		var found uint64
		for {
			next, _, ok := a.byRank.after(r)
			if !ok {
				break
			}
			if !changed[next] {
				found = next
				break
			}
			if known, ok := memo[next]; ok {
				found = known
				break
			}
			run = append(run, next)
			r = next
		}
		for _, x := range run {
			memo[x] = found
		}
		return found, found != 0
	}
}

// longestRising returns a longest subsequence with rising old ranks.
func longestRising(l []*Change) []*Change {
	var ends []int              // ends[k]: index of the least last element of a rising run of length k+1
	prev := make([]int, len(l)) // the element before in that run
	for i, c := range l {
		k := sort.Search(len(ends), func(k int) bool { return l[ends[k]].oldRank >= c.oldRank })
		prev[i] = -1
		if k > 0 {
			prev[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		} else {
			ends[k] = i
		}
	}
	var out []*Change
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = prev[i] {
			out = append(out, l[i])
		}
	}
	return out
}
