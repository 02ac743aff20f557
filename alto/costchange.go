package alto

import (
	"cmp"
	"math"
	"slices"
)

// CostChange is how the costs between PIDs differ, in numbers and by a sample. A pair is
// one with a cost.
type CostChange struct {
	PairsBefore, PairsAfter int
	Added, Removed, Changed int
	Least, Most, Mean       float64 // of what the changed costs differ by, after less before
	Pairs                   []PairChange
}

// PairChange is how the cost from one PID to another differs; NaN where there is none.
type PairChange struct {
	Source, Destination string
	Before, After       float64
}

// Share is how many of the pairs before or after differ: 0 to 1.
func (c *CostChange) Share() float64 {
	all := c.PairsBefore + c.Added
	if all == 0 {
		return 0
	}
	return float64(c.Added+c.Removed+c.Changed) / float64(all)
}

// CompareCosts tells what differs; nil stands for no costs. The sample has at most so
// many pairs: those that changed most, then those removed, then those added. Cost is that
// of both matrices.
func CompareCosts(before, after *CostMatrix, sample int) CostChange {
	none := new(CostMatrix)
	x := costComparison{a: before, b: after, sample: sample}
	if x.a == nil {
		x.a = none
	}
	if x.b == nil {
		x.b = none
	}
	if x.a == x.b {
		n := x.a.pairs()
		return CostChange{PairsBefore: n, PairsAfter: n}
	}
	x.matched()
	x.removals()
	if x.Changed > 0 {
		x.Mean /= float64(x.Changed)
	}
	slices.SortStableFunc(x.changed, func(p, q PairChange) int { return cmp.Compare(q.distance(), p.distance()) })
	all := slices.Concat(x.changed, x.removed, x.added)
	x.Pairs = all[:min(len(all), sample)]
	return x.CostChange
}

type costComparison struct {
	CostChange
	a, b                    *CostMatrix
	sample                  int
	changed, removed, added []PairChange
}

// matched looks at the pairs of b.
func (x *costComparison) matched() {
	index := x.a.indexOf(x.b.pids)
	n, m := len(x.b.pids), len(x.a.pids)
	for s := range n {
		for d, after := range x.b.cells[s*n : (s+1)*n] {
			if math.IsNaN(after) {
				continue
			}
			x.PairsAfter++
			before := NoCost()
			if index[s] >= 0 && index[d] >= 0 {
				before = x.a.cells[int(index[s])*m+int(index[d])]
			}
			switch {
			case math.IsNaN(before):
				x.Added++
				x.note(&x.added, x.b, s, d, before, after)
			case before != after:
				x.change(s, d, before, after)
			}
		}
	}
}

// removals looks for the pairs of a that b lacks.
func (x *costComparison) removals() {
	index := x.b.indexOf(x.a.pids)
	n, m := len(x.a.pids), len(x.b.pids)
	for s := range n {
		for d, before := range x.a.cells[s*n : (s+1)*n] {
			if math.IsNaN(before) {
				continue
			}
			x.PairsBefore++
			if index[s] < 0 || index[d] < 0 || math.IsNaN(x.b.cells[int(index[s])*m+int(index[d])]) {
				x.Removed++
				x.note(&x.removed, x.a, s, d, before, NoCost())
			}
		}
	}
}

func (x *costComparison) note(list *[]PairChange, of *CostMatrix, s, d int, before, after float64) {
	if len(*list) < x.sample {
		*list = append(*list, PairChange{of.pids[s], of.pids[d], before, after})
	}
}

// change keeps the pairs that changed most: of those that changed alike the first.
func (x *costComparison) change(s, d int, before, after float64) {
	by := after - before
	if x.Changed == 0 {
		x.Least, x.Most = by, by
	}
	x.Changed++
	x.Least, x.Most, x.Mean = min(x.Least, by), max(x.Most, by), x.Mean+by
	if len(x.changed) < x.sample || x.sample == 0 {
		x.note(&x.changed, x.b, s, d, before, after)
		return
	}
	last := len(x.changed) - 1
	for i := last - 1; i >= 0; i-- {
		if x.changed[i].distance() < x.changed[last].distance() {
			last = i
		}
	}
	if math.Abs(by) > x.changed[last].distance() {
		x.changed = append(slices.Delete(x.changed, last, last+1), PairChange{x.b.pids[s], x.b.pids[d], before, after})
	}
}

func (p PairChange) distance() float64 { return math.Abs(p.After - p.Before) }

// indexOf returns where pids stand, -1 for one that does not.
func (m *CostMatrix) indexOf(pids []string) []int32 {
	list := make([]int32, len(pids))
	for i, pid := range pids {
		list[i] = -1
		if at, ok := m.index[pid]; ok {
			list[i] = at
		}
	}
	return list
}

// pairs is the number of cells that are not missing.
func (m *CostMatrix) pairs() (n int) {
	for _, c := range m.cells {
		if !math.IsNaN(c) {
			n++
		}
	}
	return n
}
