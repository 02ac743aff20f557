package nacm_test

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestKeptLists reads a long list several times: what was left of it is remembered as a
// whole only, and forgotten when it changes.
func TestKeptLists(t *testing.T) {
	s := schemaOf(t)
	a := accessOf(t, s, hundred(true))
	data := herd(t, s, 1000)
	farm, stall := s.Find("/farm:farm"), s.Find("/farm:farm/stall")
	sizes := func(t *tree.Tree) (entries, roofs, sizes int) {
		for e := range t.Root().Child(farm).Entries(stall) {
			entries++
			if e.Child(stall.Child("barn", "roof")) != nil {
				roofs++
			}
			if !e.Leaf("size").IsZero() {
				sizes++
			}
		}
		return entries, roofs, sizes
	}
	list := tree.Path{{Schema: farm}, {Schema: stall}}
	for _, under := range [][]tree.Path{
		{list.Join(tree.Step{Schema: stall.Child("barn", "loft")})},
		{list},
		nil,
		{list[:1]},
		{list.Join(tree.Step{Schema: stall.Child("barn", "roof")}), list},
	} {
		if n, roofs, sizes := sizes(a.Prune(tree.FromNode(data.Root()), under)); n != 999 || roofs != 999 || sizes != 0 {
			t.Errorf("under %v: %d entries, %d roofs, %d sizes", under, n, roofs, sizes)
		}
	}
	key, _ := stall.Keys[0].Type.Parse("s000500", nil)
	one := list[:1].Join(tree.Step{Schema: stall, Keys: []yang.Value{key}})
	if n, _, _ := sizes(a.Prune(tree.FromNode(data.Root()), []tree.Path{one})); n != 1 {
		t.Errorf("%d entries for one that is read", n)
	}
	first := a.Prune(tree.FromNode(data.Root()), []tree.Path{list}).Root().Child(farm).First(stall)
	if again := a.Prune(tree.FromNode(data.Root()), []tree.Path{list}).Root().Child(farm).First(stall); again != first {
		t.Error("the second read made the entries anew")
	}
	m := data.Mutate()
	m.Child(farm).DeleteEntry(stall, "s000500")
	if n, _, _ := sizes(a.Prune(m.Done(), []tree.Path{list})); n != 998 {
		t.Errorf("%d entries are left when one is deleted", n)
	}
	for i := range 200 { // each version against one who remembers nothing
		m = data.Mutate()
		at := m.Child(farm)
		key, _ := stall.Keys[0].Type.Parse(fmt.Sprintf("s%06d", i*37%1100), nil)
		switch e, existed := at.AddEntry(stall, []yang.Value{key}, tree.Position{}); {
		case existed && i%3 == 0:
			at.DeleteEntry(stall, key.String())
		default:
			roof := stall.Child("barn", "roof")
			v, _ := roof.Type.Parse(fmt.Sprint(i), nil)
			e.SetLeaf(roof, v)
		}
		data = m.Done()
		got, want := a.Prune(data, []tree.Path{list}), accessOf(t, s, hundred(true)).Prune(data, nil)
		if d := tree.Compare(want, got); !d.Empty() || got.Root().Child(farm).Len(stall) != want.Root().Child(farm).Len(stall) {
			t.Fatalf("version %d is pruned to something else", i)
		}
	}
}
