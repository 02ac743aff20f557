package alto

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"time"
)

// MaxIntervals bounds the intervals of a CostCalendar.
const MaxIntervals = 10_000

// CostCalendar is the costs of one cost type over a row of intervals of the same length
// (RFC 8896 Section 3.1), as a CostSchedule has them at some moment. It must not be
// modified.
type CostCalendar struct {
	Start    int64 // of the first interval, in seconds since 1970
	Interval time.Duration
	Values   []*CostMatrix // by interval; nil: no cost is known
	Repeated int           // how many times in a row the values are the same, this one included
}

// matrices are those of the values, each once.
func (c *CostCalendar) matrices() []*CostMatrix { return distinct(c.Values) }

func distinct(values []*CostMatrix) (list []*CostMatrix) {
	for i, m := range values {
		if m != nil && (i == 0 || m != values[i-1]) && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// appendVersion appends a digest of what differs when an answer with a calendar does.
func (c CostCapabilities) appendVersion(b []byte) []byte {
	if len(c.Calendars) == 0 {
		return b
	}
	h := sha256.New()
	for _, o := range c.Calendars {
		h.Write(o.Calendar.appendTimes(appendString(nil, o.CostType)))
		for _, m := range o.Calendar.Values {
			if m != nil {
				h.Write([]byte(m.tag))
			}
			h.Write([]byte{0})
		}
	}
	return h.Sum(b)
}

// appendTimes appends the members of CalendarResponseAttributes but for the names (RFC
// 8896 Section 5.1.2).
func (c *CostCalendar) appendTimes(b []byte) []byte {
	b = append(b, `"calendar-start-time":"`...)
	b = append(time.Unix(c.Start, 0).UTC().AppendFormat(b, http.TimeFormat), '"', ',')
	b = appendIntervals(b, c.Interval, len(c.Values))
	if c.Repeated > 1 {
		b = appendNumber(append(b, `,"repeated":`...), float64(c.Repeated))
	}
	return b
}

// appendIntervals appends what the IRD tells of a calendar too (RFC 8896 Section 4.1).
func appendIntervals(b []byte, interval time.Duration, number int) []byte {
	b = appendNumber(append(b, `"time-interval-size":`...), interval.Seconds())
	return appendNumber(append(b, `,"number-of-intervals":`...), float64(number))
}
