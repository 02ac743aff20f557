package edit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
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

// What FromTree shares and what a Builder writes out must come to the same.
func TestFromTreeIsTheEditOfItsContent(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(t *rapid.T) {
		base, content := f.tree(f.Root, draw(t)), draw(t)
		op := rapid.SampledFrom([]edit.Op{edit.Merge, edit.Replace, edit.Create, edit.Delete, edit.Remove, edit.None}).Draw(t, "op")
		top := content
		if op == edit.Create || op == edit.Delete || op == edit.Remove {
			top = "top{|" + op.String() + content[len("top{"):]
			op = edit.None
		}
		b := edit.NewBuilder(f.Root, op)
		if err := f.send(b, f.Root, top); err != nil {
			t.Fatal(err)
		}
		written, _ := b.Edit()
		op = written.Root.Children[0].Op
		if op == edit.None {
			return // a Content is never under None as a whole
		}
		want, err1 := edit.Apply(base, written, edit.Options{})
		got, err2 := edit.Apply(base, edit.FromTree(f.tree(f.Root, content), op), edit.Options{})
		if fmt.Sprint(err1) != fmt.Sprint(err2) {
			t.Fatalf("%v and %v", err1, err2)
		}
		if err1 == nil && !tree.Compare(got, want).Empty() {
			t.Fatalf("%s of %s to %s: got\n%s, want\n%s", op, content, script(base.Root()), script(got.Root()), script(want.Root()))
		}
		if op == edit.Replace && err2 == nil && !tree.Compare(got, f.tree(f.Root, content)).Empty() {
			t.Fatalf("replaced by %s: %s", content, script(got.Root()))
		}
	})
}
