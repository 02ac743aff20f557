package validate_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

// benched is a network of n resources: each accepts a role, uses a data source, has
// an address of its own and some rules.
const benched = `
	container alto {
	  list role { key name; leaf name { type string; } }
	  list source { key id; leaf id { type string; } leaf last { type instance-identifier; } }
	  list resource { key id; unique "address port";
	    must "not(low > high)";
	    leaf id { type string; }
	    leaf low { type uint32; } leaf high { type uint32; default 1000; }
	    leaf kind { type enumeration { enum map; enum cost; } }
	    container map { when "../kind = 'map'"; leaf format { type string; } }
	    leaf address { type string; } leaf port { type uint16; default 80; }
	    leaf source { type leafref { path "/alto/source/id"; } }
	    leaf-list role { type leafref { path "/alto/role/name"; } }
	    list part { key name; leaf name { type string; } }
	    leaf main { type leafref { path "../part/name"; } }
	    leaf other { type leafref { path "/alto/resource/part/name"; } }
	  }
	}`

// network is the fixture with n resources in a valid tree.
type network struct {
	*fixture
	alto, resource *yang.Node
	full           *tree.Tree
	ix             *validate.Index
}

func (f *fixture) value(s *yang.Node, text string) yang.Value {
	v, err := s.Type.Parse(text, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func newNetwork(t testing.TB, n int) *network {
	f := compile(t, benched)
	x := &network{fixture: f, alto: f.schema.Find("/m:alto"), resource: f.schema.Find("/m:alto/resource")}
	m := tree.New(f.schema.Root).Mutate()
	alto := m.Ensure(x.alto)
	for i := range 8 {
		for _, list := range []string{"role", "source"} {
			s := f.schema.Find("/m:alto/" + list)
			alto.AddEntry(s, []yang.Value{f.value(s.Keys[0], list+"-"+strconv.Itoa(i))}, tree.Position{})
		}
	}
	for i := range n {
		x.add(alto, i)
	}
	x.full = m.Done()
	if errs := f.Tree(context.Background(), x.full, validate.Options{}); len(errs) > 0 {
		t.Fatal(errs)
	}
	x.ix = f.Index(x.full)
	return x
}

func (x *network) leaf(name string) *yang.Node { return x.schema.Find("/m:alto/resource/" + name) }

func resourceKey(i int) string { return fmt.Sprintf("resource-%06d", i) }

// add adds resource i. The last source is used by it only.
func (x *network) add(alto *tree.Mut, i int) {
	e, _ := alto.AddEntry(x.resource, []yang.Value{x.value(x.leaf("id"), resourceKey(i))}, tree.Position{})
	for _, l := range [][2]string{
		{"low", strconv.Itoa(i % 1000)}, {"kind", "map"}, {"address", "10.0." + strconv.Itoa(i)}, {"source", "source-" + strconv.Itoa(i%7)},
	} {
		e.SetLeaf(x.leaf(l[0]), x.value(x.leaf(l[0]), l[1]))
	}
	e.Ensure(x.leaf("map")).SetLeaf(x.leaf("map/format"), x.value(x.leaf("map/format"), "json"))
	part := "part-" + strconv.Itoa(i)
	e.AddEntry(x.leaf("part"), []yang.Value{x.value(x.leaf("part/name"), part)}, tree.Position{})
	e.AddValue(x.leaf("role"), x.value(x.leaf("role"), "role-"+strconv.Itoa(i%7)), tree.Position{})
	if i%100 == 1 {
		e.SetLeaf(x.leaf("other"), x.value(x.leaf("other"), "part-"+strconv.Itoa(i-1)))
	}
}

// edits are changes by name, with the app-tag of the error they have to give.
var networkEdits = []struct {
	name, want string
	edit       func(x *network, alto *tree.Mut, n int)
}{
	{"OneLeaf", "", func(x *network, alto *tree.Mut, n int) {
		alto.Entry(x.resource, resourceKey(n/2)).SetLeaf(x.leaf("low"), x.value(x.leaf("low"), "7777"[:3]))
	}},
	{"AddEntry", "", func(x *network, alto *tree.Mut, n int) { x.add(alto, n+4) }},
	{"DeleteEntry", "", func(x *network, alto *tree.Mut, n int) { alto.DeleteEntry(x.resource, resourceKey(n/2+7)) }},
	{"UniqueAdd", "data-not-unique", func(x *network, alto *tree.Mut, n int) {
		x.add(alto, n+4)
		alto.Entry(x.resource, resourceKey(n+4)).SetLeaf(x.leaf("address"), x.value(x.leaf("address"), "10.0."+strconv.Itoa(n/2)))
	}},
	{"DeleteReferenced", "instance-required", func(x *network, alto *tree.Mut, n int) {
		alto.DeleteEntry(x.resource, resourceKey(n/2/100*100))
	}},
	{"RefusedLeaf", "must-violation", func(x *network, alto *tree.Mut, n int) {
		alto.Entry(x.resource, resourceKey(n/2)).SetLeaf(x.leaf("low"), x.value(x.leaf("low"), "2000"))
	}},
}

func (x *network) edited(edit func(x *network, alto *tree.Mut, n int), n int) *tree.Tree {
	m := x.full.Mutate()
	edit(x, m.Child(x.alto), n)
	return m.Done()
}

// TestChangeFindsWhatIsIndexed checks the edits that are measured, and that they
// visit no more nodes when the lists are longer.
func TestChangeFindsWhatIsIndexed(t *testing.T) {
	visited := map[string]int{}
	for _, n := range []int{200, 3000} {
		x := newNetwork(t, n)
		for _, e := range networkEdits {
			next := x.edited(e.edit, n)
			errs, visits := x.Visits(x.full, next, tree.Compare(x.full, next), validate.Options{Index: x.ix})
			if got := len(errs); got > 1 || got == 1 && errs[0].AppTag != e.want || got == 0 && e.want != "" {
				t.Errorf("%s of %d: %v, want %q", e.name, n, errs, e.want)
			}
			if before, ok := visited[e.name]; ok && visits != before {
				t.Errorf("%s of %d visits %d nodes, of fewer %d", e.name, n, visits, before)
			}
			visited[e.name] = visits
		}
	}
}

var benchSizes = []int{1000, 10000, 100000}

func benchNetwork(b *testing.B, run func(b *testing.B, x *network, n int)) {
	for _, n := range benchSizes {
		x := newNetwork(b, n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, x, n)
		})
	}
}

// BenchmarkChange measures Change alone, with an Index, for one edit in a tree of n
// resources.
func BenchmarkChange(b *testing.B) {
	for _, e := range networkEdits {
		b.Run(e.name, func(b *testing.B) {
			benchNetwork(b, func(b *testing.B, x *network, n int) {
				next := x.edited(e.edit, n)
				d := tree.Compare(x.full, next)
				for b.Loop() {
					x.Change(context.Background(), x.full, next, d, validate.Options{Index: x.ix})
				}
			})
		})
	}
}

// BenchmarkUpdate measures what an added resource costs the Index.
func BenchmarkUpdate(b *testing.B) {
	benchNetwork(b, func(b *testing.B, x *network, n int) {
		next := x.edited(networkEdits[1].edit, n)
		d := tree.Compare(x.full, next)
		for b.Loop() {
			x.ix.Update(x.full, next, d)
		}
	})
}

// BenchmarkIndex measures making an Index, and its memory.
func BenchmarkIndex(b *testing.B) {
	benchNetwork(b, func(b *testing.B, x *network, n int) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		ix := x.Index(x.full)
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(ix)
		for b.Loop() {
			x.Index(x.full)
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "index-B/resource")
	})
}

// BenchmarkTree measures a full validation.
func BenchmarkTree(b *testing.B) {
	benchNetwork(b, func(b *testing.B, x *network, _ int) {
		for b.Loop() {
			x.Tree(context.Background(), x.full, validate.Options{})
		}
	})
}

// BenchmarkLoad measures Change and Update when all resources come at once.
func BenchmarkLoad(b *testing.B) {
	benchNetwork(b, func(b *testing.B, x *network, _ int) {
		m := x.full.Mutate()
		m.Child(x.alto).Delete(x.resource)
		before := m.Done()
		ix := x.Index(before)
		d := tree.Compare(before, x.full)
		for b.Loop() {
			if errs := x.Change(context.Background(), before, x.full, d, validate.Options{Index: ix}); errs != nil {
				b.Fatal(errs)
			}
			ix.Update(before, x.full, d)
		}
	})
}
