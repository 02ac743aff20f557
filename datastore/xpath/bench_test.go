package xpath_test

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// BenchmarkProgram evaluates on a list of 100 000 entries: neither a neighbour nor
// an entry by its key may depend on that.
func BenchmarkProgram(b *testing.B) {
	s := dstest.Schema(b, module)
	m, err := xpath.NewModel(s)
	if err != nil {
		b.Fatal(err)
	}
	top := s.Root.Data[0]
	list := top.Child("m", "item")
	mut := data(b, s).Mutate()
	in := mut.Child(top)
	for i := range 100000 {
		v, err := list.Keys[0].Type.Parse(fmt.Sprintf("k%d", i), nil)
		if err != nil {
			b.Fatal(err)
		}
		in.AddEntry(list, []yang.Value{v}, tree.Position{})
	}
	e := xpath.NewEnv(m, mut.Done())
	at := e.Locate(tree.Path{{Schema: top}})
	for _, text := range []string{
		"b = 'bee'", "item[name='k77']", "/top/item[name=current()/who]/n = 5", "pair[x='x1'][y='y2']/z = 12", "deref(who)",
		"item[name=../who]", "//item[name='k77']", "dl[. = 'two']", "item['k77'=name or name='k78']/n", "item[n=7]",
	} {
		p, err := m.Compile(parse(b, s, text), top)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Bool(e, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
