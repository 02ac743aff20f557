package tree_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestEntriesByPlace compares the ways to entries by their place with the list.
func TestEntriesByPlace(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := tree.New(f.Root).Mutate()
		top := m.Ensure(f.node("/t:top"))
		for range rapid.SampledFrom([]int{0, 3, 16, 17, 300, 5000}).Draw(rt, "size") {
			key := fmt.Sprint(rapid.IntRange(0, 9000).Draw(rt, "key"))
			if rapid.IntRange(0, 9).Draw(rt, "deletes") == 0 {
				top.DeleteEntry(f.below("item"), key)
				top.DeleteEntry(f.below("step"), key)
				continue
			}
			top.AddEntry(f.below("item"), []yang.Value{f.str(key)}, tree.Position{})
			top.AddEntry(f.below("step"), []yang.Value{f.str(key)}, tree.Position{Where: tree.Where(rapid.IntRange(0, 1).Draw(rt, "where"))})
			top.AddValue(f.below("seen"), f.str(key), tree.Position{})
		}
		n := m.Done().Root().Child(f.node("/t:top"))
		for _, name := range []string{"item", "step", "seen", "name"} {
			s := f.below(name)
			all := slices.Collect(n.Entries(s))
			for _, i := range []int{-1, 0, 1, 63, 64, len(all) / 2, len(all) - 1, len(all)} {
				checkPlace(rt, n, s, all, i)
			}
		}
		if got := n.IndexOf(f.below("item"), "none"); got != -1 {
			rt.Fatalf("an entry that is not there has place %d", got)
		}
	})
}

func checkPlace(rt *rapid.T, n *tree.Node, s *yang.Node, all []*tree.Node, i int) {
	rt.Helper()
	var from, back []*tree.Node
	if i >= 0 && i < len(all) {
		from, back = all[i:], slices.Clone(all[:i+1])
		slices.Reverse(back)
		if got := n.IndexOf(s, all[i].Key()); got != i {
			rt.Fatalf("%s: %q has place %d, want %d", s.Name, all[i].Key(), got, i)
		}
	}
	if got := slices.Collect(n.EntriesAt(s, i)); !slices.Equal(got, from) {
		rt.Fatalf("%s: %d entries from %d, want %d", s.Name, len(got), i, len(from))
	}
	if got := slices.Collect(n.EntriesBack(s, i)); !slices.Equal(got, back) {
		rt.Fatalf("%s: %d entries back from %d, want %d", s.Name, len(got), i, len(back))
	}
	for e := range n.EntriesAt(s, i) {
		if e != all[i] {
			rt.Fatalf("%s: another entry at %d", s.Name, i)
		}
		break
	}
}
