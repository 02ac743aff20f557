package edit_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"pgregory.net/rapid"
)

// draw makes the script of a random tree.
func draw(t *rapid.T) string {
	var words []string
	for _, w := range []string{"name=a", "name=b"} {
		if rapid.IntRange(0, 3).Draw(t, w) == 0 {
			words = append(words, w)
			break
		}
	}
	ids := rapid.SliceOfNDistinct(rapid.IntRange(1, 5), 0, 4, rapid.ID[int])
	for _, leafList := range []string{"tag", "rank"} {
		for _, id := range ids.Draw(t, leafList) {
			words = append(words, fmt.Sprintf("%s=%d", leafList, id))
		}
	}
	for _, list := range []string{"item", "step"} {
		for _, id := range ids.Draw(t, list) {
			val := ""
			if rapid.Bool().Draw(t, "val") {
				val = fmt.Sprintf(" val=%d", rapid.IntRange(1, 2).Draw(t, "value"))
			}
			words = append(words, fmt.Sprintf("%s{ id=%d%s }", list, id, val))
		}
	}
	words = append(words, rapid.SampledFrom([]string{"", "one=1", "uno{ x=1 } one=2", "duo=1 ia=1", "ib=2", "two{ k=1 } two{ k=2 }"}).Draw(t, "case"))
	words = append(words, rapid.SampledFrom([]string{"", "on{ }", "np{ x=1 }", "np{ deep{ y=1 } } blob=1"}).Draw(t, "more"))
	return "top{ " + strings.Join(words, " ") + " }"
}

// spell writes every node out, without Content.
func spell(c *tree.Node, op edit.Op) *edit.Node {
	n := &edit.Node{Schema: c.Schema(), Op: op, Value: c.Value(), Any: c.Any()}
	if c.Schema().Kind == yang.List {
		n.Keys = c.KeyValues()
	}
	for k := range c.Children() {
		if !k.Schema().IsKey {
			n.Children = append(n.Children, spell(k, op))
		}
	}
	return n
}

// A tree as a whole, the same read by a Builder and node by node: all come to the same.
func TestContentIsWhatItHolds(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(t *rapid.T) {
		base, text := f.tree(f.Root, draw(t)), draw(t)
		if rapid.Bool().Draw(t, "empty base") {
			base = f.tree(f.Root, rapid.SampledFrom([]string{"", "top{ }"}).Draw(t, "base"))
		}
		content := f.tree(f.Root, text)
		op := rapid.SampledFrom([]edit.Op{edit.Merge, edit.Replace, edit.Create, edit.Delete, edit.Remove, edit.None}).Draw(t, "op")
		b := edit.NewBuilder(f.Root, op)
		if err := f.send(b, f.Root, text); err != nil {
			t.Fatal(err)
		}
		read, _ := b.Edit()
		spelled := &edit.Edit{Root: &edit.Node{Schema: f.Root, Op: op, Children: []*edit.Node{spell(content.Root().Child(f.path("/e:top").Schema()), op)}}}
		want, err := edit.Apply(base, spelled, edit.Options{})
		for name, e := range map[string]*edit.Edit{"whole": edit.FromTree(content, op), "read": read} {
			if name == "whole" && op == edit.None {
				continue
			}
			got, err2 := edit.Apply(base, e, edit.Options{})
			if tag(err) != tag(err2) {
				t.Fatalf("%s: %v, want %v", name, err2, err)
			}
			if err == nil && !tree.Compare(got, want).Empty() {
				t.Fatalf("%s: %s of %s to %s: got\n%s, want\n%s", name, op, text, script(base.Root()), script(got.Root()), script(want.Root()))
			}
		}
		if op == edit.Replace && !tree.Compare(want, content).Empty() {
			t.Fatalf("replaced by %s: %s", text, script(want.Root()))
		}
	})
}

// tag is the tag of the first error: which node has it depends on the order of the request.
func tag(err error) rpcerr.Tag {
	if err == nil {
		return ""
	}
	return rpcerr.All(err)[0].Tag
}

// A large request takes no more than the tree it makes.
func TestLargeEditIsSmall(t *testing.T) {
	f := newFixture(t)
	item := f.path("/e:top/item").Schema()
	const n = 20_000
	before := heap()
	b := edit.NewBuilder(f.Root, edit.Merge)
	b.Begin(item.DataParent, nil)
	for i := range n {
		b.Begin(item, nil)
		for _, leaf := range item.Data[:3] {
			v, _ := leaf.Type.Parse(fmt.Sprint(i), nil)
			if err := b.Leaf(leaf, v, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.End(); err != nil {
			t.Fatal(err)
		}
	}
	b.End()
	e, err := b.Edit()
	if err != nil {
		t.Fatal(err)
	}
	if per := float64(heap()-before) / (n * 3); per > 200 {
		t.Errorf("%.0f bytes a leaf", per)
	}
	got, err := edit.Apply(tree.New(f.Root), e, edit.Options{})
	if err != nil || got.Root().Child(item.DataParent).Len(item) != n {
		t.Errorf("%v", err)
	}
}

func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
