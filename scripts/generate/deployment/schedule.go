package deployment

import (
	"fmt"
	"math"
)

// A day of a schedule has parts, all as long.
const (
	partsOfDay  = 4
	partSeconds = 86400 / partsOfDay
)

// calendar is what a resource offers of a schedule of a cost type (RFC 8896).
func calendar(name string) object {
	return object{"cost-type-name": []string{name}, "time-interval-size": fmt.Sprintf("%d.0", partSeconds), "number-of-intervals": partsOfDay}
}

// schedule is a calendar around the costs of a table, for each day of a hundred years: more
// at night.
func (n *Network) schedule(table Table) []byte {
	costs := make(object)
	for i, row := range table.Value {
		to := make(object)
		for j, value := range row {
			if !math.IsNaN(value) {
				to[n.PIDs[j].Name] = []float64{math.Round(value * 1.5), value, math.Round(value / 2), value}
			}
		}
		costs[n.PIDs[i].Name] = to
	}
	return marshal(object{"cost-map": costs, "meta": object{
		"cost-type": object{"cost-mode": table.Mode, "cost-metric": table.Metric},
		"calendar-response-attributes": []object{{
			"calendar-start-time": "Thu, 01 Jan 2026 00:00:00 GMT", "time-interval-size": partSeconds, "number-of-intervals": partsOfDay, "repeated": 36525,
		}},
	}})
}
