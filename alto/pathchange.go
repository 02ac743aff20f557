package alto

import (
	"slices"
	"strings"
)

// PathChange is how the paths between PIDs differ, in numbers. A pair is one with a path.
type PathChange struct {
	PairsBefore, PairsAfter int
	Added, Removed, Changed int
}

// ComparePaths tells what differs; nil stands for no paths and no properties. A pair has
// changed when its path has, or what anes, the properties of the ANEs, say of one on it.
// Cost is that of all paths.
func ComparePaths(before, after *PathMatrix, anesBefore, anesAfter *PropertyMap) (c PathChange) {
	if before == nil {
		before = new(PathMatrix)
	}
	if after == nil {
		after = new(PathMatrix)
	}
	x := pathComparison{before, after, indexIn(before.index, after.pids), indexIn(indexOfNames(before.anes), after.anes), aneDifferences(anesBefore, anesAfter)}
	n, m := len(after.pids), len(before.pids)
	for i := range n * n {
		p, q := pathAt{length: -1}, after.paths[i]
		if s, d := x.pids[i/n], x.pids[i%n]; s >= 0 && d >= 0 {
			p = before.paths[int(s)*m+int(d)]
		}
		switch {
		case q.length < 0:
		case p.length < 0:
			c.Added++
		case !x.same(p, q):
			c.Changed++
		}
		if q.length >= 0 {
			c.PairsAfter++
			if p.length >= 0 {
				c.PairsBefore++
			}
		}
	}
	kept := c.PairsBefore
	c.PairsBefore = before.pairs()
	c.Removed = c.PairsBefore - kept
	return c
}

type pathComparison struct {
	before, after *PathMatrix
	pids, anes    []int32         // indices before of those after; -1: new
	changed       map[string]bool // ANEs with other properties
}

// same compares a path before with one after.
func (x *pathComparison) same(p, q pathAt) bool {
	return slices.EqualFunc(x.before.on(p), x.after.on(q), func(a, b int32) bool {
		return x.anes[b] == a && !x.changed[x.after.anes[b]]
	})
}

// pairs is how many have a path.
func (m *PathMatrix) pairs() (n int) {
	for _, p := range m.paths {
		if p.length >= 0 {
			n++
		}
	}
	return n
}

func indexOfNames(names []string) map[string]int32 {
	index := make(map[string]int32, len(names))
	for i, name := range names {
		index[name] = int32(i)
	}
	return index
}

func indexIn(index map[string]int32, names []string) []int32 {
	list := make([]int32, len(names))
	for i, name := range names {
		at, known := index[name]
		if !known {
			at = -1
		}
		list[i] = at
	}
	return list
}

// aneDifferences lists the ANEs whose properties are new, gone or others.
func aneDifferences(before, after *PropertyMap) map[string]bool {
	if before == after {
		return nil
	}
	most := 0
	for _, m := range []*PropertyMap{before, after} {
		if m != nil {
			most += m.NumEntities()
		}
	}
	changed := make(map[string]bool)
	for _, e := range ComparePropertyMaps(before, after, most).Entities {
		if name, ok := strings.CutPrefix(e.Entity, domainANE+":"); ok {
			changed[name] = true
		}
	}
	return changed
}
