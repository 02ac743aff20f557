package alto

import "math"

// location is a source or destination of costs: the key of the response and the
// PID whose costs it has.
type location struct {
	key  string
	pid  string
	ipv6 bool // of an endpoint
}

// appendCostMeta appends "cost-type" and, for a multi-cost request, the
// "multi-cost-types" of RFC 8189 Section 4.1.3.
func (c costChoice) appendMeta(b []byte) []byte {
	b = append(b, `"cost-type":`...)
	if !c.multi {
		return c.appendCalendarMeta(appendCostType(b, c.types[0], false))
	}
	b = append(b, `{},"multi-cost-types":[`...)
	for i, t := range c.types {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCostType(b, t, false)
	}
	return c.appendCalendarMeta(append(b, ']'))
}

// appendCosts appends the object of objects of RFC 7285 Section 11.2.3.6: the
// costs of all pairs that the constraints let pass. A pair without cost is left
// out; in a multi-cost answer a missing cost is null unless all are missing.
func (c costChoice) appendCosts(b []byte, srcs, dsts []location) []byte {
	from, to, calendars := c.indices(srcs), c.indices(dsts), c.calendarTables(srcs, dsts)
	b = append(b, '{')
	first := true
	for s, src := range srcs {
		row := len(b)
		for d, dst := range dsts {
			if c.sameFamily && src.ipv6 != dst.ipv6 || !c.where.hold(src.pid, dst.pid) {
				continue
			}
			mark := len(b)
			if mark == row {
				if !first {
					b = append(b, ',')
				}
				b = append(appendString(b, src.key), ':', '{')
			} else {
				b = append(b, ',')
			}
			b = append(appendString(b, dst.key), ':')
			var ok bool
			if b, ok = c.appendCost(b, from, to, calendars, s, d); !ok {
				b = b[:mark]
			}
		}
		if len(b) > row {
			b = append(b, '}')
			first = false
		}
	}
	return append(b, '}')
}

// appendCost appends the cost of one pair; ok is false where there is none.
func (c costChoice) appendCost(b []byte, from, to [][]int32, calendars []*calendarTable, s, d int) (_ []byte, ok bool) {
	if c.multi {
		b = append(b, '[')
	}
	for i, o := range c.offers {
		if i > 0 {
			b = append(b, ',')
		}
		if o.Costs == nil {
			var found bool
			b, found = c.appendPath(b, from[i][s], to[i][d])
			ok = ok || found
			continue
		}
		if calendars[i] != nil {
			var some bool
			b, some = calendars[i].append(b, s, d)
			ok = ok || some
			continue
		}
		cost := math.NaN()
		if si, di := from[i][s], to[i][d]; si >= 0 && di >= 0 {
			cost = o.Costs.cell(si, di)
		}
		if math.IsNaN(cost) {
			b = append(b, "null"...)
			continue
		}
		ok = true
		b = appendNumber(b, cost)
	}
	if c.multi {
		b = append(b, ']')
	}
	return b, ok
}

// indices maps the locations into each offer's matrix, -1 where it lacks the PID.
func (c costChoice) indices(list []location) [][]int32 {
	all := make([][]int32, len(c.offers))
	for i, o := range c.offers {
		all[i] = locate(c.indexOf(o), list)
	}
	return all
}

// locate finds the PIDs of a list, -1 for those that are not known.
func locate(index map[string]int32, list []location) []int32 {
	at := make([]int32, len(list))
	for j, l := range list {
		at[j] = -1
		if n, ok := index[l.pid]; ok {
			at[j] = n
		}
	}
	return at
}
