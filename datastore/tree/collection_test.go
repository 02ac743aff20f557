package tree_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestFewAndMany lets lists grow and shrink over the size at which they change
// their form, and compares versions of different forms.
func TestFewAndMany(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		now, olds := tree.New(f.Root), []*tree.Tree{tree.New(f.Root)}
		keys := map[string]bool{}
		for range rapid.IntRange(1, 5).Draw(rt, "versions") {
			m := now.Mutate()
			top := m.Ensure(f.node("/t:top"))
			add := rapid.Bool().Draw(rt, "add")
			for range rapid.IntRange(0, 30).Draw(rt, "steps") {
				key := fmt.Sprint(rapid.IntRange(0, 40).Draw(rt, "key"))
				if add {
					top.AddEntry(f.below("item"), []yang.Value{f.str(key)}, tree.Position{})
					top.AddValue(f.below("tag"), f.str(key), tree.Position{})
					keys[key] = true
				} else if top.DeleteEntry(f.below("item"), key) != keys[key] || top.DeleteEntry(f.below("tag"), key) != keys[key] {
					rt.Fatalf("deleting %s: it was there: %v", key, keys[key])
				} else {
					delete(keys, key)
				}
			}
			now = m.Done()
			olds = append(olds, now)
		}
		want := slices.Sorted(maps.Keys(keys))
		top := now.Root().Child(f.node("/t:top"))
		for _, s := range []*yang.Node{f.below("item"), f.below("tag")} {
			var got []string
			for e := range top.Entries(s) {
				got = append(got, e.Key())
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("%s: %q, want %q", s.Name, got, want)
			}
		}
		for _, old := range olds {
			checkDiffs(rt, old, now)
			checkDiffs(rt, rebuilt(rt, old, true), now)
		}
		checkWays(rt, now)
	})
}
