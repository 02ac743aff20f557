package alto

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// scheduleOf makes a schedule with intervals of an hour over one PID, of patterns "START
// ITERATIONS VALUE…" whose starts are hours after scheduleZero.
func scheduleOf(t testing.TB, patterns ...string) *CostSchedule {
	t.Helper()
	var list []CostPattern
	for _, text := range patterns {
		words := strings.Fields(text)
		var start int
		p := CostPattern{}
		if _, err := fmt.Sscan(words[0]+" "+words[1], &start, &p.Iterations); err != nil {
			t.Fatal(err)
		}
		p.Start = at(float64(start))
		for _, w := range words[2:] {
			var v float64
			if _, err := fmt.Sscan(w, &v); err != nil {
				t.Fatal(err)
			}
			p.Values = append(p.Values, costs(t, []string{"a"}, v))
		}
		list = append(list, p)
	}
	s, err := NewCostSchedule(time.Hour, list...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var scheduleZero = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func at(hours float64) time.Time {
	return scheduleZero.Add(time.Duration(hours * float64(time.Hour)))
}

func startOf(c *CostCalendar) time.Time { return time.Unix(c.Start, 0) }

// describe writes a calendar as "START xREPEATED VALUE…".
func describe(c *CostCalendar) string {
	b := fmt.Sprintf("%v x%d", startOf(c).Sub(scheduleZero).Hours(), c.Repeated)
	for _, m := range c.Values {
		if m == nil {
			b += " -"
			continue
		}
		v, _ := m.Cost("a", "a")
		b += fmt.Sprint(" ", v)
	}
	return b
}

// TestSchedule has a routine and an exception to it: the first day of a week of days with
// four hours, the third of which is another.
func TestSchedule(t *testing.T) {
	week := []string{"0 7 1 2 3 4", "8 1 7 7 8 8"}
	for _, c := range []struct {
		name      string
		patterns  []string
		now       float64
		intervals int
		want      string
		current   string
		next      float64 // 0: never
	}{
		{"one pattern", []string{"0 1 1 2 3"}, 1.5, 3, "0 x1 1 2 3", "2", 2},
		{"begin of an interval", []string{"0 1 1 2 3"}, 1, 3, "0 x1 1 2 3", "2", 2},
		{"before", []string{"0 1 1 2 3"}, -0.5, 3, "-3 x1 - - -", "-", 0},
		{"after", []string{"0 1 1 2 3"}, 3, 3, "3 x1 - - -", "-", 0},
		{"repeated", []string{"0 5 1 2 3"}, 7.5, 3, "0 x5 1 2 3", "2", 8},
		{"repeated and longer", []string{"0 5 1 2"}, 7.5, 4, "0 x2 1 2 1 2", "2", 8},
		{"beyond the last whole one", []string{"0 5 1 2"}, 8.5, 4, "8 x1 1 2 - -", "1", 9},
		{"other length", []string{"0 2 1 2 3"}, 4.5, 2, "4 x1 2 3", "2", 5},
		{"nearly for ever", []string{"0 4294967295 1 2 3 4"}, 7.5, 4, "0 x640511 1 2 3 4", "4", 8},
		{"until the exception", week, 1.5, 4, "0 x2 1 2 3 4", "2", 2},
		{"the exception", week, 11.9, 4, "8 x1 7 7 8 8", "8", 12},
		{"after the exception", week, 13, 4, "12 x4 1 2 3 4", "2", 14},
		{"exception begins within", []string{"0 2 1 2 3 4", "6 1 9"}, 4, 4, "4 x1 1 2 9 4", "1", 5},
		{"exception ended within", []string{"0 3 1 2 3 4", "6 1 9"}, 7, 4, "4 x1 1 2 9 4", "4", 8},
		{"after it and whole again", []string{"0 3 1 2 3 4", "6 1 9"}, 8, 4, "8 x1 1 2 3 4", "1", 9},
		{"gap", []string{"0 1 1 2", "4 1 3 4"}, 2.5, 2, "2 x1 - -", "-", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scheduleOf(t, c.patterns...)
			if got := describe(s.Calendar(at(c.now), c.intervals)); got != c.want {
				t.Errorf("calendar %s, want %s", got, c.want)
			}
			current := "-"
			if m := s.At(at(c.now)); m != nil {
				v, _ := m.Cost("a", "a")
				current = fmt.Sprint(v)
			}
			if current != c.current {
				t.Errorf("current cost %s, want %s", current, c.current)
			}
			if next := s.Next(at(c.now)); c.next != 0 && !next.Equal(at(c.next)) {
				t.Errorf("next at %v, want %v", next, at(c.next))
			}
		})
	}
	if next := scheduleOf(t, "0 1 1 2 3").Next(at(3)); !next.IsZero() {
		t.Errorf("after the end it turns at %v", next)
	}
}

func TestScheduleErrors(t *testing.T) {
	m := costs(t, []string{"a"}, 1)
	good := CostPattern{Start: at(0), Iterations: 1, Values: []*CostMatrix{m}}
	with := func(f func(*CostPattern)) CostPattern {
		p := good
		f(&p)
		return p
	}
	for name, c := range map[string]struct {
		interval time.Duration
		patterns []CostPattern
		want     string
	}{
		"good":            {time.Second, []CostPattern{good, with(func(p *CostPattern) { p.Start = at(-1) })}, ""},
		"short interval":  {time.Second - 1, []CostPattern{good}, "a second"},
		"no pattern":      {time.Hour, nil, "no pattern"},
		"no values":       {time.Hour, []CostPattern{with(func(p *CostPattern) { p.Values = nil })}, "no values"},
		"no matrix":       {time.Hour, []CostPattern{with(func(p *CostPattern) { p.Values = []*CostMatrix{nil} })}, "no values"},
		"never":           {time.Hour, []CostPattern{with(func(p *CostPattern) { p.Iterations = 0 })}, "less than once"},
		"within interval": {time.Hour, []CostPattern{good, with(func(p *CostPattern) { p.Start = at(1.5) })}, "whole intervals"},
		"same start":      {time.Hour, []CostPattern{good, with(func(p *CostPattern) { p.Start = p.Start.In(time.FixedZone("", 3600)) })}, "two patterns"},
	} {
		_, err := NewCostSchedule(c.interval, c.patterns...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// TestScheduleProperties: a calendar has the costs of its intervals, holds as long as it
// says, and is not in the future; nothing is another before Next.
func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var patterns []string
		starts := rapid.SliceOfNDistinct(rapid.IntRange(-20, 60), 1, 4, rapid.ID[int]).Draw(r, "starts")
		for _, start := range starts {
			values := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 5).Draw(r, "values")
			patterns = append(patterns, fmt.Sprint(start, " ", rapid.IntRange(1, 9).Draw(r, "iterations"), " ", strings.Trim(fmt.Sprint(values), "[]")))
		}
		s := scheduleOf(t, patterns...)
		now, n := at(rapid.Float64Range(-40, 150).Draw(r, "now")), rapid.IntRange(1, 8).Draw(r, "intervals")
		c := s.Calendar(now, n)
		if length := time.Duration(n*c.Repeated) * time.Hour; startOf(c).After(now) || !startOf(c).Add(length).After(now) {
			r.Fatalf("%v is not within %s", now, describe(c))
		}
		for i := range n * c.Repeated {
			if want := s.At(startOf(c).Add(time.Duration(i) * time.Hour)); c.Values[i%n] != want {
				r.Fatalf("interval %d of %s", i, describe(c))
			}
		}
		next := s.Next(now)
		if next.IsZero() {
			return
		}
		if !next.After(now) || next.Sub(now) > time.Hour {
			r.Fatalf("next of %v is %v", now, next)
		}
		before := next.Add(-1)
		if s.At(before) != s.At(now) || !reflect.DeepEqual(s.Calendar(before, n), c) {
			r.Fatalf("%s is %s before %v", describe(c), describe(s.Calendar(before, n)), next)
		}
	})
}

// TestScheduleExtremes: times that are too long to count neither stop nor panic.
func TestScheduleExtremes(t *testing.T) {
	m := costs(t, []string{"a"}, 1)
	for _, interval := range []time.Duration{time.Second, 24 * time.Hour, 1<<63 - 1} {
		for _, start := range []time.Time{at(0), {}, time.Unix(1<<40, 0)} {
			s, err := NewCostSchedule(interval, CostPattern{Start: start, Iterations: 1<<32 - 1, Values: []*CostMatrix{m, m}})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{1, 2, MaxIntervals} {
				if c := s.Calendar(at(1), n); len(c.Values) != n || c.Repeated < 1 || c.Start > at(1).Unix() {
					t.Errorf("%d intervals of %v from %v: start %d, %d times", n, interval, start, c.Start, c.Repeated)
				}
			}
			if next := s.Next(at(1)); !next.IsZero() && !next.After(at(1)) {
				t.Errorf("next is %v", next)
			}
		}
	}
}

func TestScheduleTags(t *testing.T) {
	s := scheduleOf(t, "0 2 1 2", "8 1 3")
	if same := scheduleOf(t, "8 1 3", "0 2 1 2"); same.Tag() != s.Tag() {
		t.Error("the order of patterns makes another tag")
	}
	for _, other := range [][]string{{"0 2 1 2"}, {"0 3 1 2", "8 1 3"}, {"0 2 1 3", "8 1 3"}, {"0 2 1 2", "9 1 3"}} {
		if scheduleOf(t, other...).Tag() == s.Tag() {
			t.Errorf("%v has the same tag", other)
		}
	}
	if n := len(scheduleOf(t, "0 1 1 1 1 2 1", "9 1 2").Matrices()); n != 2 {
		t.Errorf("%d matrices are kept of two that differ", n)
	}
}
