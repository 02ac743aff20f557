package driver

import (
	"slices"

	"github.com/altoam/altoam/alto"
)

// InMode returns costs of a cost mode that numerical ones imply: themselves, or their ranks
// for the ordinal mode.
func InMode(mode string, m *alto.CostMatrix) *alto.CostMatrix {
	if mode == alto.ModeOrdinal {
		return Ranked(m)
	}
	return m
}

// Ranked returns the ordinal costs that numerical ones imply (RFC 7285 Section
// 6.1.2): the lowest cost has rank 1, equal costs have equal ranks, missing ones
// stay missing. Cost: n·log n for n pairs.
func Ranked(m *alto.CostMatrix) *alto.CostMatrix {
	pids := m.PIDs()
	n := len(pids)
	cells := alto.NewCosts(n)
	var values []float64
	for s, source := range pids {
		for d, destination := range pids {
			if c, ok := m.Cost(source, destination); ok {
				cells[s*n+d] = c
				values = append(values, c)
			}
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	for i, c := range cells {
		if c == c { // not missing
			rank, _ := slices.BinarySearch(values, c)
			cells[i] = float64(rank + 1)
		}
	}
	ranked, err := alto.NewCostMatrix(slices.Clone(pids), cells)
	if err != nil {
		panic(err) // the names are those of a matrix, the cells are finite
	}
	return ranked
}
