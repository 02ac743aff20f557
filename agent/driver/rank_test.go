package driver

import (
	"testing"

	"github.com/altoam/altoam/alto"
	"pgregory.net/rapid"
)

func TestRanked(t *testing.T) {
	m, err := alto.NewCostMatrix([]string{"a", "b"}, []float64{0, 7.5, -3, alto.NoCost()})
	if err != nil {
		t.Fatal(err)
	}
	r := Ranked(m)
	for _, c := range []struct {
		source, destination string
		want                float64
	}{{"a", "a", 2}, {"a", "b", 3}, {"b", "a", 1}} {
		if got, ok := r.Cost(c.source, c.destination); !ok || got != c.want {
			t.Errorf("rank from %s to %s is %v, %v, want %v", c.source, c.destination, got, ok, c.want)
		}
	}
	if _, ok := r.Cost("b", "b"); ok {
		t.Error("a missing cost has a rank")
	}
}

// TestRankedOrder: ranks are in the order of the costs, without gaps, from 1.
func TestRankedOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.Float64Range(-10, 10), 9, 9).Draw(t, "cells")
		pids := []string{"a", "b", "c"}
		m, err := alto.NewCostMatrix(pids, cells)
		if err != nil {
			t.Fatal(err)
		}
		r := Ranked(m)
		seen, highest := map[float64]bool{}, 0.0
		for i, x := range cells {
			rx, _ := r.Cost(pids[i/3], pids[i%3])
			seen[rx], highest = true, max(highest, rx)
			for j, y := range cells {
				ry, _ := r.Cost(pids[j/3], pids[j%3])
				if (x < y) != (rx < ry) {
					t.Fatalf("costs %v and %v have ranks %v and %v", x, y, rx, ry)
				}
			}
		}
		if int(highest) != len(seen) || seen[0] {
			t.Fatalf("ranks are %v", seen)
		}
	})
}
