package xpath_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

const largeModule = `module m {
  yang-version 1.1; namespace "urn:m"; prefix m;
  container top {
    leaf big { type string; }
    list item {
      key name; leaf name { type string; } leaf n { type int32; } leaf text { type string; } leaf-list tag { type string; ordered-by user; }
      container in { leaf deep { type string; } leaf-list ref { type leafref { path "/m:top/m:item/m:name"; } } }
    }
  }
}`

// large is a tree of n items with seven nodes each, and a leaf of a megabyte.
func large(t testing.TB, n int) (*xpath.Model, *tree.Tree) {
	t.Helper()
	s := dstest.Schema(t, largeModule)
	model, err := xpath.NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	mut := tree.New(s.Root).Mutate()
	top := mut.Ensure(s.Root.Data[0])
	leaf(t, top, "big", strings.Repeat("ab ", 1<<20/3))
	list := top.Schema().Child("m", "item")
	for i := range n {
		key, err := list.Keys[0].Type.Parse(fmt.Sprintf("i%d", i), nil)
		if err != nil {
			t.Fatal(err)
		}
		e, _ := top.AddEntry(list, []yang.Value{key}, tree.Position{})
		leaf(t, e, "n", fmt.Sprint(i))
		leaf(t, e, "text", fmt.Sprintf("the text of item %d", i))
		in := e.Ensure(list.Child("m", "in"))
		leaf(t, in, "deep", "down")
		ref := in.Schema().Child("m", "ref")
		in.AddValue(ref, key, tree.Position{})
		tag := list.Child("m", "tag")
		v, err := tag.Type.Parse("x", nil)
		if err != nil {
			t.Fatal(err)
		}
		e.AddValue(tag, v, tree.Position{})
	}
	return model, mut.Done()
}
