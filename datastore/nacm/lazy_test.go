package nacm_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// rebuilt is n made anew, node by node: nothing of it is made later.
func rebuilt(m *tree.Mut, n *tree.Node) {
	for c := range n.Children() {
		switch s := c.Schema(); s.Kind {
		case yang.Leaf:
			if !s.IsKey {
				m.SetLeaf(s, c.Value())
			}
		case yang.LeafList:
			m.AddValue(s, c.Value(), tree.Position{})
		case yang.List:
			e, _ := m.AddEntry(s, c.KeyValues(), tree.Position{})
			rebuilt(e, c)
		default:
			rebuilt(m.Ensure(s), c)
		}
	}
}

// eager is t with all that was to be made of it.
func eager(t *tree.Tree) *tree.Tree {
	m := tree.New(t.Schema()).Mutate()
	rebuilt(m, t.Root())
	return m.Done()
}

// crowded is a farm with long lists, the first entries of which have the names that the rules
// are about.
func crowded(t *rapid.T, s *yang.Schema) *tree.Tree {
	m := drawData(t, s).Mutate()
	farm := m.Ensure(s.Find("/farm:farm"))
	value := func(s *yang.Node, text string) yang.Value {
		v, err := s.Type.Parse(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	stall, step, tag := s.Find("/farm:farm/stall"), s.Find("/farm:farm/step"), s.Find("/farm:farm/tag")
	cow := stall.Child("farm", "cow")
	for i := range rapid.SampledFrom([]int{0, 17, 65, 300}).Draw(t, "stalls") {
		e, _ := farm.AddEntry(stall, []yang.Value{value(stall.Keys[0], fmt.Sprintf("%c%d", 'a'+i%4, i))}, tree.Position{})
		if i%3 > 0 {
			e.SetLeaf(stall.Child("farm", "size"), value(stall.Child("farm", "size"), fmt.Sprint(i%3)))
			e.SetLeaf(stall.Child("barn", "roof"), value(stall.Child("barn", "roof"), "x"))
		}
		if i%40 == 0 {
			for j := range 70 {
				c, _ := e.AddEntry(cow, []yang.Value{value(cow.Keys[0], string(rune('a'+j%3))), value(cow.Keys[1], fmt.Sprintf("%c", 'a'+j/3))}, tree.Position{})
				c.SetLeaf(cow.Child("farm", "milk"), value(cow.Child("farm", "milk"), "1"))
			}
		}
	}
	for i := range rapid.SampledFrom([]int{0, 5, 100}).Draw(t, "more steps") {
		e, _ := farm.AddEntry(step, []yang.Value{value(step.Keys[0], fmt.Sprint(i*37%100))}, tree.Position{})
		e.SetLeaf(step.Child("farm", "do"), value(step.Child("farm", "do"), "x"))
	}
	for i := range rapid.SampledFrom([]int{0, 40}).Draw(t, "more tags") {
		farm.AddValue(tag, value(tag, fmt.Sprint(i)), tree.Position{})
	}
	return m.Done()
}

// sameReads looks at two nodes in every way.
func sameReads(t *rapid.T, got, want *tree.Node) {
	wantSchemas := slices.Collect(want.Schemas())
	if !slices.Equal(slices.Collect(got.Schemas()), wantSchemas) || got.Empty() != want.Empty() {
		t.Fatalf("of %s there are other children", want.Schema().Path())
	}
	for _, s := range wantSchemas {
		if s.Kind != yang.List && s.Kind != yang.LeafList {
			a, b := got.Child(s), want.Child(s)
			if a == nil || a.Value() != b.Value() {
				t.Fatalf("another %s", s.Path())
			}
			sameReads(t, a, b)
			continue
		}
		var keys []string
		for e := range want.Entries(s) {
			keys = append(keys, e.Key())
		}
		ways := rapid.Permutation([]int{0, 1, 2, 3, 4, 5}).Draw(t, "ways")
		for _, way := range ways {
			sameList(t, way, got, s, keys)
		}
		for e := range want.Entries(s) {
			sameReads(t, got.Entry(s, e.Key()), e)
		}
	}
}

func keysOf(all func(func(*tree.Node) bool)) (keys []string) {
	for e := range all {
		keys = append(keys, e.Key())
	}
	return keys
}

func sameList(t *rapid.T, way int, got *tree.Node, s *yang.Node, keys []string) {
	n := len(keys)
	i := rapid.IntRange(0, n-1).Draw(t, "place")
	key := keys[i]
	back := slices.Clone(keys[:i+1])
	slices.Reverse(back)
	ok := true
	keyOf := func(e *tree.Node) string {
		if e == nil {
			return "none"
		}
		return e.Key()
	}
	near := func(i int) string {
		if i < 0 || i >= n {
			return "none"
		}
		return keys[i]
	}
	switch way {
	case 0:
		ok = got.Len(s) == n
	case 1:
		ok = slices.Equal(keysOf(got.Entries(s)), keys)
	case 2:
		ok = slices.Equal(keysOf(got.EntriesAt(s, i)), keys[i:]) && slices.Equal(keysOf(got.EntriesBack(s, i)), back) &&
			len(keysOf(got.EntriesAt(s, n))) == 0 && len(keysOf(got.EntriesBack(s, n))) == 0
	case 3:
		ok = got.IndexOf(s, key) == i && got.IndexOf(s, "nowhere") == -1 && slices.Equal(keysOf(got.EntriesFrom(s, key)), keys[i:])
	case 4:
		ok = keyOf(got.First(s)) == keys[0] && keyOf(got.Last(s)) == keys[n-1] && keyOf(got.After(s, key)) == near(i+1) && keyOf(got.Before(s, key)) == near(i-1)
	case 5:
		for _, name := range someNames {
			if len(s.Keys) > 1 {
				break
			}
			v, err := valueType(s).Parse(quoted(name), nil)
			if err != nil {
				t.Fatal(err)
			}
			at := tree.KeyOf(v)
			ok = ok && (got.Entry(s, at) != nil) == slices.Contains(keys, at) && got.IndexOf(s, at) == slices.Index(keys, at)
		}
	}
	if !ok {
		t.Fatalf("%s, way %d at %d of %d", s.Path(), way, i, n)
	}
}

// valueType is that of the one key of a list, or of a leaf-list.
func valueType(s *yang.Node) *yang.Type {
	if s.Kind == yang.List {
		return s.Keys[0].Type
	}
	return s.Type
}

func texts(t *rapid.T, s *yang.Schema, of *tree.Tree, limit int) string {
	var out bytes.Buffer
	o := codec.EncodeOptions{Schema: s, SublistLimit: limit}
	if err := codec.EncodeJSON(&out, of, o); err != nil {
		t.Fatal(err)
	}
	if err := codec.EncodeXML(&out, of, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// changed makes the same changes of two trees that are alike.
func changed(t *rapid.T, s *yang.Schema, all ...*tree.Tree) {
	stall, step := s.Find("/farm:farm/stall"), s.Find("/farm:farm/step")
	muts := make([]*tree.Mut, len(all))
	for i, x := range all {
		muts[i] = x.Mutate()
	}
	for range rapid.IntRange(0, 60).Draw(t, "changes") {
		list := rapid.SampledFrom([]*yang.Node{stall, step}).Draw(t, "list")
		op := rapid.IntRange(0, 4).Draw(t, "op")
		name, _ := list.Keys[0].Type.Parse(fmt.Sprint("n", rapid.IntRange(0, 400).Draw(t, "name")), nil)
		at := rapid.IntRange(0, 400).Draw(t, "at")
		for _, m := range muts {
			farm := m.Ensure(s.Find("/farm:farm"))
			n := farm.Node().Len(list)
			key := ""
			for e := range farm.Node().EntriesAt(list, at%max(n, 1)) {
				key = e.Key()
				break
			}
			switch {
			case op < 2 && n > 0:
				if !farm.DeleteEntry(list, key) {
					t.Fatal("what is there is not deleted")
				}
			case op == 2 && n > 0:
				_ = farm.Move(list, key, tree.Position{Where: tree.First})
			default:
				farm.AddEntry(list, []yang.Value{name}, tree.Position{Where: tree.Before, Anchor: key})
			}
		}
	}
	for i, m := range muts {
		all[i] = m.Done()
	}
}

// TestLaterIsTheSame compares what is pruned as far as it is looked at with a copy that is
// there at once, by everything that can be asked, and after the same changes.
func TestLaterIsTheSame(t *testing.T) {
	s := schemaOf(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		whole := crowded(t, s)
		before := texts(t, s, whole, 0)
		fresh := func() *tree.Tree { return accessOf(t, s, c).Prune(whole, nil) }
		want := eager(fresh())
		if _, visible := (literal{s, c, "u", []string{"g"}}).visible(whole); len(paths(fresh())) != len(visible) {
			t.Fatalf("%d nodes, want %d", len(paths(fresh())), len(visible))
		}
		for _, limit := range []int{0, 3} {
			if texts(t, s, fresh(), limit) != texts(t, s, want, limit) {
				t.Fatal("another text")
			}
		}
		sameReads(t, fresh().Root(), want.Root())
		if !tree.Compare(fresh(), want).Empty() || !tree.Compare(want, fresh()).Empty() || !tree.Compare(fresh(), fresh()).Empty() {
			t.Fatal("a difference")
		}
		if !slices.Equal(changes(whole, fresh()), changes(whole, want)) {
			t.Fatal("another difference from the whole")
		}
		both := []*tree.Tree{fresh(), want}
		changed(t, s, both...)
		if !tree.Compare(both[0], both[1]).Empty() || texts(t, s, both[0], 0) != texts(t, s, both[1], 0) {
			t.Fatal("changed alike they differ")
		}
		sameReads(t, both[0].Root(), both[1].Root())
		got, _ := tree.Merge(fresh(), both[0], fresh())
		if merged, _ := tree.Merge(want, both[1], want); texts(t, s, got, 0) != texts(t, s, merged, 0) {
			t.Fatal("merged they differ")
		}
		if texts(t, s, whole, 0) != before {
			t.Fatal("what was pruned has changed")
		}
	})
}

func changes(from, to *tree.Tree) (l []string) {
	_ = tree.Compare(from, to).Walk(func(p tree.Path, c *tree.Change) error {
		l = append(l, fmt.Sprint(p, c.Op, c.Moved, c.Pos))
		return nil
	})
	return l
}

// TestLaterAtOnce has several sessions of a user read one version after the other, each of
// which takes from those before what is the same.
func TestLaterAtOnce(t *testing.T) {
	s := schemaOf(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		a := accessOf(t, s, c)
		versions := []*tree.Tree{crowded(t, s)}
		for i := range 3 {
			next := []*tree.Tree{versions[i]}
			changed(t, s, next...)
			versions = append(versions, next[0])
		}
		json := func(t *tree.Tree) string {
			var out bytes.Buffer
			_ = codec.EncodeJSON(&out, t, codec.EncodeOptions{Schema: s})
			return out.String()
		}
		seen := make([][]string, 3)
		var wg sync.WaitGroup
		for i := range seen {
			wg.Go(func() {
				var held []*tree.Tree
				for _, v := range versions {
					held = append(held, a.Prune(v, nil))
					if i == 1 {
						paths(held[len(held)-1])
					}
					seen[i] = append(seen[i], json(held[len(held)-1]))
				}
				runtime.KeepAlive(held)
			})
		}
		wg.Wait()
		for i, v := range versions {
			want := json(eager(accessOf(t, s, c).Prune(v, nil)))
			for j := range seen {
				if seen[j][i] != want {
					t.Fatalf("reader %d sees another version %d", j, i)
				}
			}
		}
	})
}
