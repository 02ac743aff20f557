package query_test

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// BenchmarkXPath filters 100 000 users: one of them, a leaf of each, and none after
// a look at all.
func BenchmarkXPath(b *testing.B) {
	schema := dstest.Schema(b, company)
	model, err := xpath.NewModel(schema)
	if err != nil {
		b.Fatal(err)
	}
	m := tree.New(schema.Root).Mutate()
	top := m.Ensure(schema.Find("/company:top"))
	user := schema.Find("/company:top/user")
	for i := range 100_000 {
		name, err := user.Keys[0].Type.Parse(fmt.Sprintf("user%d", i), nil)
		if err != nil {
			b.Fatal(err)
		}
		top.AddEntry(user, []yang.Value{name}, tree.Position{})
	}
	data := m.Done()
	for _, text := range []string{
		"/top/user[name='user77']", "//user[name='user77']", "//user[name='user77' or name='user78']/name", "/top/user/name", "//*", "//user[info/id > 5]",
	} {
		x, err := query.CompileXPath(text, query.ModulePrefixes(schema, nil), model)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.Apply(b.Context(), data, query.Explicit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
