package tree_test

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestMeter: what is made of a tree and of what comes of it counts, what is shared does
// not, and a refusal is not asked about again.
func TestMeter(t *testing.T) {
	f := newFixture(t)
	top, item := f.node("/t:top"), f.below("item")
	id, val := f.below("item/id"), f.below("item/val")
	fill := func(m *tree.Mut, from, to int) {
		at := m.Ensure(top)
		for i := from; i < to; i++ {
			e, _ := at.AddEntry(item, []yang.Value{f.value(id, fmt.Sprint(i))}, tree.Position{})
			e.SetLeaf(val, f.value(val, fmt.Sprintf("the value of number %d", i)))
		}
	}
	var asked, refused int
	most := 1 << 30
	counting := func() *tree.Meter {
		asked, refused = 0, 0
		return tree.NewMeter(func(bytes int) bool {
			if asked+bytes > most {
				refused++
				return false
			}
			asked += bytes
			return true
		})
	}
	m := tree.New(f.Schema.Root).Mutate()
	fill(m, 0, 1000)
	stored := m.Done()

	small := stored.Metered(counting()).Mutate()
	fill(small, 0, 3)
	if asked != 0 {
		t.Errorf("%d bytes for what changes nothing", asked)
	}
	fill(small, 1000, 2000)
	if perEntry := asked / 1000; perEntry < 200 || perEntry > 600 {
		t.Errorf("%d bytes for an entry", perEntry)
	}
	made := small.Done()
	for name, next := range map[string]func() *tree.Mut{
		"of what was made": made.Mutate, "blank": func() *tree.Mut { return made.Blank().Mutate() }, "apart": func() *tree.Mut { return made.Mutate().Apart() },
	} {
		before := asked
		if fill(next(), 3000, 4000); asked-before < 200_000 {
			t.Errorf("%s: %d bytes for 1000 entries", name, asked-before)
		}
	}
	if fill(stored.Mutate(), 3000, 4000); refused != 0 || stored.Meter() != nil {
		t.Error("the tree that was metered has changed")
	}

	most = 100_000
	limited := stored.Metered(counting()).Mutate()
	fill(limited, 1000, 2000)
	if !limited.Meter().Full() || refused != 1 || asked > most {
		t.Errorf("%d bytes of %d, refused %d times", asked, most, refused)
	}
	if limited.Meter().Take(1) || !(*tree.Meter)(nil).Take(1) || (*tree.Meter)(nil).Full() {
		t.Error("a full Meter takes more, or none does not")
	}
	if got := limited.Done().Find(tree.Path{{Schema: top}}).Len(item); got != 2000 {
		t.Errorf("%d entries: a tree is what was made of it, whatever the Meter says", got)
	}
}
