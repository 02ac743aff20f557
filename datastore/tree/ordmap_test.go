package tree

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// check fails when m breaks the rules of its shape.
func (n *onode[K, V]) check(t interface{ Fatalf(string, ...any) }, lo *K) (height, items int) {
	if len(n.keys) == 0 || len(n.keys) > maxFan || !slices.IsSorted(n.keys) || lo != nil && n.keys[0] < *lo {
		t.Fatalf("node with keys %v below %v", n.keys, lo)
	}
	if n.leaf() {
		if len(n.vals) != len(n.keys) {
			t.Fatalf("%d keys, %d values", len(n.keys), len(n.vals))
		}
		return 1, len(n.vals)
	}
	for i, c := range n.kids {
		h, k := c.check(t, &n.keys[i])
		if i > 0 && h != height {
			t.Fatalf("uneven: %d and %d", h, height)
		}
		if i+1 < len(n.kids) {
			if last, _, _ := c.last(); last >= n.keys[i+1] {
				t.Fatalf("%v is right of its place", last)
			}
		}
		height, items = h, items+k
	}
	return height + 1, items
}

func TestOrdmapAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m ordmap[int, int]
		model := map[int]int{}
		var versions []ordmap[int, int]
		var models []map[int]int
		owner := uint64(1)
		span := rapid.SampledFrom([]int{10, 300, 20000}).Draw(t, "span")
		for range rapid.IntRange(1, 40).Draw(t, "rounds") {
			start, n := rapid.IntRange(0, span).Draw(t, "start"), rapid.IntRange(1, 300).Draw(t, "n")
			step := rapid.SampledFrom([]int{1, -1, 7, 101}).Draw(t, "step")
			add := rapid.Bool().Draw(t, "add")
			for i := range n {
				k := ((start+i*step)%span + span) % span
				if add {
					_, had := model[k]
					if m.set(owner, k, i) != had {
						t.Fatalf("set %d: had %v", k, had)
					}
					model[k] = i
				} else {
					_, had := model[k]
					if m.delete(owner, k) != had {
						t.Fatalf("delete %d: had %v", k, had)
					}
					delete(model, k)
				}
			}
			if rapid.Bool().Draw(t, "keep") {
				owner++
				versions, models = append(versions, m), append(models, maps.Clone(model))
			}
		}
		versions, models = append(versions, m), append(models, model)
		for i := range versions {
			compareToModel(t, versions[i], models[i])
		}
		for i := 1; i < len(versions); i++ {
			checkDiff(t, versions[i-1], versions[i], models[i-1], models[i])
		}
	})
}

func compareToModel(t *rapid.T, m ordmap[int, int], model map[int]int) {
	want := slices.Sorted(maps.Keys(model))
	var got []int
	m.each(func(k, v int) bool {
		if model[k] != v {
			t.Fatalf("%d is %d, want %d", k, v, model[k])
		}
		got = append(got, k)
		return true
	})
	if !slices.Equal(got, want) || m.n != len(want) {
		t.Fatalf("keys %v (n %d), want %v", got, m.n, want)
	}
	if m.root == nil {
		return
	}
	if _, items := m.root.check(t, nil); items != m.n {
		t.Fatalf("%d items, n is %d", items, m.n)
	}
	probe := rapid.IntRange(-1, 20001).Draw(t, "probe")
	i, here := slices.BinarySearch(want, probe)
	if k, _, ok := m.before(probe); ok != (i > 0) || ok && k != want[i-1] {
		t.Fatalf("before %d: %d %v in %v", probe, k, ok, want)
	}
	if here {
		i++
	}
	if k, _, ok := m.after(probe); ok != (i < len(want)) || ok && k != want[i] {
		t.Fatalf("after %d: %d %v in %v", probe, k, ok, want)
	}
}

func checkDiff(t *rapid.T, a, b ordmap[int, int], ma, mb map[int]int) {
	patched := maps.Clone(ma)
	last := -1
	diffMaps(a, b, func(x, y int) bool { return x == y }, func(k, x, y int) {
		if k <= last {
			t.Fatalf("%d after %d", k, last)
		}
		last = k
		_, inA := ma[k]
		v, inB := mb[k]
		if inA && inB && ma[k] == v {
			t.Fatalf("%d reported, but equal", k)
		}
		if inB {
			patched[k] = v
		} else {
			delete(patched, k)
		}
	})
	if !maps.Equal(patched, mb) {
		t.Fatalf("the diff does not lead from %v to %v", ma, mb)
	}
}

func TestOrdmapAppendFillsNodes(t *testing.T) {
	var m ordmap[int, int]
	for i := range 64 * 64 {
		m.set(1, i, i)
	}
	for i, c := range m.root.kids {
		if len(c.keys) != maxFan || cap(c.keys) > maxFan {
			t.Fatalf("node %d has %d of %d keys", i, len(c.keys), cap(c.keys))
		}
	}
}

// Ranks must hold when all inserts go to one place.
func TestRanksAtOnePlace(t *testing.T) {
	for _, where := range []Where{First, Before, After, Last} {
		var order []string
		e := &entries{ranked: true}
		for i := range 3000 {
			n := &Node{schema: leafListSchema, body: &body{key: string(rune('a'+i%26)) + string(rune(0x4e00+i))}}
			pos := Position{Where: where, Anchor: "none"}
			at := 0
			switch {
			case i == 0:
			case where == Before || where == After:
				at = len(order) / 2
				pos.Anchor = order[at]
				if where == After {
					at++
				}
			case where == Last:
				at = len(order)
			}
			e.put(1, n.Key(), n, pos)
			order = slices.Insert(order, at, n.Key())
		}
		var got []string
		e.each(func(n *Node) bool { got = append(got, n.Key()); return true })
		if !slices.Equal(got, order) {
			t.Fatalf("where %d: wrong order", where)
		}
		for _, k := range order {
			if e.get(k) == nil || e.get(k).Key() != k {
				t.Fatalf("where %d: %q is lost", where, k)
			}
		}
	}
}

// Alternate between two neighbours: the worst case for halving gaps.
func TestRanksInNarrowGap(t *testing.T) {
	e := &entries{ranked: true}
	put := func(k string, pos Position) {
		e.put(1, k, &Node{schema: leafListSchema, body: &body{key: k}}, pos)
	}
	put("left", Position{})
	put("right", Position{})
	for i := range 2000 {
		k := string(rune(0x4e00 + i))
		if i%2 == 0 {
			put(k, Position{Where: After, Anchor: "left"})
		} else {
			put(k, Position{Where: Before, Anchor: "right"})
		}
	}
	if e.last().Key() != "right" || e.byRank.n != 2002 || e.byKey.n != 2002 {
		t.Fatalf("last %q, %d and %d entries", e.last().Key(), e.byRank.n, e.byKey.n)
	}
}
