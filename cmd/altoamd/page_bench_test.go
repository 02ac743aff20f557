package main

import (
	"fmt"
	"testing"
)

// BenchmarkRestconfPage is a GET of 20 resources in the middle of the list, with their
// statistics, over HTTPS with keep-alive.
func BenchmarkRestconfPage(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := restconfWith(b, n)
			for _, page := range []struct{ name, query string }{
				{"offset", fmt.Sprintf("offset=%d", n/2)},
				{"offset,config", fmt.Sprintf("offset=%d&content=config", n/2)},
				{"cursor", "cursor=ZGlyZWN0b3J5LTU="}, // directory-5
				{"where", "where=contains(description,'99')"},
				{"where,state", "where=ietf-alto-stats:resource-level-stats/num-res-req=0"},
				{"sort-by", "sort-by=resource-limits/notify-res-mem-limit&direction=backwards"},
			} {
				b.Run(page.name, func(b *testing.B) { getOne(b, s, "resource?limit=20&"+page.query) })
			}
		})
	}
}
