package tree_test

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// sieve is a tree.Reducer for the lists of the tests: of the entries looked at it drops
// some and takes the leaf val from others.
type sieve struct {
	f          fixture
	rest       tree.Rest
	keys       []string // in order
	drop, trim map[string]bool
	looked     int
}

func (s *sieve) Plan(n *yang.Node) (tree.Rest, []string) {
	switch n.Name {
	case "top":
		return tree.EachToo, nil
	case "item", "step":
		return s.rest, s.keys
	}
	return tree.KeepRest, nil
}

func (s *sieve) Into(n *tree.Node) (tree.Reducer, bool) {
	if n.Schema().Kind == yang.Container {
		return s, true
	}
	s.looked++
	switch key := n.Key(); {
	case s.drop[key] && (s.rest != tree.TrimRest || slices.Contains(s.keys, key)):
		return nil, false
	case s.trim[key]:
		return leafless{}, true
	}
	return nil, true
}

func (s *sieve) Bare(*yang.Node) bool { return true }

// leafless drops the leaf val.
type leafless struct{}

func (leafless) Plan(n *yang.Node) (tree.Rest, []string) {
	if n.Name == "val" {
		return tree.DropRest, nil
	}
	return tree.KeepRest, nil
}
func (leafless) Bare(*yang.Node) bool                 { return true }
func (leafless) Into(*tree.Node) (tree.Reducer, bool) { return nil, true }

// TestReduce compares Reduce with entries that are looked at one by one, and goes on
// changing what it left.
func TestReduce(t *testing.T) {
	f := newFixture(t)
	top := f.node("/t:top")
	rapid.Check(t, func(t *rapid.T) {
		list := top.Child("t", rapid.SampledFrom([]string{"item", "step"}).Draw(t, "list"))
		val := list.Child("t", "val")
		count := rapid.SampledFrom([]int{0, 1, 5, 16, 17, 200}).Draw(t, "count")
		v, _ := val.Type.Parse("v", nil)
		m := tree.New(f.Root).Mutate()
		at := m.Ensure(top)
		add := func(i int) {
			k, _ := list.Keys[0].Type.Parse(fmt.Sprintf("k%03d", i), nil)
			e, _ := at.AddEntry(list, []yang.Value{k}, tree.Position{})
			e.SetLeaf(val, v)
		}
		for i := range count {
			add(count - i)
		}
		whole := m.Done()
		var keys []string
		for e := range whole.Root().Child(top).Entries(list) {
			keys = append(keys, e.Key())
		}
		some := func(label string) map[string]bool {
			out := map[string]bool{}
			share := rapid.IntRange(0, 10).Draw(t, label)
			for i, k := range keys {
				out[k] = i*7%10 < share
			}
			return out
		}
		s := &sieve{f: f, rest: rapid.SampledFrom([]tree.Rest{tree.KeepRest, tree.DropRest, tree.TrimRest, tree.EachToo}).Draw(t, "rest"), drop: some("drop"), trim: some("trim")}
		named := some("named")
		if s.rest != tree.EachToo {
			for _, k := range keys {
				if named[k] {
					s.keys = append(s.keys, k)
				}
			}
			s.keys = append(s.keys, "nothing")
		}
		var want []string
		same := true
		for _, k := range keys {
			text := k + " v"
			if s.rest == tree.EachToo || s.rest == tree.TrimRest || named[k] {
				if s.drop[k] && (named[k] || s.rest == tree.EachToo) {
					same = false
					continue
				}
				if s.trim[k] {
					text, same = k+" ", false
				}
			} else if s.rest == tree.DropRest {
				same = false
				continue
			}
			want = append(want, text)
		}
		got := tree.FromNode(whole.Root().Reduce(s))
		lazy := (count > 16 || list.OrderedByUser) && (s.rest == tree.KeepRest || s.rest == tree.TrimRest)
		if same && s.rest != tree.DropRest && !lazy && got.Root() != whole.Root() {
			t.Fatal("nothing was left out, and yet the tree is another one")
		}
		check := func(got *tree.Tree) {
			var have []string
			if n := got.Root().Child(top); n != nil {
				for e := range n.Entries(list) {
					have = append(have, e.Key()+" "+e.Leaf("val").String())
					if n.Entry(list, e.Key()) != e {
						t.Fatalf("%s is not found by its key", e.Key())
					}
				}
				if n.Len(list) != len(have) {
					t.Fatalf("%d entries, but Len is %d", len(have), n.Len(list))
				}
			}
			if !slices.Equal(have, want) {
				t.Fatalf("left are %v, want %v", have, want)
			}
		}
		check(got)
		if d := tree.Compare(got, tree.FromNode(whole.Root().Reduce(s))); !d.Empty() {
			t.Fatal("the second time something else is left")
		}
		m = got.Mutate()
		at = m.Ensure(top)
		for i := range 40 {
			add(500 + i)
			want = append(want, fmt.Sprintf("k%03d v", 500+i))
		}
		check(m.Done())
	})
}

// stacked is a tree with a list of count entries, "k000" and so on, and the list.
func stacked(f fixture, count int) (*tree.Tree, *yang.Node) {
	top := f.node("/t:top")
	list := top.Child("t", "item")
	m := tree.New(f.Root).Mutate()
	at := m.Ensure(top)
	for i := range count {
		e, _ := at.AddEntry(list, []yang.Value{f.value(list.Keys[0], fmt.Sprintf("k%03d", i))}, tree.Position{})
		e.SetLeaf(list.Child("t", "val"), f.str("v"))
	}
	return m.Done(), list
}

// keysTo are the keys of the entries of stacked from one up to another, without that.
func keysTo(t *testing.T, whole *tree.Tree, list *yang.Node, from, to int) (keys []string) {
	t.Helper()
	i := 0
	for e := range whole.Root().First(list.DataParent).Entries(list) {
		if i >= from && i < to {
			keys = append(keys, e.Key())
		}
		i++
	}
	return keys
}

func asSet(keys []string) map[string]bool {
	out := map[string]bool{}
	for _, k := range keys {
		out[k] = true
	}
	return out
}

// TestReduceTwiceLen drops entries of a long list, and then, of what is left, all others but
// those of a few places: Len does not take off twice what went first.
func TestReduceTwiceLen(t *testing.T) {
	f := newFixture(t)
	whole, list := stacked(f, 70)
	first := &sieve{f: f, rest: tree.TrimRest, keys: keysTo(t, whole, list, 0, 30), drop: asSet(keysTo(t, whole, list, 0, 30))}
	once := tree.FromNode(whole.Root().Reduce(first))
	second := &sieve{f: f, rest: tree.EachToo, drop: asSet(keysTo(t, whole, list, 64, 70))}
	left := once.Root().Reduce(second).First(list.DataParent)
	seen := 0
	for range left.Entries(list) {
		seen++
	}
	if seen != 34 || left.Len(list) != seen {
		t.Errorf("%d entries are left, want 34, and Len is %d", seen, left.Len(list))
	}
}

// TestReduceTwicePassing trims an entry of a long list, and then another of what is left:
// whoever passes by the entries sees what whoever keeps them does.
func TestReduceTwicePassing(t *testing.T) {
	f := newFixture(t)
	whole, list := stacked(f, 70)
	left := whole
	for _, at := range []int{3, 66} {
		key := keysTo(t, whole, list, at, at+1)
		left = tree.FromNode(left.Root().Reduce(&sieve{f: f, rest: tree.KeepRest, keys: key, trim: asSet(key)}))
	}
	bare := func(entries iter.Seq[*tree.Node]) (keys []string) {
		for e := range entries {
			if e.Leaf("val").IsZero() {
				keys = append(keys, e.Key())
			}
		}
		return keys
	}
	top := left.Root().First(list.DataParent)
	passed := bare(top.Passing())
	if kept := bare(top.Children()); len(kept) != 2 || !slices.Equal(passed, kept) {
		t.Errorf("without a value are %q, and in passing %q", kept, passed)
	}
}

// nameless drops the leaf name.
type nameless struct{}

func (nameless) Plan(n *yang.Node) (tree.Rest, []string) {
	switch n.Name {
	case "top":
		return tree.EachToo, nil
	case "name":
		return tree.DropRest, nil
	}
	return tree.KeepRest, nil
}
func (nameless) Bare(*yang.Node) bool                   { return true }
func (r nameless) Into(*tree.Node) (tree.Reducer, bool) { return r, true }

// TestFollowShared: a view of a tree that holds a view shares a list with it that it keeps
// whole. What it then follows does not get into that list, where two that follow each other
// would wait for each other.
func TestFollowShared(t *testing.T) {
	f := newFixture(t)
	first, list := stacked(f, 200)
	top := list.DataParent
	m := first.Mutate()
	m.Child(top).Entry(list, keysTo(t, first, list, 7, 8)[0]).SetLeaf(list.Child("t", "val"), f.str("w"))
	trim := &sieve{f: f, rest: tree.TrimRest, trim: asSet(keysTo(t, first, list, 0, 200))}
	var held, views []*tree.Node
	for _, whole := range []*tree.Tree{first, m.Done()} {
		at := tree.FromNode(whole.Root().Reduce(trim)).Mutate()
		at.Child(top).SetLeaf(f.below("name"), f.str("x"))
		held = append(held, at.Done().Root())
		views = append(views, held[len(held)-1].Reduce(nameless{}))
	}
	views[1].Follow(views[0], held[1])
	views[0].Follow(views[1], held[0])
	done := make(chan int)
	go func() {
		n := 0
		for _, v := range views {
			for range v.First(top).Entries(list) {
				n++
			}
		}
		done <- n
	}()
	select {
	case n := <-done:
		if n != 400 {
			t.Errorf("%d entries, want 400", n)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the views wait for each other")
	}
}

// shallow drops the leaf c of all entries of the list part, in those of the list item.
type shallow struct{}

func (shallow) Plan(n *yang.Node) (tree.Rest, []string) {
	switch n.Name {
	case "top":
		return tree.EachToo, nil
	case "item", "part":
		return tree.TrimRest, nil
	case "c":
		return tree.DropRest, nil
	}
	return tree.KeepRest, nil
}
func (shallow) Bare(*yang.Node) bool                   { return true }
func (r shallow) Into(*tree.Node) (tree.Reducer, bool) { return r, true }

// TestReducedApart looks at all of long lists in long lists, entry by entry in several
// views: what one view keeps does not keep what the others have seen.
func TestReducedApart(t *testing.T) {
	f := newFixture(t)
	whole, list := stacked(f, 32)
	top, part := list.DataParent, f.below("item/part")
	m := whole.Mutate()
	for e := range whole.Root().First(top).Entries(list) {
		at := m.Child(top).Entry(list, e.Key())
		for i := range 200 {
			p, _ := at.AddEntry(part, []yang.Value{f.value(part.Keys[0], fmt.Sprint(i)), f.value(part.Keys[1], "b")}, tree.Position{})
			p.SetLeaf(part.Child("t", "c"), f.str("c"))
		}
	}
	whole = m.Done()
	heap := func() int64 {
		for range 3 { // pools let go of what they have at the second
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	views := make([]*tree.Node, 8)
	for i := range views {
		views[i] = whole.Root().Reduce(shallow{})
	}
	for e := range whole.Root().First(top).Entries(list) {
		for _, v := range views {
			for p := range v.First(top).Entry(list, e.Key()).Entries(part) {
				if p.Has(part.Child("t", "c")) {
					t.Fatal("nothing was dropped")
				}
			}
		}
	}
	all := heap() - before
	clear(views[1:])
	if one := heap() - before; one > all/2 {
		t.Errorf("%d views take %d bytes, and one of them still %d", len(views), all, one)
	}
	runtime.KeepAlive(views)
	runtime.KeepAlive(whole)
}
