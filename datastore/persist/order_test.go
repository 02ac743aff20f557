package persist_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// steps makes and changes the list /shop:top/step, which is ordered by user.
type steps struct{ top, list, name *yang.Node }

func newSteps(s *yang.Schema) steps {
	return steps{s.Find("/shop:top"), s.Find("/shop:top/step"), s.Find("/shop:top/step/n")}
}

func (s steps) value(t interface{ Fatal(...any) }, name string) yang.Value {
	v, err := s.name.Type.Parse(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (s steps) add(t interface{ Fatal(...any) }, m *tree.Mut, name string, pos tree.Position) {
	m.Ensure(s.top).AddEntry(s.list, []yang.Value{s.value(t, name)}, pos)
}

// TestOrderIsLocal: an entry that is inserted, removed or moved rewrites at most three
// records, however long the list is.
func TestOrderIsLocal(t *testing.T) {
	schema := dstest.Schema(t, shop)
	s := newSteps(schema)
	m := tree.New(schema.Root).Mutate()
	for i := range 2000 {
		s.add(t, m, fmt.Sprintf("s%d", i), tree.Position{})
	}
	full := m.Done()
	after := func(name string) tree.Position { return tree.Position{Where: tree.After, Anchor: name} }
	move := func(name string, pos tree.Position) func(*tree.Mut) {
		return func(m *tree.Mut) { must(t, m.Child(s.top).Move(s.list, name, pos)) }
	}
	for name, change := range map[string]func(*tree.Mut){
		"insert first":    func(m *tree.Mut) { s.add(t, m, "x", tree.Position{Where: tree.First}) },
		"insert between":  func(m *tree.Mut) { s.add(t, m, "x", after("s1000")) },
		"insert last":     func(m *tree.Mut) { s.add(t, m, "x", tree.Position{}) },
		"remove first":    func(m *tree.Mut) { m.Child(s.top).DeleteEntry(s.list, "s0") },
		"remove between":  func(m *tree.Mut) { m.Child(s.top).DeleteEntry(s.list, "s1000") },
		"remove last":     func(m *tree.Mut) { m.Child(s.top).DeleteEntry(s.list, "s1999") },
		"move far ahead":  move("s1900", after("s3")),
		"move far back":   move("s3", after("s1900")),
		"move to first":   move("s1999", tree.Position{Where: tree.First}),
		"move to last":    move("s0", tree.Position{}),
		"move by one":     move("s1000", after("s1001")),
		"swap with first": move("s0", after("s1")),
	} {
		t.Run(name, func(t *testing.T) {
			m := full.Mutate()
			change(m)
			next := m.Done()
			d := tree.Compare(full, next)
			for _, x := range []struct {
				d        *tree.Diff
				from, to *tree.Tree
			}{{d, full, next}, {d.Reverse(), next, full}} {
				records := persist.Records(x.d)
				if len(records) == 0 || len(records) > 3 {
					t.Errorf("%d records", len(records))
				}
				applied(t, schema, x.from, x.to, records)
			}
		})
	}
}

// TestAnyOrder goes from one order of some entries to another of others, by moves and
// all at once.
func TestAnyOrder(t *testing.T) {
	schema := dstest.Schema(t, shop)
	s := newSteps(schema)
	all := make([]string, 14)
	for i := range all {
		all[i] = fmt.Sprintf("s%d", i)
	}
	rapid.Check(t, func(rt *rapid.T) {
		order := func(label string) []string {
			return rapid.Permutation(all).Draw(rt, label)[rapid.IntRange(0, len(all)).Draw(rt, label+" left out"):]
		}
		build := func(names []string) *tree.Tree {
			m := tree.New(schema.Root).Mutate()
			m.Ensure(s.top)
			for _, n := range names {
				s.add(rt, m, n, tree.Position{})
			}
			return m.Done()
		}
		from, names := build(order("from")), order("to")
		to := build(names)
		m := from.Mutate()
		for _, n := range names { // the same by moves
			s.add(rt, m, n, tree.Position{})
			_ = m.Child(s.top).Move(s.list, n, tree.Position{})
		}
		moved := m.Done()
		for _, next := range []*tree.Tree{to, moved} {
			d := tree.Compare(from, next)
			applied(rt, schema, from, next, persist.Records(d))
			applied(rt, schema, next, from, persist.Records(d.Reverse()))
			kept := store{}
			kept.apply(persist.Records(tree.Compare(tree.New(schema.Root), from)))
			kept.apply(persist.Records(d))
			if d := tree.Compare(next, kept.load(rt, schema)); !d.Empty() {
				rt.Fatalf("loaded tree differs: %+v", d.Root)
			}
		}
	})
}
