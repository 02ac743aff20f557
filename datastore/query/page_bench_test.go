package query_test

import (
	"fmt"
	"testing"

	"github.com/altoam/altoam/datastore/query"
)

// BenchmarkPage reads 20 entries in the middle of a list.
func BenchmarkPage(b *testing.B) {
	c := newCounter(b)
	for _, n := range []int{1_000, 10_000, 100_000} {
		data := c.items(n)
		key := fmt.Sprintf("i%06d", n/2)
		for _, how := range []struct {
			name, where, sortBy string
			page                query.Page
		}{
			{"offset", "", "", query.Page{Offset: n / 2}},
			{"cursor", "", "", query.Page{Cursor: &key}},
			{"where", "price < 25", "", query.Page{Cursor: &key}},
			{"sort-by", "", "price", query.Page{Offset: n / 2}},
			{"sort-by,first", "", "price", query.Page{}},
			{"sort-by,cursor", "", "price", query.Page{Cursor: &key}},
		} {
			b.Run(fmt.Sprintf("%s/%d", how.name, n), func(b *testing.B) {
				p, err := c.page("item", how.where, how.sortBy)
				if err != nil {
					b.Fatal(err)
				}
				p.Offset, p.Cursor, p.Limit = how.page.Offset, how.page.Cursor, 20
				for b.Loop() {
					if out, err := p.Of(b.Context(), data, c.at("item"), c.model); err != nil || len(out.Nodes) != 20 {
						b.Fatal(err, out)
					}
				}
			})
		}
	}
}
