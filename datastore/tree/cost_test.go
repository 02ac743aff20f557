package tree_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// big is a tree with n entries in each of the two lists with keys.
func big(f fixture, n int) *tree.Tree {
	m := tree.New(f.Root).Mutate()
	top := m.Ensure(f.node("/t:top"))
	for i := range n {
		id := []yang.Value{f.str(fmt.Sprintf("%08d", i))}
		for _, list := range []string{"item", "step"} {
			e, _ := top.AddEntry(f.below(list), id, tree.Position{})
			e.SetLeaf(f.below(list+"/val"), f.str("v"))
		}
	}
	return m.Done()
}

func TestEditShares(t *testing.T) {
	f := newFixture(t)
	const n = 100_000
	base := big(f, n)
	top := f.node("/t:top")
	for _, list := range []string{"item", "step"} {
		s, val := f.below(list), f.below(list+"/val")
		edit := func() *tree.Tree {
			m := base.Mutate()
			m.Child(top).Entry(s, "00050000").SetLeaf(val, f.str("w"))
			return m.Done()
		}
		next := edit()
		changed := 0
		a, b := base.Root().Child(top), next.Root().Child(top)
		for e := range a.Entries(s) {
			if b.Entry(s, e.Key()) != e {
				changed++
			}
		}
		if changed != 1 {
			t.Errorf("%s: %d entries are not shared", list, changed)
		}
		if allocs := testing.AllocsPerRun(10, func() { edit() }); allocs > 60 {
			t.Errorf("%s: an edit of one leaf makes %.0f allocations", list, allocs)
		}
		if bytes := bytesPerRun(20, func() { edit() }); bytes > 16_000 {
			t.Errorf("%s: an edit of one leaf takes %d bytes", list, bytes)
		}
		if allocs := testing.AllocsPerRun(10, func() { tree.Compare(base, next) }); allocs > 60 {
			t.Errorf("%s: comparing takes %.0f allocations", list, allocs)
		}
		want := fmt.Sprintf("inside /t:top\ninside /t:top/%s[id='00050000']\nmodify /t:top/%s[id='00050000']/val\n", list, list)
		if got := changes(tree.Compare(base, next)); got != want {
			t.Errorf("%s: got %s", list, got)
		}
	}
}

// A change at the front of a long list must not make the rest compare.
func TestCompareSkipsWhatIsShared(t *testing.T) {
	f := newFixture(t)
	base := big(f, 50_000)
	top, step := f.node("/t:top"), f.below("step")
	m := base.Mutate()
	m.Child(top).AddEntry(step, []yang.Value{f.str("new")}, tree.Position{Where: tree.First})
	m.Child(top).AddEntry(f.below("item"), []yang.Value{f.str("00")}, tree.Position{})
	m.Child(top).DeleteEntry(f.below("item"), "00025000")
	if err := m.Child(top).Move(step, "00049999", tree.Position{Where: tree.After, Anchor: "00000100"}); err != nil {
		t.Fatal(err)
	}
	next := m.Done()
	if bytes := bytesPerRun(10, func() { tree.Compare(base, next) }); bytes > 32_000 {
		t.Errorf("comparing four changes takes %d bytes", bytes)
	}
	want := "inside /t:top\ndelete /t:top/item[id='00025000']\ncreate /t:top/item[id='00']\n" +
		"create /t:top/step[id='new'] first\ninside /t:top/step[id='00049999'] moved after \"00000100\"\n"
	if got := changes(tree.Compare(base, next)); got != want {
		t.Errorf("got %s", got)
	}
}

func bytesPerRun(runs int, f func()) uint64 {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&b)
	return (b.TotalAlloc - a.TotalAlloc) / uint64(runs)
}

const moduleWide = `module wide {
  yang-version 1.1; namespace "urn:wide"; prefix w;
  list row { key c0;
    leaf c0 { type string; } leaf c1 { type string; } leaf c2 { type string; } leaf c3 { type string; } leaf c4 { type string; }
    leaf c5 { type uint32; } leaf c6 { type uint32; } leaf c7 { type uint32; } leaf c8 { type boolean; } leaf c9 { type boolean; }
  }
}`

// A leaf in a list of entries with ten leafs takes at most 150 bytes, text included.
func TestMemoryPerLeaf(t *testing.T) {
	f := newFixtureOf(t, moduleWide)
	row := f.node("/wide:row")
	const n = 20_000
	for _, how := range []string{"builder", "mut"} {
		before := heap()
		var got *tree.Tree
		if how == "builder" {
			b := tree.NewBuilder(f.Root)
			for i := range n {
				b.Begin(row, nil)
				for j, leaf := range row.Data {
					b.Leaf(leaf, f.value(leaf, cell(i, j)), nil)
				}
				if err := b.End(); err != nil {
					t.Fatal(err)
				}
			}
			got, _ = b.Tree()
		} else {
			m := tree.New(f.Root).Mutate()
			for i := range n {
				e, _ := m.AddEntry(row, []yang.Value{f.value(row.Data[0], cell(i, 0))}, tree.Position{})
				for j, leaf := range row.Data[1:] {
					e.SetLeaf(leaf, f.value(leaf, cell(i, j+1)))
				}
			}
			got = m.Done()
		}
		per := float64(heap()-before) / (n * 10)
		runtime.KeepAlive(got)
		t.Logf("%s: %.1f bytes a leaf", how, per)
		if per > 150 {
			t.Errorf("%s: %.1f bytes a leaf", how, per)
		}
	}
}

const moduleDeep = `module deep {
  yang-version 1.1; namespace "urn:deep"; prefix d;
  list resource { key id;
    leaf id { type string; } leaf type { type string; } leaf text { type string; }
    leaf-list role { type string; } leaf-list uses { type string; }
    container params { leaf uri { type string; } }
    container limits { leaf memory { type uint64; } }
  }
}`

// deep is a tree of n entries with ten leafs each, in containers and leaf-lists too:
// of these, four repeat in other entries.
func deep(f fixture, n int) *tree.Tree {
	b := tree.NewBuilder(f.Root)
	list := f.node("/deep:resource")
	leaf := func(name, format string, args ...any) {
		s := f.node("/deep:resource/" + name)
		b.Leaf(s, f.value(s, fmt.Sprintf(format, args...)), nil)
	}
	within := func(name string, content func()) {
		b.Begin(f.node("/deep:resource/"+name), nil)
		content()
		b.End()
	}
	for i := range n {
		b.Begin(list, nil)
		leaf("id", "directory-%d", i)
		leaf("type", "ird")
		leaf("text", "delegated directory number %d", i)
		for j := range 3 {
			leaf("role", "role%d", (i+7*j)%20)
		}
		leaf("uses", "directory-%d", i/2)
		leaf("uses", "directory-%d", i+1)
		within("params", func() { leaf("params/uri", "https://alto%d.example.net/directory", i) })
		within("limits", func() { leaf("limits/memory", "%d", 100_000+i) })
		b.End()
	}
	t, err := b.Tree()
	if err != nil {
		panic(err)
	}
	return t
}

// TestMemoryOfDeepEntries is TestMemoryPerLeaf where entries are not flat.
func TestMemoryOfDeepEntries(t *testing.T) {
	f := newFixtureOf(t, moduleDeep)
	const n = 10_000
	before := heap()
	got := deep(f, n)
	per := float64(heap()-before) / (n * 10)
	runtime.KeepAlive(got)
	t.Logf("%.1f bytes a leaf", per)
	if per > 130 {
		t.Errorf("%.1f bytes a leaf", per)
	}
}

// TestSnapshotsShare holds ten versions of a tree, each with some entries changed,
// added and deleted.
func TestSnapshotsShare(t *testing.T) {
	f := newFixtureOf(t, moduleDeep)
	const n = 20_000
	list, text := f.node("/deep:resource"), f.node("/deep:resource/text")
	id := func(i int) []yang.Value { return []yang.Value{f.value(list.Keys[0], fmt.Sprint("directory-", i))} }
	before := heap()
	versions := []*tree.Tree{deep(f, n)}
	one := heap() - before
	for v := range 10 {
		m := versions[v].Mutate()
		for k := range 5 {
			i := (v*7919 + k*3001) % (n / 2)
			m.Entry(list, tree.KeyOf(id(i)...)).SetLeaf(text, f.value(text, fmt.Sprint("edit ", v)))
			m.DeleteEntry(list, tree.KeyOf(id(n/2+i)...))
			e, _ := m.AddEntry(list, id(n+10*v+k), tree.Position{})
			e.SetLeaf(text, f.value(text, "new"))
		}
		versions = append(versions, m.Done())
	}
	more := float64(heap()-before-one) / float64(one)
	runtime.KeepAlive(versions)
	t.Logf("ten more versions take %.2f %% of one", 100*more)
	if more > 0.02 {
		t.Errorf("ten versions that differ in a few entries take %.1f %% more than one", 100*more)
	}
}

// cell is a text for column j that is no constant.
func cell(i, j int) string {
	switch {
	case j >= 8:
		return fmt.Sprint(i%2 == 0)
	case j >= 5:
		return fmt.Sprint(i)
	}
	return fmt.Sprintf("text-%08d", i)
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
