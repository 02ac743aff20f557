package persist_test

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// BenchmarkLoader decodes 100 000 entries of two or three leaves, every other one nested.
func BenchmarkLoader(b *testing.B) {
	schema := dstest.Schema(b, shop)
	at := func(path string) *yang.Node { return schema.Find("/shop:top/" + path) }
	value := func(s *yang.Node, text string) yang.Value {
		v, err := s.Type.Parse(text, nil)
		must(b, err)
		return v
	}
	m := tree.New(schema.Root).Mutate()
	top := m.Ensure(schema.Find("/shop:top"))
	for i := range 50_000 {
		e, _ := top.AddEntry(at("item"), []yang.Value{value(at("item/id"), fmt.Sprintf("item%06d", i))}, tree.Position{})
		e.SetLeaf(at("item/price"), value(at("item/price"), fmt.Sprintf("%d.50", i)))
		part := at("item/more/part")
		p, _ := e.Ensure(at("item/more")).AddEntry(part, []yang.Value{value(part.Keys[0], "x"), value(part.Keys[1], "7")}, tree.Position{})
		p.SetLeaf(at("item/more/part/c"), value(at("item/more/part/c"), fmt.Sprint("part of ", i)))
	}
	records := persist.Records(tree.Compare(tree.New(schema.Root), m.Done()))
	b.ReportAllocs()
	for b.Loop() {
		l := persist.NewLoader(schema)
		for _, r := range records {
			l.Add(r)
		}
		if _, problems := l.Tree(); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
