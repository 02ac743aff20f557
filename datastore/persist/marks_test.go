package persist_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestMarksAreStored makes random commits and demands that what is loaded has the
// marks of the tree, node by node.
func TestMarksAreStored(t *testing.T) {
	schema := dstest.Schema(t, shop)
	start := time.Date(2026, 11, 22, 12, 0, 0, 1, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		kept, now := store{}, tree.New(schema.Root)
		for rev := range uint64(rapid.IntRange(1, 12).Draw(rt, "commits")) {
			m := now.Mutate()
			for range rapid.IntRange(1, 5).Draw(rt, "edits") {
				randomEdit(rt, schema, m)
			}
			by := &tree.Mark{Revision: rev + 1, Time: start.Add(time.Duration(rev) * time.Second)}
			next, err := tree.Compare(now, m.Done()).ApplyMarked(now, by)
			if err != nil {
				rt.Fatal(err)
			}
			records := persist.Records(tree.Compare(now, next))
			kept.apply(records)
			applied(rt, schema, now, next, records)
			now = next
			loaded := kept.load(rt, schema)
			if d := tree.Compare(now, loaded); !d.Empty() {
				rt.Fatalf("loaded tree differs: %+v", d.Root)
			}
			if !now.Empty() {
				sameMarks(rt, now, loaded, now.Root(), nil)
			}
		}
	})
}

func sameMarks(t *rapid.T, want, got *tree.Tree, n *tree.Node, p tree.Path) {
	w, g := want.Mark(p), got.Mark(p)
	if g == nil || g.Revision != w.Revision || !g.Time.Equal(w.Time) {
		t.Fatalf("%s has the mark %+v, want %+v", p, g, w)
	}
	for c := range n.Children() {
		sameMarks(t, want, got, c, p.Join(tree.StepTo(c)))
	}
}

// TestMarksAreSmall: a bulk load marks one node, and a change of one leaf those on the
// way to it, without rewriting what they hold.
func TestMarksAreSmall(t *testing.T) {
	schema := dstest.Schema(t, shop)
	top, item := schema.Find("/shop:top"), schema.Find("/shop:top/item")
	text := func(s *yang.Node, v string) yang.Value {
		out, err := s.Type.Parse(v, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	empty := tree.New(schema.Root)
	m := empty.Mutate()
	in := m.Ensure(top)
	in.SetLeaf(schema.Find("/shop:top/name"), text(schema.Find("/shop:top/name"), "the corner shop"))
	for i := range 100 {
		in.AddEntry(item, []yang.Value{text(item.Keys[0], string(rune('A'+i)))}, tree.Position{})
	}
	full, err := tree.Compare(empty, m.Done()).ApplyMarked(empty, &tree.Mark{Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	plain, marked := 0, 0
	for _, r := range persist.Records(tree.Compare(empty, full)) {
		marked += len(r.Value)
	}
	for _, r := range persist.Records(tree.Compare(empty, m.Done())) {
		plain += len(r.Value)
	}
	if marked > plain+64 {
		t.Errorf("a load of 100 entries takes %d bytes, without marks %d", marked, plain)
	}
	e := full.Mutate()
	price := schema.Find("/shop:top/item/price")
	e.Child(top).Entry(item, "A").SetLeaf(price, text(price, "1.50"))
	next, err := tree.Compare(full, e.Done()).ApplyMarked(full, &tree.Mark{Revision: 2})
	if err != nil {
		t.Fatal(err)
	}
	records := persist.Records(tree.Compare(full, next))
	if len(records) != 3 || persist.Count(records) != 1 { // the entry, its marks of before, the root's marks
		t.Errorf("one leaf changes %d records, %d of content: %q", len(records), persist.Count(records), records)
	}
}

// TestDamagedMarks: what is no mark is a problem that names the record, and costs no data.
func TestDamagedMarks(t *testing.T) {
	schema := dstest.Schema(t, shop)
	for _, value := range []string{"s", "s\x07", "s\x00", "s\x01\x05", "c\x03to", "l\x04name\x00", "z", "s\x02\x05\x02", "v\x03tag\x09x"} {
		l := persist.NewLoader(schema)
		l.Add(persist.Record{Key: "/", Value: []byte("c\x08shop:topl\x04name\x01ae")})
		l.Add(persist.Record{Key: "/@", Value: []byte(value)})
		got, problems := l.Tree()
		if len(problems) != 1 {
			t.Errorf("%q: %v", value, problems)
		}
		if got.Empty() {
			t.Errorf("%q: the data is gone", value)
		}
	}
}

// TestMarksOfUnknownNodes: what the schema has no more is passed over in silence; its
// content has told already.
func TestMarksOfUnknownNodes(t *testing.T) {
	schema := dstest.Schema(t, shop)
	l := persist.NewLoader(schema)
	l.Add(persist.Record{Key: "/", Value: []byte("c\x08shop:topl\x04name\x01ae")})
	l.Add(persist.Record{Key: "/@", Value: []byte("c\x04gones\x01\x06\x02v\x03was\x01x\x00\x06\x02el\x04none\x01\x06\x02s\x01\x05\x02")})
	l.Add(persist.Record{Key: "/shop:top/item[id='gone']@", Value: []byte("s\x01\x05\x02")})
	got, problems := l.Tree()
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	if m := got.Mark(nil); m == nil || m.Revision != 5 || m.Time.UnixNano() != 1 {
		t.Errorf("mark %+v", m)
	}
}
