package driver

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/altoam/altoam/alto"
)

// Seconds returns the time that a decimal64 with four fraction digits stands for.
func Seconds(s float64) time.Duration {
	const digit = 100 * time.Microsecond
	if s >= math.MaxInt64/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(math.Round(s*float64(time.Second/digit))) * digit
}

// CostRow holds the costs between two PIDs in the intervals of a pattern; alto.NoCost is
// one that is not known.
type CostRow struct {
	Source, Destination string
	Values              []float64
}

// RowError tells which row is at fault.
type RowError struct {
	Source, Destination string
	Reason              string
}

func (e *RowError) Error() string { return e.Reason }

// maxCalendarCells bounds the memory of the matrices of a pattern: a quarter of a
// gigabyte.
const maxCalendarCells = 1 << 25

// CostRows returns the costs of each interval, over the PIDs that rows name. No two rows
// are of the same PIDs. The error is a *RowError for a row with another number of values
// than the first, else that of the matrices, or that they would be too large.
func CostRows(rows []CostRow) ([]*alto.CostMatrix, error) {
	index := make(map[string]int)
	var pids []string
	for _, row := range rows {
		for _, pid := range []string{row.Source, row.Destination} {
			if _, known := index[pid]; !known {
				index[pid] = 0
				pids = append(pids, pid)
			}
		}
		if len(row.Values) != len(rows[0].Values) {
			return nil, &RowError{row.Source, row.Destination, fmt.Sprintf("the costs from PID %q to PID %q are %d, those from PID %q to PID %q are %d, expected as many",
				row.Source, row.Destination, len(row.Values), rows[0].Source, rows[0].Destination, len(rows[0].Values))}
		}
	}
	slices.Sort(pids)
	for i, pid := range pids {
		index[pid] = i
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("a calendar has no costs")
	}
	if cells := len(pids) * len(pids) * len(rows[0].Values); cells > maxCalendarCells {
		return nil, fmt.Errorf("a calendar of %d intervals between %d PIDs has %d costs, expected %d at most", len(rows[0].Values), len(pids), cells, maxCalendarCells)
	}
	values := make([]*alto.CostMatrix, len(rows[0].Values))
	for i := range values {
		cells := alto.NewCosts(len(pids))
		for _, row := range rows {
			cells[index[row.Source]*len(pids)+index[row.Destination]] = row.Values[i]
		}
		var err error
		if values[i], err = alto.NewCostMatrix(pids, cells); err != nil {
			return nil, err
		}
	}
	return values, nil
}
