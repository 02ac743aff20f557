package nacm_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"weak"

	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestLongLists reads a long list, of which entries are made when they are looked at,
// several times and in several versions.
func TestLongLists(t *testing.T) {
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
	whole := a.Prune(data, nil)
	if first, again := whole.Find(one), whole.Find(one); first != again || a.Prune(data, nil).Root() != whole.Root() {
		t.Error("the second look made something anew")
	}
	m := data.Mutate()
	m.Child(farm).DeleteEntry(stall, "s000500")
	if n, _, _ := sizes(a.Prune(m.Done(), []tree.Path{list})); n != 998 {
		t.Errorf("%d entries are left when one is deleted", n)
	}
	before := a.Prune(data, nil)
	parent := list[:1]
	var nodes []*tree.Node
	for e := range before.Find(parent).Entries(stall) {
		nodes = append(nodes, e)
	}
	m = data.Mutate()
	m.Child(farm).DeleteEntry(stall, "s000777")
	after, again := a.Prune(m.Done(), nil).Find(parent), 0
	for _, e := range nodes {
		if after.Entry(stall, e.Key()) != e {
			again++
		}
	}
	if again < 1 || again > 2*64 { // one is gone, and those in its part of the list and the next are looked at again
		t.Errorf("%d of %d entries were made again when one was deleted", again, len(nodes))
	}
	runtime.KeepAlive(before)
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

// TestPrunedIsShared has one read what another does, who has made a tree of its own of what
// it has pruned: the entries are the same as long as that one is there.
func TestPrunedIsShared(t *testing.T) {
	s := schemaOf(t)
	a := accessOf(t, s, hundred(true))
	data := herd(t, s, 1000)
	at := s.Find("/farm:farm")
	stall := s.Find("/farm:farm/stall")
	entries := func(left *tree.Tree) (l []*tree.Node) { return slices.Collect(left.Root().Child(at).Entries(stall)) }
	first := a.Prune(data, nil).Metered(tree.NewMeter(func(int) bool { return true }))
	seen := entries(first)
	runtime.GC()
	m := data.Mutate()
	m.SetDefault(true)
	for name, t2 := range map[string]*tree.Tree{"version": data, "next version": m.Done()} {
		if !slices.Equal(seen, entries(a.Prune(t2, nil))) {
			t.Errorf("of the same %s others are made", name)
		}
	}
	runtime.KeepAlive(first)
}

// TestPrunedIsForgotten has users read a long list: nothing of what they have seen stays
// when they have let go of it.
func TestPrunedIsForgotten(t *testing.T) {
	s := schemaOf(t)
	p, err := nacm.Compile(s, crowdOf(100, 100, 100).tree(t, s))
	if err != nil {
		t.Fatal(err)
	}
	data := herd(t, s, 10_000)
	farm, stall := s.Find("/farm:farm"), s.Find("/farm:farm/stall")
	var seen []weak.Pointer[tree.Tree]
	for i := range 100 {
		left := p.For(fmt.Sprint("u", i), nil).Prune(data, nil)
		if without := left.Root().Child(farm).Len(stall); without != 10_000 {
			t.Fatalf("%d entries", without)
		}
		seen = append(seen, weak.Make(left))
	}
	runtime.GC()
	for i, w := range seen {
		if w.Value() != nil {
			t.Fatalf("what user %d has seen is kept", i)
		}
	}
	runtime.KeepAlive(data)
	runtime.KeepAlive(p)
}

// TestPrunedIsApart has users look at all of a long list: what one of them keeps does not
// keep what the others have seen.
func TestPrunedIsApart(t *testing.T) {
	s := schemaOf(t)
	data := herd(t, s, 5000)
	farm, stall := s.Find("/farm:farm"), s.Find("/farm:farm/stall")
	heap := func() int64 {
		for range 3 { // pools let go of what they have at the second
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	views := make([]*tree.Tree, 10)
	for i := range views {
		views[i] = accessOf(t, s, hundred(true)).Prune(data, nil)
	}
	before := heap()
	for _, v := range views {
		for range v.Root().Child(farm).Entries(stall) {
		}
	}
	all := heap() - before
	clear(views[1:])
	if one := heap() - before; one > all/2 {
		t.Errorf("%d views take %d bytes, and one of them still %d", len(views), all, one)
	}
	runtime.KeepAlive(views)
	runtime.KeepAlive(data)
}

// TestReadAtOnce has a user read one long list by several sessions at once: all see the
// same nodes, whoever made them.
func TestReadAtOnce(t *testing.T) {
	s := schemaOf(t)
	a := accessOf(t, s, hundred(true))
	data := herd(t, s, 1000)
	farm, stall := s.Find("/farm:farm"), s.Find("/farm:farm/stall")
	seen := make([][]*tree.Node, 4)
	left := a.Prune(data, nil)
	var wg sync.WaitGroup
	for i := range seen {
		wg.Go(func() {
			for e := range left.Root().Child(farm).Passing() {
				if !e.Leaf("size").IsZero() {
					t.Errorf("%s shows its size", e.Key())
				}
			}
			for e := range left.Root().Child(farm).Entries(stall) {
				seen[i] = append(seen[i], e)
			}
		})
	}
	wg.Wait()
	for _, l := range seen {
		if !slices.Equal(l, seen[0]) || len(l) != 999 {
			t.Errorf("%d entries, or not the same", len(l))
		}
	}
}
