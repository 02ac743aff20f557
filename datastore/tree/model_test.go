package tree_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

// model is a data tree as maps and slices: slow and plain.
type model struct {
	leaf map[string]string
	cont map[string]*model
	list map[string][]*modelEntry // in order
}

type modelEntry struct {
	keys []string
	in   *model
}

func newModel() *model {
	return &model{leaf: map[string]string{}, cont: map[string]*model{}, list: map[string][]*modelEntry{}}
}

func (m *model) dump(b *strings.Builder, at string, s *yang.Node) {
	for _, c := range s.Data {
		name := at + "/" + c.Name
		if v, ok := m.leaf[c.Name]; ok {
			fmt.Fprintf(b, "%s=%s\n", name, v)
		}
		if in := m.cont[c.Name]; in != nil {
			fmt.Fprintf(b, "%s{\n", name)
			in.dump(b, name, c)
		}
		l := slices.Clone(m.list[c.Name])
		if !c.OrderedByUser && c.Config {
			slices.SortStableFunc(l, func(x, y *modelEntry) int { return slices.Compare(x.keys, y.keys) })
		}
		for _, e := range l {
			if c.Kind == yang.LeafList {
				fmt.Fprintf(b, "%s=%s\n", name, e.keys[0])
				continue
			}
			fmt.Fprintf(b, "%s{\n", name)
			e.in.dump(b, name, c)
		}
	}
}

func (m *model) String(s *yang.Node) string {
	var b strings.Builder
	m.dump(&b, "", s)
	return b.String()
}

// stepper makes the same random changes to a tree and to a model.
type stepper struct {
	fixture
	t *rapid.T
}

func (st stepper) word(s *yang.Node) string {
	if s.Type.Base == yang.Uint32 {
		return rapid.SampledFrom([]string{"1", "10", "2"}).Draw(st.t, "number")
	}
	return rapid.SampledFrom([]string{"", "a", "b", "aa", "'", `"`, "x y", "ä", "1", "10", "2"}).Draw(st.t, "word")
}

func (st stepper) step(m *tree.Mut, in *model) {
	data := slices.DeleteFunc(slices.Clone(m.Schema().Data), func(n *yang.Node) bool {
		return n.IsKey || n.Kind == yang.AnyData || n.Module.Name == "u"
	})
	if m.Schema().Name == "top" && rapid.Bool().Draw(st.t, "list") {
		data = slices.DeleteFunc(data, func(n *yang.Node) bool { return n.Kind != yang.List && n.Kind != yang.LeafList })
	}
	c := rapid.SampledFrom(data).Draw(st.t, "node")
	for _, other := range slices.Collect(m.Node().Schemas()) {
		if tree.Exclusive(other, c) {
			m.Delete(other)
			delete(in.leaf, other.Name)
		}
	}
	switch op := rapid.IntRange(0, 19).Draw(st.t, "op"); {
	case op == 0:
		_, had := in.leaf[c.Name]
		had = had || in.cont[c.Name] != nil || len(in.list[c.Name]) > 0
		if m.Delete(c) != had {
			st.t.Fatalf("delete %s: want %v", c.Path(), had)
		}
		delete(in.leaf, c.Name)
		delete(in.cont, c.Name)
		delete(in.list, c.Name)
	case c.Kind == yang.Leaf:
		v := st.word(c)
		m.SetLeaf(c, st.value(c, v))
		in.leaf[c.Name] = v
	case c.Kind == yang.Container:
		if in.cont[c.Name] == nil {
			in.cont[c.Name] = newModel()
		}
		st.step(m.Ensure(c), in.cont[c.Name])
	case op <= 9 || len(in.list[c.Name]) == 0:
		st.add(m, in, c)
	default:
		st.change(m, in, c, op)
	}
}

// position draws a place in the list c, as both have it.
func (st stepper) position(m *tree.Mut, in *model, c *yang.Node) (pos tree.Position, at int) {
	l := in.list[c.Name]
	at = len(l)
	if !c.OrderedByUser {
		return pos, at
	}
	pos.Where = tree.Where(rapid.IntRange(0, 3).Draw(st.t, "where"))
	if len(l) == 0 || pos.Where == tree.Last {
		return tree.Position{Where: pos.Where}, at
	}
	if pos.Where == tree.First {
		return pos, 0
	}
	at = rapid.IntRange(0, len(l)-1).Draw(st.t, "anchor")
	pos.Anchor = slices.Collect(m.Node().Entries(c))[at].Key()
	if pos.Where == tree.After {
		at++
	}
	return pos, at
}

// add adds an entry to the list or leaf-list c and changes something within it.
func (st stepper) add(m *tree.Mut, in *model, c *yang.Node) {
	leafs := c.Keys
	if c.Kind == yang.LeafList {
		leafs = []*yang.Node{c}
	}
	e := &modelEntry{in: newModel()}
	var vals []yang.Value
	for _, k := range leafs {
		text := st.word(k)
		e.keys, vals = append(e.keys, text), append(vals, st.value(k, text))
		e.in.leaf[k.Name] = text
	}
	old := slices.IndexFunc(in.list[c.Name], func(x *modelEntry) bool { return slices.Equal(x.keys, e.keys) })
	if c.Kind == yang.LeafList && !c.Config || len(leafs) == 0 {
		old = -1 // may repeat
	}
	pos, at := st.position(m, in, c)
	if c.Kind == yang.LeafList {
		m.AddValue(c, vals[0], pos)
	} else {
		h, existed := m.AddEntry(c, vals, pos)
		if existed != (old >= 0) {
			st.t.Fatalf("entry %q of %s: existed %v", e.keys, c.Path(), existed)
		}
		if old >= 0 {
			e = in.list[c.Name][old]
		}
		defer st.step(h, e.in)
	}
	if old < 0 {
		in.list[c.Name] = slices.Insert(in.list[c.Name], at, e)
	}
}

// change moves, deletes or descends into an entry of c.
func (st stepper) change(m *tree.Mut, in *model, c *yang.Node, op int) {
	i := rapid.IntRange(0, len(in.list[c.Name])-1).Draw(st.t, "entry")
	e := in.list[c.Name][i]
	key := slices.Collect(m.Node().Entries(c))[i].Key()
	if !c.OrderedByUser && c.Config {
		var vals []yang.Value
		for _, k := range e.keys {
			vals = append(vals, st.str(k))
		}
		key = tree.KeyOf(vals...)
	}
	switch {
	case op <= 12:
		if !m.DeleteEntry(c, key) {
			st.t.Fatalf("no entry %q of %s", key, c.Path())
		}
		in.list[c.Name] = slices.Delete(in.list[c.Name], i, i+1)
	case op <= 16 && c.OrderedByUser:
		pos, at := st.position(m, in, c)
		if err := m.Move(c, key, pos); err != nil {
			st.t.Fatal(err)
		}
		l := slices.Delete(slices.Clone(in.list[c.Name]), i, i+1)
		switch {
		case (pos.Where == tree.Before || pos.Where == tree.After) && pos.Anchor == key:
			at = i
		case at > i:
			at--
		}
		in.list[c.Name] = slices.Insert(l, at, e)
	case c.Kind == yang.List:
		st.step(m.Entry(c, key), e.in)
	}
}

func TestMutAgainstModel(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		st := stepper{f, rt}
		in, now := newModel(), tree.New(f.Root)
		var olds []*tree.Tree
		var dumps []string
		for range rapid.IntRange(1, 6).Draw(rt, "versions") {
			m := now.Mutate()
			for range rapid.IntRange(0, 60).Draw(rt, "steps") {
				st.step(m, in)
			}
			now = m.Done()
			if got, want := dump(now), in.String(f.Root); got != want {
				rt.Fatalf("got\n%s\nwant\n%s", got, want)
			}
			olds, dumps = append(olds, now), append(dumps, dump(now))
		}
		for i, old := range olds {
			if dump(old) != dumps[i] {
				rt.Fatalf("version %d has changed", i)
			}
		}
		checkDiffs(rt, tree.New(f.Root), now)
		checkDiffs(rt, olds[0], now)
		checkDiffs(rt, rebuilt(rt, olds[0], true), rebuilt(rt, now, false))
		checkWays(rt, now)
	})
}

// checkDiffs checks what must hold for the differences of any two trees.
func checkDiffs(t *rapid.T, a, b *tree.Tree) {
	d := tree.Compare(a, b)
	if d.Empty() != (dump(a) == dump(b)) {
		t.Fatalf("empty: %v", d.Empty())
	}
	if !tree.Compare(b, b).Empty() {
		t.Fatal("a tree differs from itself")
	}
	for _, way := range []struct {
		d        *tree.Diff
		from, to *tree.Tree
	}{{d, a, b}, {d.Reverse(), b, a}, {d.Reverse().Reverse(), a, b}} {
		got, err := way.d.Apply(way.from)
		if err != nil {
			t.Fatal(err)
		}
		if dump(got) != dump(way.to) {
			t.Fatalf("from\n%s\ngot\n%s\nwant\n%s\ndiff\n%s", dump(way.from), dump(got), dump(way.to), changes(way.d))
		}
		if rest := tree.Compare(got, way.to); !rest.Empty() {
			t.Fatalf("rest\n%s", changes(rest))
		}
	}
}

// changes writes a diff as one line per change.
func changes(d *tree.Diff) string {
	var b strings.Builder
	d.Walk(func(p tree.Path, c *tree.Change) error {
		fmt.Fprintf(&b, "%s %s", c.Op, p)
		if c.Moved {
			b.WriteString(" moved")
		}
		if c.Pos.Where == tree.After {
			fmt.Fprintf(&b, " after %q", c.Pos.Anchor)
		} else if c.Pos.Where == tree.First {
			b.WriteString(" first")
		}
		b.WriteString("\n")
		return nil
	})
	return b.String()
}

// rebuilt sends t through a Builder.
func rebuilt(t *rapid.T, from *tree.Tree, reverse bool) *tree.Tree {
	b := tree.NewBuilder(from.Schema())
	// Fed with the last schema node first, entries in order: what makes no difference.
	if err := feed(b, from.Root(), reverse); err != nil {
		t.Fatal(err)
	}
	got, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	if dump(got) != dump(from) {
		t.Fatalf("built\n%s\nfrom\n%s", dump(got), dump(from))
	}
	return got
}

// checkWays checks that the ways to reach an entry agree.
func checkWays(t *rapid.T, tr *tree.Tree) {
	var visit func(p tree.Path, n *tree.Node)
	visit = func(p tree.Path, n *tree.Node) {
		for s := range n.Schemas() {
			if s.Kind == yang.List || s.Kind == yang.LeafList {
				checkEntries(t, n, s)
			}
		}
		for c := range n.Children() {
			at := p.Join(tree.StepTo(c))
			if keyless := c.Schema().Kind == yang.List && len(c.Schema().Keys) == 0; !keyless && c.Schema().Config {
				if tr.Find(at) != c {
					t.Fatalf("%s leads elsewhere", at)
				}
				visit(at, c)
			}
		}
	}
	visit(nil, tr.Root())
}

func checkEntries(t *rapid.T, n *tree.Node, s *yang.Node) {
	all := slices.Collect(n.Entries(s))
	if n.Len(s) != len(all) || n.First(s) != all[0] || n.Last(s) != all[len(all)-1] {
		t.Fatalf("%s: length or ends", s.Path())
	}
	for i, e := range all {
		var before, after *tree.Node
		if i > 0 {
			before = all[i-1]
		}
		if i+1 < len(all) {
			after = all[i+1]
		}
		if n.Entry(s, e.Key()) != e || n.Before(s, e.Key()) != before || n.After(s, e.Key()) != after {
			t.Fatalf("%s: entry %d and its neighbours", s.Path(), i)
		}
		if !slices.Equal(slices.Collect(n.EntriesFrom(s, e.Key())), all[i:]) {
			t.Fatalf("%s: entries from %d", s.Path(), i)
		}
	}
}
