package driver

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/alto"
)

func TestSeconds(t *testing.T) {
	for s, want := range map[float64]time.Duration{1: time.Second, 0.1: 100 * time.Millisecond, 7200: 2 * time.Hour, 1.0001: time.Second + 100*time.Microsecond, 9e14: 1<<63 - 1} {
		if got := Seconds(s); got != want {
			t.Errorf("%g s are %v, want %v", s, got, want)
		}
	}
}

func TestCostRows(t *testing.T) {
	values, err := CostRows([]CostRow{{"a", "b", []float64{1, alto.NoCost()}}, {"b", "b", []float64{0, 2}}})
	if err != nil || len(values) != 2 {
		t.Fatalf("%d values, %v", len(values), err)
	}
	if c, ok := values[0].Cost("a", "b"); !ok || c != 1 {
		t.Errorf("cost from a to b is %v, %v", c, ok)
	}
	if _, ok := values[1].Cost("a", "b"); ok {
		t.Error("a cost that is missing")
	}
	var row *RowError
	if _, err := CostRows([]CostRow{{"a", "b", []float64{1, 2}}, {"b", "a", []float64{0}}}); !errors.As(err, &row) || row.Source != "b" || row.Destination != "a" {
		t.Errorf("rows of other lengths: %v", err)
	}
	for want, rows := range map[string][]CostRow{
		"has no costs": nil,
		"'.'":          {{"a.b", "a", []float64{1}}},
		"at most":      {{"a", "b", make([]float64, maxCalendarCells/4+1)}},
	} {
		if _, err := CostRows(rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
