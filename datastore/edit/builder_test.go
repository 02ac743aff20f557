package edit_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// drawEdit is draw with operations and places on some nodes.
func drawEdit(t *rapid.T) string {
	words := strings.Fields(draw(t))
	for i, w := range words {
		if i == 0 || w == "}" || strings.HasPrefix(w, "id=") || strings.HasPrefix(w, "k=") || rapid.IntRange(0, 4).Draw(t, "marked") > 0 {
			continue
		}
		words[i] += "|" + rapid.SampledFrom([]string{"merge", "replace", "create", "delete", "remove"}).Draw(t, "operation")
		if strings.HasPrefix(w, "rank=") || w == "step{" {
			words[i] += "|insert=" + rapid.SampledFrom([]string{"first", "last"}).Draw(t, "insert")
		}
	}
	return strings.Join(words, " ")
}

// What a Builder keeps as Content does what its nodes would do one by one, whatever
// stands around it.
func TestMixedContent(t *testing.T) {
	f := newFixture(t)
	rapid.Check(t, func(t *rapid.T) {
		base, text := f.tree(f.Root, draw(t)), drawEdit(t)
		op := rapid.SampledFrom([]edit.Op{edit.Merge, edit.Replace, edit.None}).Draw(t, "op")
		var results [2]string
		for i := range results {
			b := edit.NewBuilder(f.Root, op)
			var err error
			if i == 0 {
				err = f.send(b, f.Root, text)
			} else {
				err = f.send(edit.Spelled{Builder: b}, f.Root, text)
			}
			if err == nil {
				e, _ := b.Edit()
				got, failed := edit.Apply(base, e, edit.Options{})
				if err = failed; err == nil {
					results[i] = script(got.Root())
				}
			}
			if err != nil {
				e := rpcerr.All(err)[0]
				results[i] = string(e.Tag) + " at " + e.Path
			}
		}
		if results[0] != results[1] {
			t.Fatalf("%s: %s\non %s\nas content %s\none by one %s", op, text, script(base.Root()), results[0], results[1])
		}
	})
}
