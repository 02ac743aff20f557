package alto

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

var comparePrefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func TestCompareNetworkMaps(t *testing.T) {
	before := networkMap(t, "", "a 192.0.2.0/24 198.51.100.0/25", "b 198.51.100.128/25", "gone 203.0.113.0/24", "rest 0.0.0.0/0")
	after := networkMap(t, "", "a 192.0.2.0/24", "b 198.51.100.0/25 198.51.100.128/25", "new 192.0.2.0/28", "rest 0.0.0.0/0")
	want := NetworkMapChange{
		PIDsBefore: 4, PIDsAfter: 4, PIDsAdded: 1, PIDsRemoved: 1, PIDsChanged: 2,
		PrefixesBefore: 5, PrefixesAfter: 5, PrefixesAdded: 1, PrefixesRemoved: 1, PrefixesMoved: 1,
		PIDs: []PIDChange{{"a", 2, 1}, {"b", 1, 2}, {"gone", 1, -1}, {"new", -1, 1}},
		Prefixes: []PrefixChange{
			{prefix("198.51.100.0/25"), Changed, "a", "b"},
			{prefix("203.0.113.0/24"), Removed, "gone", "rest"},
			{prefix("192.0.2.0/28"), Added, "a", "new"},
		},
	}
	if diff := cmp.Diff(want, CompareNetworkMaps(before, after, 10), comparePrefixes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want.PIDs, want.Prefixes = want.PIDs[:2], want.Prefixes[:2]
	if diff := cmp.Diff(want, CompareNetworkMaps(before, after, 2), comparePrefixes); diff != "" {
		t.Errorf("sample of two (-want +got):\n%s", diff)
	}
	same := NetworkMapChange{PIDsBefore: 4, PIDsAfter: 4, PrefixesBefore: 5, PrefixesAfter: 5}
	if diff := cmp.Diff(same, CompareNetworkMaps(before, before, 2), comparePrefixes, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the same map (-want +got):\n%s", diff)
	}
	made := CompareNetworkMaps(nil, after, 1)
	if made.PIDsAdded != 4 || made.PrefixesAdded != 5 || made.PIDsBefore != 0 || made.Prefixes[0].Before != "" {
		t.Errorf("a new map: %+v", made)
	}
	gone := CompareNetworkMaps(before, nil, 1)
	if gone.PIDsRemoved != 4 || gone.PrefixesRemoved != 5 || gone.PIDsAfter != 0 || gone.Prefixes[0].After != "" {
		t.Errorf("a map that is gone: %+v", gone)
	}
}

func TestCompareCosts(t *testing.T) {
	before := costs(t, []string{"a", "b", "c"}, 1, 2, 3, 4, 5, -1, 7, 8, 9)
	after := costs(t, []string{"c", "a", "d"}, 9, 17, 1, 3.5, 1, -1, -1, -1, 0)
	// a-a 1, a-b 2, a-c 3, b-a 4, b-b 5, c-a 7, c-b 8, c-c 9, then
	// c-c 9, c-a 17, c-d 1, a-c 3.5, a-a 1, d-d 0.
	got := CompareCosts(before, after, 4)
	want := CostChange{
		PairsBefore: 8, PairsAfter: 6, Added: 2, Removed: 4, Changed: 2, Least: 0.5, Most: 10, Mean: 5.25,
		Pairs: []PairChange{{"c", "a", 7, 17}, {"a", "c", 3, 3.5}, {"a", "b", 2, NoCost()}, {"b", "a", 4, NoCost()}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if share := got.Share(); share != 0.8 {
		t.Errorf("share %g, want 8 of 10 pairs", share)
	}
	same := CompareCosts(before, costs(t, []string{"a", "b", "c"}, 1, 2, 3, 4, 5, -1, 7, 8, 9), 4)
	if diff := cmp.Diff(CostChange{PairsBefore: 8, PairsAfter: 8}, same, cmpopts.EquateEmpty()); diff != "" || same.Share() != 0 {
		t.Errorf("the same costs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(CompareCosts(before, before, 4), same, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("one matrix (-want +got):\n%s", diff)
	}
	if c := CompareCosts(nil, before, 0); c.Added != 8 || c.Share() != 1 || len(c.Pairs) != 0 {
		t.Errorf("new costs: %+v", c)
	}
	if c := CompareCosts(nil, nil, 3); c.Share() != 0 {
		t.Errorf("no costs: %+v", c)
	}
}

// TestCostSample demands the greatest changes, whatever order they come in.
func TestCostSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "pids")
		pids := make([]string, n)
		for i := range pids {
			pids[i] = "p" + strconv.Itoa(i)
		}
		draw := func(label string) *CostMatrix {
			cells := make([]float64, n*n)
			for i, v := range rapid.SliceOfN(rapid.IntRange(-1, 9), n*n, n*n).Draw(t, label) {
				if cells[i] = float64(v); v < 0 {
					cells[i] = NoCost()
				}
			}
			m, err := NewCostMatrix(slices.Clone(pids), cells)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		a, b := draw("before"), draw("after")
		all, some := CompareCosts(a, b, n*n), CompareCosts(a, b, 3)
		if len(all.Pairs) != all.Added+all.Removed+all.Changed || len(some.Pairs) != min(3, len(all.Pairs)) {
			t.Fatalf("%d and %d pairs of %+v", len(all.Pairs), len(some.Pairs), all)
		}
		for i, p := range some.Pairs {
			if d, e := p.distance(), all.Pairs[i].distance(); d != e && !(math.IsNaN(d) && math.IsNaN(e)) {
				t.Fatalf("pair %d of the sample changed by %g, of all by %g", i, d, e)
			}
		}
		if all.PairsAfter != all.PairsBefore+all.Added-all.Removed {
			t.Fatalf("%+v does not add up", all)
		}
	})
}

func TestComparePropertyMaps(t *testing.T) {
	before := properties(t, "ipv4 192.0.2.1 a=1", "ipv4 192.0.2.2 a=1", "pid x b=2")
	after := properties(t, "ipv4 192.0.2.1 a=2", "ipv4 192.0.2.3 a=1", "pid x b=2")
	want := PropertyMapChange{
		EntitiesBefore: 3, EntitiesAfter: 3, Added: 1, Removed: 1, Changed: 1,
		Entities: []EntityChange{{"ipv4:192.0.2.1", Changed}, {"ipv4:192.0.2.3", Added}, {"ipv4:192.0.2.2", Removed}},
	}
	if diff := cmp.Diff(want, ComparePropertyMaps(before, after, 3)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := ComparePropertyMaps(nil, after, 1); c.Added != 3 || len(c.Entities) != 1 {
		t.Errorf("a new map: %+v", c)
	}
	if c := ComparePropertyMaps(before, nil, 1); c.Removed != 3 {
		t.Errorf("a map that is gone: %+v", c)
	}
}
