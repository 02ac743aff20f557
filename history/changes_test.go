package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// document is a data tree as its changes from nothing tell it: the value of each node
// by path, and the entries of each list that its user orders.
type document struct {
	values map[string]string
	orders map[string][]string
}

func newDocument() *document {
	return &document{map[string]string{}, map[string][]string{}}
}

// apply makes the changes to d; each must fit what is there.
func (d *document) apply(changes []change) error {
	for _, c := range changes {
		value, there := d.values[c.path]
		switch {
		case there != (c.operation != opCreate):
			return fmt.Errorf("%s of %s, there is %v", c.operation, c.path, there)
		case c.operation != opCreate && c.old != nil && *c.old != value:
			return fmt.Errorf("%s of %s says it was %q; it was %q", c.operation, c.path, *c.old, value)
		}
		switch c.operation {
		case opDelete:
			delete(d.values, c.path)
		case opCreate, opModify:
			d.values[c.path] = text(c.new)
		}
		if err := d.order(c); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) order(c change) error {
	list := c.path[:strings.IndexByte(c.path+"[", '[')]
	if i := strings.LastIndex(c.path, "/plant["); i >= 0 {
		list = c.path[:i]
	}
	entries := slices.DeleteFunc(slices.Clone(d.orders[list]), func(p string) bool { return p == c.path && c.operation != opModify })
	if c.after != nil {
		at := slices.Index(entries, *c.after) + 1
		if at == 0 && *c.after != "" {
			return fmt.Errorf("%s of %s after %s, which is not there", c.operation, c.path, *c.after)
		}
		entries = slices.Insert(entries, at, c.path)
	}
	if len(entries) == 0 {
		delete(d.orders, list)
	} else {
		d.orders[list] = entries
	}
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (d *document) equal(other *document) bool {
	return maps.Equal(d.values, other.values) && maps.EqualFunc(d.orders, other.orders, slices.Equal[[]string])
}

// listed are the changes from a to b.
func listed(a, b *tree.Tree) []change {
	l := lister{limit: 1 << 20}
	l.list(tree.Compare(a, b))
	return l.found
}

// TestChangesLeadFromOneToTheOther: the changes from a to b, made to a, give b; those from b
// to a lead back, and are as many.
func TestChangesLeadFromOneToTheOther(t *testing.T) {
	s := testSchema(t)
	nothing := tree.New(s.Root)
	rapid.Check(t, func(rt *rapid.T) {
		a := garden(rt, nothing)
		b := garden(rt, a)
		if rapid.Bool().Draw(rt, "unrelated") {
			b = garden(rt, nothing)
		}
		was, is := newDocument(), newDocument()
		for _, err := range []error{was.apply(listed(nothing, a)), is.apply(listed(nothing, b))} {
			if err != nil {
				rt.Fatal(err)
			}
		}
		there, back := listed(a, b), listed(b, a)
		if err := was.apply(there); err != nil {
			rt.Fatal(err)
		}
		if !was.equal(is) {
			rt.Fatalf("%v\nlead to %v\n not to %v", there, was, is)
		}
		if err := was.apply(back); err != nil {
			rt.Fatal(err)
		}
		again := newDocument()
		if err := again.apply(listed(nothing, a)); err != nil || !was.equal(again) {
			rt.Fatalf("%v\nlead back to %v\n not to %v (%v)", back, was, again, err)
		}
		if moves := countOf(there, opMove) + countOf(back, opMove); moves == 0 && len(there) != len(back) {
			rt.Fatalf("%d changes there, %d back", len(there), len(back))
		}
	})
}

func countOf(l []change, op string) (n int) {
	for _, c := range l {
		if c.operation == op {
			n++
		}
	}
	return n
}

// garden draws a garden that differs from base.
func garden(rt *rapid.T, base *tree.Tree) *tree.Tree {
	s := base.Schema().Child("garden", "garden")
	at := func(names ...string) *yang.Node {
		n := s
		for _, name := range names {
			n = n.Child("garden", name)
		}
		return n
	}
	value := func(n *yang.Node, text string) yang.Value {
		v, err := n.Type.Parse(text, nil)
		if err != nil {
			rt.Fatal(err)
		}
		return v
	}
	m := base.Mutate()
	g := m.Ensure(s)
	few := rapid.SampledFrom([]string{"1", "2", "3", "4"})
	place := func(in *tree.Mut, list *yang.Node) tree.Position {
		where := rapid.SampledFrom([]tree.Where{tree.First, tree.Last, tree.After}).Draw(rt, "where")
		if e := in.Node().First(list); where == tree.After && e != nil {
			return tree.Position{Where: where, Anchor: e.Key()}
		}
		return tree.Position{}
	}
	for range rapid.IntRange(0, 12).Draw(rt, "steps") {
		x := few.Draw(rt, "x")
		switch rapid.IntRange(0, 7).Draw(rt, "kind") {
		case 0:
			g.SetLeaf(at("owner"), value(at("owner"), x))
		case 1:
			g.Delete(at("owner"))
		case 2:
			v := value(at("path"), x)
			if !g.DeleteEntry(at("path"), tree.KeyOf(v)) {
				g.AddValue(at("path"), v, place(g, at("path")))
			}
		case 3:
			if e := g.Node().Entry(at("path"), x); e != nil && g.Node().Len(at("path")) > 1 {
				_ = g.Move(at("path"), x, tree.Position{Where: tree.First})
			}
		case 4:
			if !g.Delete(at("shed")) {
				shed := g.Ensure(at("shed"))
				shed.SetLeaf(at("shed", "door"), value(at("shed", "door"), x))
			}
		case 5:
			g.DeleteEntry(at("bed"), x)
		default:
			bed, _ := g.AddEntry(at("bed"), []yang.Value{value(at("bed", "name"), x)}, tree.Position{})
			row, kind := value(at("bed", "plant", "row"), few.Draw(rt, "row")), value(at("bed", "plant", "kind"), "it's")
			list := at("bed", "plant")
			switch rapid.IntRange(0, 3).Draw(rt, "plant") {
			case 0:
				bed.DeleteEntry(list, tree.KeyOf(row, kind))
			case 1:
				if bed.Node().Entry(list, tree.KeyOf(row, kind)) != nil {
					_ = bed.Move(list, tree.KeyOf(row, kind), tree.Position{Where: tree.Last})
				}
			default:
				plant, _ := bed.AddEntry(list, []yang.Value{row, kind}, place(bed, list))
				plant.AddValue(at("bed", "plant", "tag"), value(at("bed", "plant", "tag"), x), tree.Position{})
			}
		}
	}
	return m.Done()
}

// TestLimit: all are counted, the first are listed.
func TestLimit(t *testing.T) {
	f := fresh(t)
	f.running(`{"garden:garden": {"owner": "ann", "bed": [{"name": "a", "colour": "red"}, {"name": "b"}]}}`)
	d := tree.Compare(tree.New(f.store.Schema().Root), f.store.Running().Tree)
	all := lister{limit: 100}
	all.list(d)
	if all.count != 5 || len(all.found) != 5 {
		t.Fatalf("%d counted, %d listed, want 5", all.count, len(all.found))
	}
	for limit := range 7 {
		l := lister{limit: limit}
		l.list(d)
		if l.count != 5 || len(l.found) != min(limit, 5) {
			t.Errorf("limit %d: %d counted, %d listed", limit, l.count, len(l.found))
		}
		for i := range l.found {
			if l.found[i].path != all.found[i].path {
				t.Errorf("limit %d: %d is %s, want %s", limit, i, l.found[i].path, all.found[i].path)
			}
		}
	}
}
