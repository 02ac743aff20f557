package persistent

import (
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// TestModel compares versions made by random steps with those of a Go map, and checks
// that no version changes once it is made. Few bits of hashes make many collisions.
func TestModel(t *testing.T) {
	for _, mask := range []uint64{^uint64(0), 0x00f, 0xc000_0000_0000_0003, 0} {
		t.Run(fmt.Sprintf("%x", mask), func(t *testing.T) {
			used = mask
			defer func() { used = ^uint64(0) }()
			rapid.Check(t, checkModel)
		})
	}
}

func checkModel(t *rapid.T) {
	type version struct {
		m    Map[int, int]
		want map[int]int
	}
	versions := []version{{}}
	for range rapid.IntRange(1, 8).Draw(t, "versions") {
		from := rapid.SampledFrom(versions).Draw(t, "from")
		e, want := from.m.Edit(), maps.Clone(from.want)
		if want == nil {
			want = map[int]int{}
		}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			k := rapid.IntRange(0, 40).Draw(t, "key")
			if rapid.Bool().Draw(t, "set") {
				v := rapid.IntRange(1, 3).Draw(t, "value")
				e.Set(k, v)
				want[k] = v
			} else {
				e.Delete(k)
				delete(want, k)
			}
			if rapid.IntRange(0, 9).Draw(t, "keep") == 0 {
				versions = append(versions, version{e.Done(), maps.Clone(want)})
			}
		}
		versions = append(versions, version{e.Done(), want})
	}
	for _, v := range versions {
		if got := maps.Collect(v.m.All()); !maps.Equal(got, v.want) || v.m.Len() != len(v.want) {
			t.Fatalf("got %v (%d), want %v", got, v.m.Len(), v.want)
		}
		for k := range 41 {
			got, ok := v.m.Get(k)
			if want, there := v.want[k]; got != want || ok != there || v.m.Has(k) != there || v.m.At(k) != want {
				t.Fatalf("key %d: got %d, %v, want %d, %v", k, got, ok, want, there)
			}
		}
	}
	a, b := rapid.SampledFrom(versions).Draw(t, "a"), rapid.SampledFrom(versions).Draw(t, "b")
	checkDiff(t, a.m, b.m)
	var fresh Map[int, int]
	for k, v := range b.m.All() {
		fresh = fresh.With(k, v)
	}
	checkDiff(t, a.m, fresh)
	for k := range 41 {
		fresh = fresh.Without(k)
	}
	if fresh.root != nil || fresh.Len() != 0 {
		t.Fatalf("%d keys remain", fresh.Len())
	}
}

func checkDiff(t *rapid.T, a, b Map[int, int]) {
	seen := map[int]bool{}
	Diff(a, b, func(k, inA, inB int) {
		if seen[k] || inA != a.At(k) || inB != b.At(k) || inA == inB {
			t.Fatalf("difference at %d: %d, %d", k, inA, inB)
		}
		seen[k] = true
	})
	for k := range 41 {
		if a.At(k) != b.At(k) && !seen[k] {
			t.Fatalf("no difference at %d", k)
		}
	}
}

// TestDiffCost demands that versions of a large map are compared without looking at
// all of it.
func TestDiffCost(t *testing.T) {
	e := Map[int, int]{}.Edit()
	for i := range 100_000 {
		e.Set(i, i+1)
	}
	a := e.Done()
	b := a.With(7, 1).Without(8).With(200_000, 2)
	found := 0
	if n := testing.AllocsPerRun(10, func() { Diff(a, b, func(int, int, int) { found++ }) }); n > 200 {
		t.Errorf("%v allocations", n)
	}
	if found != 3*11 {
		t.Errorf("%d differences in 11 runs, want 3 in each", found)
	}
}

func BenchmarkMap(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		keys := make([]string, n)
		e := Map[string, *int]{}.Edit()
		for i := range keys {
			keys[i] = fmt.Sprintf("networkmap/r%06d", i)
			e.Set(keys[i], new(int))
		}
		m := e.Done()
		i := 0
		b.Run(fmt.Sprintf("Get/%d", n), func(b *testing.B) {
			for b.Loop() {
				i++
				m.Get(keys[i*7919%n])
			}
		})
		b.Run(fmt.Sprintf("With/%d", n), func(b *testing.B) {
			for b.Loop() {
				i++
				m = m.With(keys[i*7919%n], new(int))
			}
		})
	}
}

// TestRelation compares versions of a relation with sets of pairs.
func TestRelation(t *testing.T) {
	type pair struct{ k, m int }
	rapid.Check(t, func(t *rapid.T) {
		var r Relation[int, int]
		want := map[pair]bool{}
		for range 5 {
			e, before, kept := r.Edit(), r, len(want)
			for range rapid.IntRange(0, 40).Draw(t, "steps") {
				p := pair{rapid.IntRange(0, 2).Draw(t, "k"), rapid.IntRange(0, 11).Draw(t, "m")} // few members and many
				if rapid.Bool().Draw(t, "add") {
					e.Add(p.k, p.m)
					want[p] = true
				} else {
					e.Remove(p.k, p.m)
					delete(want, p)
				}
				if e.Of(p.k).Has(p.m) != want[p] {
					t.Fatalf("pair %v", p)
				}
			}
			r = e.Done()
			for k, list := range r.All() {
				for _, m := range list {
					if !want[pair{k, m}] || !r.Of(k).Has(m) {
						t.Fatalf("pair %d, %d", k, m)
					}
				}
			}
			if count(r) != len(want) || count(before) != kept {
				t.Fatalf("%d pairs, want %d; %d before, want %d", count(r), len(want), count(before), kept)
			}
		}
	})
}

func count(r Relation[int, int]) (n int) {
	for _, list := range r.All() {
		n += len(list)
	}
	return n
}
