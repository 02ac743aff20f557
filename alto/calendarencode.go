package alto

import "math"

// appendCalendarMeta appends "calendar-response-attributes" (RFC 8896 Section 5.1.2); the
// names of cost types are there where the answer has more than one.
func (c costChoice) appendCalendarMeta(b []byte) []byte {
	var list []CalendarOffer
	for i, calendar := range c.calendars {
		if calendar != nil {
			list = append(list, CalendarOffer{c.offers[i].CostType, calendar})
		}
	}
	if list == nil {
		return b
	}
	alike := func(x, y *CostCalendar) bool {
		return x.Start == y.Start && x.Interval == y.Interval && len(x.Values) == len(y.Values) && x.Repeated == y.Repeated
	}
	return appendGroups(append(b, `,"calendar-response-attributes":`...), list, alike, func(b []byte, names []string, of *CostCalendar) []byte {
		if c.multi {
			b = append(appendStrings(append(b, `"cost-type-names":`...), names), ',')
		}
		return of.appendTimes(b)
	})
}

// calendarTable is a calendar with where sources and destinations stand in each of its
// matrices, -1 where they do not.
type calendarTable struct {
	values   []*CostMatrix
	from, to [][]int32
}

// calendarTables returns those of a choice by cost type, nil where the current cost is
// asked for.
func (c costChoice) calendarTables(srcs, dsts []location) []*calendarTable {
	tables := make([]*calendarTable, len(c.offers))
	for i, calendar := range c.calendars {
		if calendar == nil {
			continue
		}
		t := &calendarTable{values: calendar.Values, from: make([][]int32, len(calendar.Values)), to: make([][]int32, len(calendar.Values))}
		known := make(map[*CostMatrix]int)
		for k, m := range calendar.Values {
			if m == nil {
				continue
			}
			if first, ok := known[m]; ok {
				t.from[k], t.to[k] = t.from[first], t.to[first]
				continue
			}
			known[m] = k
			t.from[k], t.to[k] = locate(m.index, srcs), locate(m.index, dsts)
		}
		tables[i] = t
	}
	return tables
}

// append appends the array of the values of a pair; where none is known it appends null
// and ok is false.
func (t *calendarTable) append(b []byte, s, d int) (_ []byte, ok bool) {
	mark := len(b)
	b = append(b, '[')
	for k, m := range t.values {
		if k > 0 {
			b = append(b, ',')
		}
		cost := math.NaN()
		if m != nil && t.from[k][s] >= 0 && t.to[k][d] >= 0 {
			cost = m.cell(t.from[k][s], t.to[k][d])
		}
		if math.IsNaN(cost) {
			b = append(b, "null"...)
			continue
		}
		ok = true
		b = appendNumber(b, cost)
	}
	if !ok {
		return append(b[:mark], "null"...), false
	}
	return append(b, ']'), true
}

// depth is how many values of a cost type an answer has for a pair, at most.
func (c costChoice) depth() int {
	n := 1
	for _, calendar := range c.calendars {
		if calendar != nil {
			n = max(n, len(calendar.Values))
		}
	}
	return n
}
