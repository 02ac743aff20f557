package alto

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLatencyBounds(t *testing.T) {
	for i, want := range map[int]time.Duration{-1: 0, 0: 953, 4: 1907, 80: time.Second, 84: 2 * time.Second, 128: 4096 * time.Second, 129: math.MaxInt64} {
		if got := LatencyBound(i); got != want {
			t.Errorf("bound %d is %s, want %s", i, got, want)
		}
	}
	var l Latency
	for _, d := range []time.Duration{time.Second, time.Second + 1, -5, 5000 * time.Second} {
		l.add(d)
	}
	for i, want := range map[int]uint64{-1: 0, 0: 1, 79: 1, 80: 2, 81: 3, 128: 3, 129: 4} {
		if got := l.Within(i); got != want {
			t.Errorf("%d answers within %s, want %d", got, LatencyBound(i), want)
		}
	}
	if l.Sum != 5002*time.Second+1 || l.Count != 4 {
		t.Errorf("sum %s, count %d", l.Sum, l.Count)
	}
	var none Latency
	if none.Quantile(0.5) != 0 || none.Within(200) != 0 {
		t.Error("a histogram without answers has some")
	}
}

// TestLatencyQuantiles compares with the sorted list, and demands that parts add up.
func TestLatencyQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(0, 10_000_000_000), 1, 50).Draw(t, "took")
		var one, a, b Latency
		for i, d := range list {
			one.add(time.Duration(d))
			if i%2 == 0 {
				a.add(time.Duration(d))
			} else {
				b.add(time.Duration(d))
			}
		}
		a.sum(&b)
		slices.Sort(list)
		for _, share := range []float64{0, 0.25, 0.5, 0.95, 1} {
			exact := list[max(0, int(math.Ceil(share*float64(len(list))))-1)]
			got := one.Quantile(share)
			if got < time.Duration(exact) || float64(got) > max(954, float64(exact)*1.19) {
				t.Fatalf("quantile %g is %s, exactly %s", share, got, time.Duration(exact))
			}
			if both := a.Quantile(share); both != got {
				t.Fatalf("quantile %g is %s in one, %s in two parts", share, got, both)
			}
		}
	})
}
