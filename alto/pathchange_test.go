package alto

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// comparedPaths has paths written SOURCE-DESTINATION:ANE,ANE over some PIDs.
func comparedPaths(t rapid.TB, pids string, lines ...string) *PathMatrix {
	t.Helper()
	b, err := NewPathBuilder(strings.Split(pids, " "))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		pair, on, _ := strings.Cut(line, ":")
		source, destination, _ := strings.Cut(pair, "-")
		var anes []string
		if on != "" {
			anes = strings.Split(on, ",")
		}
		if err := b.Add(source, destination, anes); err != nil {
			t.Fatal(err)
		}
	}
	return b.Build()
}

func TestComparePaths(t *testing.T) {
	base := comparedPaths(t, "a b", "a-b:x,y", "b-a:y", "a-a:")
	slow, fast := properties(t, ".ane y v=1", ".ane z v=1"), properties(t, ".ane y v=2", ".ane z v=1", "ipv4 192.0.2.1 v=3")
	for _, c := range []struct {
		name          string
		before, after *PathMatrix
		anes          [2]*PropertyMap
		want          PathChange
	}{
		{"nothing", nil, nil, [2]*PropertyMap{}, PathChange{}},
		{"all new", nil, base, [2]*PropertyMap{}, PathChange{PairsAfter: 3, Added: 3}},
		{"all gone", base, nil, [2]*PropertyMap{}, PathChange{PairsBefore: 3, Removed: 3}},
		{"the same", base, base, [2]*PropertyMap{slow, slow}, PathChange{PairsBefore: 3, PairsAfter: 3}},
		{"other names and order", base, comparedPaths(t, "c b a", "b-a:y", "a-a:", "a-b:x,y", "c-c:q"), [2]*PropertyMap{}, PathChange{PairsBefore: 3, PairsAfter: 4, Added: 1}},
		{"another order of elements", base, comparedPaths(t, "a b", "a-b:y,x", "b-a:y", "a-a:"), [2]*PropertyMap{}, PathChange{PairsBefore: 3, PairsAfter: 3, Changed: 1}},
		{"shorter, empty to one, gone", base, comparedPaths(t, "a b", "a-b:x", "a-a:x"), [2]*PropertyMap{}, PathChange{PairsBefore: 3, PairsAfter: 2, Changed: 2, Removed: 1}},
		{"a PID is gone", base, comparedPaths(t, "a", "a-a:"), [2]*PropertyMap{}, PathChange{PairsBefore: 3, PairsAfter: 1, Removed: 2}},
		{"properties of an element", base, base, [2]*PropertyMap{slow, fast}, PathChange{PairsBefore: 3, PairsAfter: 3, Changed: 2}},
		{"properties come", base, base, [2]*PropertyMap{nil, slow}, PathChange{PairsBefore: 3, PairsAfter: 3, Changed: 2}},
	} {
		if got := ComparePaths(c.before, c.after, c.anes[0], c.anes[1]); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestComparePathsProperty compares with what Path tells pair by pair.
func TestComparePathsProperty(t *testing.T) {
	all := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		matrix := rapid.Custom(func(t *rapid.T) *PathMatrix {
			pids := rapid.Permutation(all).Draw(t, "pids")[:rapid.IntRange(1, 3).Draw(t, "n")]
			var lines []string
			for _, s := range pids {
				for _, d := range pids {
					if rapid.Bool().Draw(t, "path") {
						lines = append(lines, s+"-"+d+":"+strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y"}), 0, 2).Draw(t, "anes"), ","))
					}
				}
			}
			return comparedPaths(t, strings.Join(pids, " "), lines...)
		})
		before, after := matrix.Draw(t, "before"), matrix.Draw(t, "after")
		var want PathChange
		for _, s := range all {
			for _, d := range all {
				p, had := before.Path(s, d)
				q, has := after.Path(s, d)
				for _, c := range []struct {
					count *int
					is    bool
				}{
					{&want.PairsBefore, had},
					{&want.PairsAfter, has},
					{&want.Added, has && !had},
					{&want.Removed, had && !has},
					{&want.Changed, had && has && !slices.Equal(p, q)},
				} {
					if c.is {
						*c.count++
					}
				}
			}
		}
		if got := ComparePaths(before, after, nil, nil); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}
