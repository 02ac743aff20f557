package tree_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

func TestHandlesSeeEachOther(t *testing.T) {
	f := newFixture(t)
	base, err := build(f, tree.NewBuilder(f.Root), "top{ item{ id=a val=1 } }")
	if err != nil {
		t.Fatal(err)
	}
	top, item := f.node("/t:top"), f.below("item")
	m := base.Mutate()
	one, two := m.Child(top).Entry(item, "a"), m.Child(top).Entry(item, "a")
	one.SetLeaf(f.below("item/val"), f.str("2"))
	if got := two.Node().Leaf("val").String(); got != "2" {
		t.Errorf("the second handle sees %s", got)
	}
	two.SetLeaf(f.below("item/size"), f.value(f.below("item/size"), "5"))
	first := m.Done()
	one.SetLeaf(f.below("item/val"), f.str("3"))
	two.SetLeaf(f.below("item/size"), f.value(f.below("item/size"), "6"))
	second := m.Done()
	for i, want := range []string{"1", "2 5", "3 6"} {
		e := []*tree.Tree{base, first, second}[i].Find(f.path(t, "/t:top/item[id='a']"))
		got := e.Leaf("val").String()
		if s := e.Leaf("size"); !s.IsZero() {
			got += " " + s.String()
		}
		if got != want {
			t.Errorf("version %d has %s, want %s", i, got, want)
		}
	}
	m.Child(top).DeleteEntry(item, "a")
	one.SetLeaf(f.below("item/val"), f.str("4"))
	if m.Done().Find(f.path(t, "/t:top/item")) != nil {
		t.Error("a handle on a deleted entry brought it back")
	}
}

func TestGraftWithinOneTree(t *testing.T) {
	f := newFixture(t)
	m := tree.New(f.Root).Mutate()
	top, item := m.Ensure(f.node("/t:top")), f.below("item")
	a, _ := top.AddEntry(item, []yang.Value{f.str("a")}, tree.Position{})
	part := f.below("item/part")
	p, _ := a.AddEntry(part, []yang.Value{f.str("1"), f.str("1")}, tree.Position{})
	b, _ := top.AddEntry(item, []yang.Value{f.str("b")}, tree.Position{})
	b.Put(p.Node(), tree.Position{}) // one node in two places, still being written
	p.SetLeaf(f.below("item/part/c"), f.str("x"))
	done := m.Done()
	at := "/t:top/item[id='%s']/part[a='1'][b='1']/c"
	if done.Find(f.path(t, fmt.Sprintf(at, "a"))) == nil {
		t.Error("the write after the graft is lost")
	}
	if done.Find(f.path(t, fmt.Sprintf(at, "b"))) != nil {
		t.Error("the write after the graft is in both places")
	}
}

func TestMove(t *testing.T) {
	f := newFixture(t)
	base, _ := build(f, tree.NewBuilder(f.Root), "top{ rank=a rank=b rank=c tag=x }")
	rank, tag := f.below("rank"), f.below("tag")
	for _, c := range []struct {
		key, anchor, want string
		where             tree.Where
		leafList          *yang.Node
	}{
		{key: "c", where: tree.First, want: "[c a b]"},
		{key: "a", where: tree.Last, want: "[b c a]"},
		{key: "a", where: tree.After, anchor: "b", want: "[b a c]"},
		{key: "c", where: tree.Before, anchor: "b", want: "[a c b]"},
		{key: "b", where: tree.Before, anchor: "c", want: "[a b c]"},
		{key: "b", where: tree.After, anchor: "b", want: "[a b c]"},
		{key: "b", where: tree.After, anchor: "z"},
		{key: "z", where: tree.First},
		{key: "y", where: tree.First, leafList: tag},
		{key: "x", where: tree.First, leafList: tag, want: "[a b c]"},
	} {
		s := rank
		if c.leafList != nil {
			s = c.leafList
		}
		m := base.Mutate()
		err := m.Child(f.node("/t:top")).Move(s, c.key, tree.Position{Where: c.where, Anchor: c.anchor})
		if c.want == "" {
			if e := rpcerr.All(err); len(e) != 1 || e[0].AppTag != rpcerr.AppMissingInstance || e[0].Tag != rpcerr.BadAttribute {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		after := m.Done()
		var got []string
		for e := range after.Root().Child(f.node("/t:top")).Entries(rank) {
			got = append(got, e.Value().String())
		}
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%+v: %v %v", c, got, err)
		}
		if same := fmt.Sprint(got) == "[a b c]"; same != (after.Root() == base.Root()) {
			t.Errorf("%+v: shared %v", c, !same)
		}
	}
}

func TestMutFind(t *testing.T) {
	f := newFixture(t)
	base, _ := build(f, tree.NewBuilder(f.Root), "top{ item{ id=a part{ a=1 b=2 } } event{ what=x } event{ what=y } }")
	m := base.Mutate()
	for text, want := range map[string]bool{
		"/t:top": true, "/t:top/item[id='a']/part[a='1'][b='2']": true, "/t:top/event[2]": true,
		"/t:top/np": false, "/t:top/item[id='b']/part[a='1'][b='2']": false, "/t:top/event[3]": false,
	} {
		if got := m.Find(f.path(t, text)); (got != nil) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	m.Find(f.path(t, "/t:top/event[2]")).SetLeaf(f.below("event/what"), f.str("z"))
	if got := changes(tree.Compare(base, m.Done())); got != "inside /t:top\ninside /t:top/event\nmodify /t:top/event/what\n" {
		t.Errorf("got %s", got)
	}
}

func TestMisusePanics(t *testing.T) {
	f := newFixture(t)
	m := tree.New(f.Root).Mutate()
	top := m.Ensure(f.node("/t:top"))
	e, _ := top.AddEntry(f.below("item"), []yang.Value{f.str("a")}, tree.Position{})
	for name, misuse := range map[string]func(){
		"foreign leaf":        func() { top.SetLeaf(f.below("item/val"), f.str("x")) },
		"leaf as container":   func() { top.Ensure(f.below("name")) },
		"other key":           func() { e.SetLeaf(f.below("item/id"), f.str("b")) },
		"too few keys":        func() { e.AddEntry(f.below("item/part"), []yang.Value{f.str("a")}, tree.Position{}) },
		"done below the root": func() { top.Done() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			misuse()
		}()
	}
	e.SetLeaf(f.below("item/id"), f.str("a")) // the twin of "other key"
	e.SetLeaf(f.below("item/val"), f.str("x"))
	e.Clear()
	top.Clear()
	e, _ = top.AddEntry(f.below("item"), []yang.Value{f.str("b")}, tree.Position{})
	e.SetLeaf(f.below("item/val"), f.str("x"))
	e.Clear()
	if got := dump(m.Done()); got != "/top{\n/top/item{\n/top/item/id=b\n" {
		t.Errorf("cleared to %s", got)
	}
}

func TestStateEntries(t *testing.T) {
	f := newFixture(t)
	m := tree.New(f.Root).Mutate()
	top := m.Ensure(f.node("/t:top"))
	event, what, seen := f.below("event"), f.below("event/what"), f.below("seen")
	for _, text := range []string{"x", "y", "x"} {
		e, existed := top.AddEntry(event, nil, tree.Position{})
		e.SetLeaf(what, f.str(text))
		top.AddValue(seen, f.str(text), tree.Position{})
		if existed {
			t.Error("an entry without keys existed")
		}
	}
	first := m.Done()
	n := first.Root().Child(f.node("/t:top"))
	if n.Len(event) != 3 || n.Len(seen) != 3 {
		t.Fatalf("%d entries, %d values", n.Len(event), n.Len(seen))
	}
	if e := first.Find(f.path(t, "/t:top/event[2]")); e == nil || e.Leaf("what").String() != "y" {
		t.Error("the second entry is not found by position")
	}
	if first.Find(f.path(t, "/t:top/event[4]")) != nil {
		t.Error("a fourth entry is found")
	}
	if e := first.Find(f.path(t, "/t:top/seen[.='y']")); e == nil {
		t.Error("a state value is not found")
	}
	copied := tree.New(f.Root).Mutate()
	for range 2 {
		for _, s := range []*yang.Node{event, seen} {
			for e := range n.Entries(s) {
				copied.Ensure(f.node("/t:top")).Append(e)
			}
		}
	}
	c := copied.Done().Root().Child(f.node("/t:top"))
	if c.Len(event) != 6 || c.Len(seen) != 6 {
		t.Errorf("%d entries, %d values after appending twice", c.Len(event), c.Len(seen))
	}
	keys := map[string]bool{}
	for e := range c.Entries(event) {
		keys[e.Key()] = true
	}
	if len(keys) != 6 {
		t.Errorf("%d keys for 6 entries", len(keys))
	}
}

func TestMetadata(t *testing.T) {
	f := newFixture(t)
	m := tree.New(f.Root).Mutate()
	top := m.Ensure(f.node("/t:top"))
	top.SetOrigin(tree.OriginIntended)
	top.Put(tree.NewLeaf(f.below("name"), f.str("x")).WithOrigin(tree.OriginLearned).WithDefault(true), tree.Position{})
	marked := m.Done()
	n := marked.Root().Child(f.node("/t:top"))
	if leaf := n.Child(f.below("name")); n.Origin() != tree.OriginIntended || leaf.Origin() != tree.OriginLearned || !leaf.IsDefault() {
		t.Error("metadata is lost")
	}
	plain, _ := build(f, tree.NewBuilder(f.Root), "top{ name=x }")
	if !tree.Compare(plain, marked).Empty() {
		t.Error("metadata counts as data")
	}
	top.SetLeaf(f.below("name"), f.str("x"))
	top.SetDefault(true)
	n = m.Done().Root().Child(f.node("/t:top"))
	if leaf := n.Child(f.below("name")); leaf.IsDefault() || leaf.Origin() != tree.OriginNone || !n.IsDefault() {
		t.Error("setting a leaf keeps the old metadata, or the container's mark is lost")
	}
	if o, ok := tree.ParseOrigin("learned"); !ok || o != tree.OriginLearned || o.String() != "learned" {
		t.Error("learned")
	}
	if _, ok := tree.ParseOrigin(""); ok {
		t.Error("an origin without name")
	}
}

// TestSetting: what is there, the default, or nothing.
func TestSetting(t *testing.T) {
	f := newFixture(t)
	count, name := f.below("count"), f.below("name")
	m := tree.New(count.DataParent).Mutate()
	empty := m.Done().Root()
	v, err := count.Type.Parse("9", nil)
	if err != nil {
		t.Fatal(err)
	}
	m = tree.FromNode(empty).Mutate()
	m.SetLeaf(count, v)
	for _, x := range []struct {
		n    *tree.Node
		leaf *yang.Node
		want string
	}{{m.Done().Root(), count, "9"}, {empty, count, "7"}, {nil, count, "7"}, {empty, name, ""}, {nil, name, ""}} {
		if got := tree.Setting(x.n, x.leaf); got.String() != x.want || got.IsZero() != (x.want == "") {
			t.Errorf("%s: %q, want %q", x.leaf.Name, got, x.want)
		}
	}
}

func TestDefaultLeaf(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string][]string{"count": {"7"}, "def": {"a", "b"}, "name": nil, "item": nil} {
		var got []string
		for _, n := range tree.DefaultLeaf(f.below(path)) {
			got = append(got, n.Value().String())
			if !n.IsDefault() || n.Origin() != tree.OriginDefault || n.Schema() != f.below(path) {
				t.Errorf("%s: a default that does not say so", path)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestAnyEqual(t *testing.T) {
	f := newFixture(t)
	a, _ := build(f, tree.NewBuilder(f.Root), "top{ name=x }")
	b, _ := build(f, tree.NewBuilder(f.Root), "top{ name=x }")
	c, _ := build(f, tree.NewBuilder(f.Root), "top{ name=y }")
	for _, x := range []struct {
		a, b *tree.Any
		want bool
	}{
		{nil, nil, true},
		{nil, &tree.Any{}, false},
		{&tree.Any{XML: "<a/>"}, &tree.Any{XML: "<a/>"}, true},
		{&tree.Any{XML: "<a/>"}, &tree.Any{JSON: "<a/>"}, false},
		{&tree.Any{Tree: a}, &tree.Any{Tree: b}, true},
		{&tree.Any{Tree: a}, &tree.Any{Tree: c}, false},
		{&tree.Any{Tree: a}, &tree.Any{}, false},
	} {
		if x.a.Equal(x.b) != x.want || x.b.Equal(x.a) != x.want {
			t.Errorf("%+v and %+v: want %v", x.a, x.b, x.want)
		}
	}
	top, blob := f.node("/t:top"), f.below("blob")
	m := a.Mutate()
	m.Child(top).SetAny(blob, &tree.Any{JSON: "1"})
	one := m.Done()
	m.Child(top).SetAny(blob, &tree.Any{JSON: "1"})
	if m.Done().Root() != one.Root() {
		t.Error("setting the same content copied")
	}
	m.Child(top).SetAny(blob, &tree.Any{JSON: "2"})
	if got := changes(tree.Compare(one, m.Done())); got != "inside /t:top\nmodify /t:top/blob\n" {
		t.Errorf("got %s", got)
	}
}
