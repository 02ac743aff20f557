package tree

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// halves is what the tests show of numbers: named odd ones are left out, even ones become
// greater.
func halves(some bool) *shown[int, int] {
	return &shown[int, int]{
		by: some, some: some,
		drops: func(v int) bool { return v%2 == 1 },
		make:  func(v int) int { return v + 1_000_000*(1-v%2) },
	}
}

// TestShownOrdmap compares a map that shows another with one that was made at once, in any
// order of looks, and goes on changing it.
func TestShownOrdmap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var of ordmap[int, int]
		n := rapid.SampledFrom([]int{2, 70, 300, 5000}).Draw(t, "n")
		for i := range n {
			of.set(1, i*3, i)
		}
		// Runs of names that leave nothing of whole nodes, and some beside them.
		named := map[int]bool{}
		for range rapid.IntRange(0, 3).Draw(t, "runs") {
			from, length := rapid.IntRange(-5, n).Draw(t, "from"), rapid.IntRange(0, min(n/4, 400)).Draw(t, "length")
			step := rapid.IntRange(1, 2).Draw(t, "step")
			for i := from; i < from+length*step; i += step {
				named[i*3+rapid.IntRange(0, 8).Draw(t, "beside")/8] = true
			}
		}
		names := slices.Sorted(maps.Keys(named))
		if len(names) >= n {
			names = names[:n-1]
		}
		s := halves(rapid.Bool().Draw(t, "some"))
		model := map[int]int{}
		for i := range n {
			_, isNamed := slices.BinarySearch(names, i*3)
			switch {
			case isNamed && i%2 == 1:
			case isNamed || !s.some:
				model[i*3] = s.make(i)
			default:
				model[i*3] = i
			}
		}
		m := of.showing(s, names)
		looks := []func(){func() { compareShown(t, m, model) }, func() { compareDiff(t, of, m, model) }, func() { compareOne(t, m, model, n*3) }}
		for _, i := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "looks") {
			looks[i]()
		}
		for range rapid.IntRange(0, 200).Draw(t, "changes") {
			k := rapid.IntRange(-3, n*3+3).Draw(t, "k")
			_, had := model[k]
			if rapid.Bool().Draw(t, "add") {
				if m.set(2, k, k) != had {
					t.Fatalf("set %d: had %v", k, had)
				}
				model[k] = k
			} else if m.delete(2, k) != had {
				t.Fatalf("delete %d: had %v", k, had)
			} else {
				delete(model, k)
			}
		}
		compareShown(t, m, model)
		if of.len() != n {
			t.Fatalf("what is shown has %d values, not %d", of.len(), n)
		}
	})
}

// compareShown looks at all of m.
func compareShown(t *rapid.T, m ordmap[int, int], model map[int]int) {
	keys := slices.Sorted(maps.Keys(model))
	if m.len() != len(keys) {
		t.Fatalf("len is %d of %d", m.len(), len(keys))
	}
	i := 0
	m.each(func(k, v int) bool {
		if i >= len(keys) || k != keys[i] || v != model[k] {
			t.Fatalf("the entry %d is %d: %d", i, k, v)
		}
		i++
		return true
	})
	if i != len(keys) {
		t.Fatalf("%d entries of %d", i, len(keys))
	}
	if m.root == nil {
		return
	}
	i = 0
	m.root.passing(func(_ any, v int) int { return halves(false).make(v) }, func(v int) bool {
		if v != model[keys[i]] {
			t.Fatalf("passing %d is %d", keys[i], v)
		}
		i++
		return true
	})
}

// compareOne looks for keys up to limit, and at places.
func compareOne(t *rapid.T, m ordmap[int, int], model map[int]int, limit int) {
	keys := slices.Sorted(maps.Keys(model))
	for range 20 {
		k := rapid.IntRange(-1, limit).Draw(t, "key")
		i, is := slices.BinarySearch(keys, k)
		if v, ok := m.get(k); ok != is || v != model[k] {
			t.Fatalf("get %d: %d, %v", k, v, ok)
		}
		if got := m.less(k); got != i {
			t.Fatalf("%d are less than %d, want %d", got, k, i)
		}
		if got, _, ok := m.before(k); ok != (i > 0) || ok && got != keys[i-1] {
			t.Fatalf("before %d is %d, %v", k, got, ok)
		}
		j := i
		if is {
			j++
		}
		if got, _, ok := m.after(k); ok != (j < len(keys)) || ok && got != keys[j] {
			t.Fatalf("after %d is %d, %v", k, got, ok)
		}
		if is {
			m.skip(i, func(v int) bool {
				if v != model[k] {
					t.Fatalf("the entry at %d is %d", i, v)
				}
				return false
			})
			m.back(len(keys)-1-i, func(v int) bool {
				if v != model[k] {
					t.Fatalf("the entry at %d is %d from the end", i, v)
				}
				return false
			})
		}
	}
	if k, _, ok := m.first(); ok != (len(keys) > 0) || ok && k != keys[0] {
		t.Fatalf("the first is %d, %v", k, ok)
	}
	if k, _, ok := m.last(); ok != (len(keys) > 0) || ok && k != keys[len(keys)-1] {
		t.Fatalf("the last is %d, %v", k, ok)
	}
}

// compareDiff compares what of has become with what it is.
func compareDiff(t *rapid.T, of, m ordmap[int, int], model map[int]int) {
	got := map[int]bool{}
	diffMaps(of, m, func(x, y int) bool { return x == y }, func(k, _, y int) {
		if v, is := model[k]; is && y != v {
			t.Fatalf("%d has become %d", k, y)
		}
		got[k] = true
	})
	of.each(func(k, v int) bool {
		if now, is := model[k]; got[k] != (!is || now != v) {
			t.Fatalf("%d: differs is %v, was %d, is %d", k, got[k], v, now)
		}
		return true
	})
}

// TestShownAlike makes the same of two versions of a map: what they share is not looked at.
func TestShownAlike(t *testing.T) {
	var of ordmap[int, int]
	for i := range 100_000 {
		of.set(1, i, i*2)
	}
	now := of
	now.set(2, 50_000, 7)
	looked := 0
	view := func(m ordmap[int, int]) ordmap[int, int] {
		return m.showing(&shown[int, int]{by: "all", drops: func(int) bool { return false }, make: func(v int) int { looked++; return v + 1 }}, []int{5})
	}
	var changed []int
	diffMaps(view(of), view(now), func(x, y int) bool { return x == y }, func(k, _, _ int) { changed = append(changed, k) })
	if !slices.Equal(changed, []int{50_000}) || looked > 4*maxFan {
		t.Errorf("%v differ, %d were looked at", changed, looked)
	}
}

// TestShownLen leaves of a map that shows another one full node alone: what was left out
// beside it is not counted twice.
func TestShownLen(t *testing.T) {
	const n = maxFan + 6
	var of ordmap[int, int]
	for i := range n {
		of.set(1, i, i)
	}
	m := of.showing(halves(false), []int{maxFan + 1})
	for k := maxFan; k < n; k++ {
		m.delete(2, k)
	}
	if m.len() != maxFan {
		t.Errorf("%d entries, but the length is %d", maxFan, m.len())
	}
}
