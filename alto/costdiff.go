package alto

import (
	"math"
	"slices"
)

// diff compares cell by cell, which is the cost.
func (m *CostMatrix) diff(w *patchWriter, prev data) {
	x := costDiff{w: w, prev: prev.(*CostMatrix), next: m, names: m.names()}
	x.same = slices.Equal(x.prev.pids, m.pids)
	if x.prevNames = x.names; !x.same {
		x.prevNames = x.prev.names()
		x.before, x.after = x.prev.indexOf(m.pids), m.indexOf(x.prev.pids)
	}
	w.enter([]byte(`"cost-map"`))
	defer w.leave()
	for s := range m.pids {
		if w.hopeless() {
			return
		}
		x.row(s)
	}
	for s := range x.after {
		if x.after[s] < 0 && anyCost(x.prev.row(s)) {
			w.remove(x.prevNames[s])
		}
	}
}

// leastSize supposes that each cost is one digit.
func (m *CostMatrix) leastSize() int {
	shortest := math.MaxInt
	for _, pid := range m.pids {
		shortest = min(shortest, len(pid))
	}
	pairs := m.pairs()
	if pairs == 0 {
		return len(`"cost-map":{}}`)
	}
	return pairs * (shortest + len(`"":0,`))
}

// costDiff is the comparison of two matrices.
type costDiff struct {
	w                *patchWriter
	prev, next       *CostMatrix
	names, prevNames [][]byte // of the PIDs of next and of prev
	same             bool     // both have the same PIDs; before and after are nil then
	before, after    []int32  // where the PIDs of next are in prev, and the other way round; -1: nowhere
	value            []byte
}

// row compares the costs from a PID.
func (x *costDiff) row(s int) {
	next, before := x.next.row(s), s
	if !x.same {
		before = int(x.before[s])
	}
	var prev []float64
	if before >= 0 {
		prev = x.prev.row(before)
	}
	had, has := anyCost(prev), anyCost(next)
	switch {
	case had && has:
		x.w.enter(x.names[s])
		x.cells(prev, next)
		x.w.leave()
	case had:
		x.w.remove(x.names[s])
	case has:
		x.value, _ = x.next.appendRow(x.value[:0], x.names, s)
		x.w.put(x.names[s], x.value, false)
	}
}

func (x *costDiff) cells(prev, next []float64) {
	if x.same {
		for d, c := range next {
			if before := prev[d]; c != before {
				x.cell(d, before, c)
			}
		}
		return
	}
	for d, c := range next {
		before := math.NaN()
		if i := x.before[d]; i >= 0 {
			before = prev[i]
		}
		if c != before {
			x.cell(d, before, c)
		}
	}
	for d, before := range prev {
		if x.after[d] < 0 && !math.IsNaN(before) {
			x.w.remove(x.prevNames[d])
		}
	}
}

// cell is about two costs that differ, or lack both.
func (x *costDiff) cell(d int, before, after float64) {
	had, has := !math.IsNaN(before), !math.IsNaN(after)
	switch {
	case has:
		x.value = appendNumber(x.value[:0], after)
		x.w.put(x.names[d], x.value, had)
	case had:
		x.w.remove(x.names[d])
	}
}

func anyCost(row []float64) bool {
	return slices.ContainsFunc(row, func(c float64) bool { return !math.IsNaN(c) })
}
