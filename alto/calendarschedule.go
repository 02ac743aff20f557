package alto

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// CostPattern is the costs of some intervals in a row, and how many times they come one
// after the other.
type CostPattern struct {
	Start      time.Time // of the first interval
	Iterations int       // at least 1
	Values     []*CostMatrix
}

// CostSchedule is the costs of one cost type over time: patterns that are cut into
// intervals of the same length. Of patterns that overlap the one that starts last is in
// force, so that an exception takes the place of a routine for its time. It is immutable
// and safe for concurrent use.
type CostSchedule struct {
	interval time.Duration
	patterns []pattern // by start
	tag      string
}

type pattern struct {
	CostPattern
	end time.Time
}

// NewCostSchedule takes patterns in any order; equal matrices come to share memory. The
// error tells which rule is broken: an interval is a second at least, a pattern has values
// and a start of its own, starts are whole intervals apart.
func NewCostSchedule(interval time.Duration, patterns ...CostPattern) (*CostSchedule, error) {
	if interval < time.Second {
		return nil, fmt.Errorf("an interval of a calendar is %v long, expected a second at least", interval)
	}
	if len(patterns) == 0 {
		return nil, fmt.Errorf("the calendar has no pattern")
	}
	s := &CostSchedule{interval: interval}
	shared := make(map[string]*CostMatrix)
	for _, p := range patterns {
		start := p.Start.UTC().Format(time.RFC3339)
		if len(p.Values) == 0 || p.Iterations < 1 || slices.Contains(p.Values, nil) {
			return nil, fmt.Errorf("the pattern that starts at %s has no values, or comes less than once", start)
		}
		if p.Start.Sub(patterns[0].Start)%interval != 0 {
			return nil, fmt.Errorf("the pattern that starts at %s does not start whole intervals of %v after the others", start, interval)
		}
		values := make([]*CostMatrix, len(p.Values))
		for i, m := range p.Values {
			if shared[m.tag] == nil {
				shared[m.tag] = m
			}
			values[i] = shared[m.tag]
		}
		p.Values = values
		s.patterns = append(s.patterns, pattern{p, p.Start.Add(times(interval, len(p.Values), p.Iterations))})
	}
	slices.SortFunc(s.patterns, func(a, b pattern) int { return a.Start.Compare(b.Start) })
	for i, p := range s.patterns[1:] {
		if p.Start.Equal(s.patterns[i].Start) {
			return nil, fmt.Errorf("two patterns start at %s", p.Start.UTC().Format(time.RFC3339))
		}
	}
	s.tag = s.hash()
	return s, nil
}

// Join returns the schedule with the patterns of both. The error is that of
// NewCostSchedule, or that the intervals differ.
func (s *CostSchedule) Join(o *CostSchedule) (*CostSchedule, error) {
	if s.interval != o.interval {
		return nil, fmt.Errorf("intervals are %v long here and %v there", o.interval, s.interval)
	}
	var patterns []CostPattern
	for _, p := range slices.Concat(s.patterns, o.patterns) {
		patterns = append(patterns, p.CostPattern)
	}
	return NewCostSchedule(s.interval, patterns...)
}

// times multiplies, to 292 years at most.
func times(interval time.Duration, a, b int) time.Duration {
	if float64(interval)*float64(a)*float64(b) >= math.MaxInt64 {
		return math.MaxInt64
	}
	return interval * time.Duration(a) * time.Duration(b)
}

func (s *CostSchedule) hash() string {
	h := sha256.New()
	for _, p := range s.patterns {
		for _, n := range []int64{int64(s.interval), p.Start.UnixNano(), int64(p.Iterations), int64(len(p.Values))} {
			h.Write(append(strconv.AppendInt(nil, n, 10), 0))
		}
		for _, m := range p.Values {
			h.Write(append([]byte(m.tag), 0))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Tag identifies the content.
func (s *CostSchedule) Tag() string { return s.tag }

// Interval is the length of the intervals.
func (s *CostSchedule) Interval() time.Duration { return s.interval }

// Patterns returns the patterns by start; their values must not be modified.
func (s *CostSchedule) Patterns() []CostPattern {
	list := make([]CostPattern, len(s.patterns))
	for i, p := range s.patterns {
		list[i] = p.CostPattern
	}
	return list
}

// Matrices lists the costs of all intervals, each once.
func (s *CostSchedule) Matrices() []*CostMatrix {
	var all []*CostMatrix
	for _, p := range s.patterns {
		all = append(all, p.Values...)
	}
	return distinct(all)
}

// At returns the costs at a moment, nil where no pattern is in force.
func (s *CostSchedule) At(t time.Time) *CostMatrix {
	p := s.inForce(t)
	if p == nil {
		return nil
	}
	return p.Values[int(t.Sub(p.Start)/s.interval)%len(p.Values)]
}

func (s *CostSchedule) inForce(t time.Time) *pattern {
	for i := len(s.patterns) - 1; i >= 0; i-- {
		if p := &s.patterns[i]; !t.Before(p.Start) && t.Before(p.end) {
			return p
		}
	}
	return nil
}

// Next returns when At or a Calendar of now is another, as seen from t: the beginning of
// the next interval. It is the zero time where all patterns are over.
func (s *CostSchedule) Next(t time.Time) time.Time {
	for _, p := range s.patterns {
		if t.Before(p.end) {
			return floorTo(t, s.patterns[0].Start, s.interval).Add(s.interval)
		}
	}
	return time.Time{}
}

// floorTo returns the last of the moments at or before t that are whole steps away from
// origin.
func floorTo(t, origin time.Time, step time.Duration) time.Time {
	past := t.Sub(origin) % step
	if past < 0 {
		past += step
	}
	return t.Add(-past)
}

// Calendar returns the costs of so many intervals around t. It starts at the beginning of
// the pattern in force, or whole calendars after it, so that it is the same until it is
// over; one that is repeated starts where the repetition does. Cost is that of the number
// of intervals, 1 to MaxIntervals, and of the patterns.
func (s *CostSchedule) Calendar(t time.Time, intervals int) *CostCalendar {
	p, size := s.inForce(t), times(s.interval, intervals, 1)
	origin := s.patterns[0].Start
	if p != nil {
		origin = p.Start
	}
	start, repeated := floorTo(t, origin, size), 1
	if p != nil && intervals%len(p.Values) == 0 {
		since, until := s.span(p, t)
		first := floorTo(since.Add(size-1), origin, size)
		if !first.After(start) && !start.Add(size).After(until) {
			start, repeated = first, int(until.Sub(first)/size)
		}
	}
	values := make([]*CostMatrix, intervals)
	for i, at := 0, start; i < intervals; i, at = i+1, at.Add(s.interval) {
		values[i] = s.At(at)
	}
	return &CostCalendar{Start: start.Unix(), Interval: s.interval, Values: values, Repeated: repeated}
}

// span returns from when until when p is in force around t.
func (s *CostSchedule) span(p *pattern, t time.Time) (since, until time.Time) {
	since, until = p.Start, p.end
	for _, q := range s.patterns {
		switch {
		case !q.Start.After(p.Start):
		case q.Start.After(t):
			if q.Start.Before(until) {
				until = q.Start
			}
		case q.end.After(since):
			since = q.end
		}
	}
	return since, until
}
