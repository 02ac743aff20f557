package alto_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/altoam/altoam/alto"
)

// benchMaps are two network maps that differ.
func benchMaps(b *testing.B) (maps [2]*alto.NetworkMap) {
	b.Helper()
	for i, pid := range []string{"a", "b"} {
		m, err := alto.NewNetworkMap([]alto.PID{{Name: pid, Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}})
		if err != nil {
			b.Fatal(err)
		}
		maps[i] = m
	}
	return maps
}

// benchServer serves n network maps, each with its filtered variant.
func benchServer(b *testing.B, n int, m *alto.NetworkMap) *alto.Server {
	b.Helper()
	c := alto.Config{BaseURI: "http://127.0.0.1/"}
	for i := range n {
		id := fmt.Sprintf("m%06d", i)
		c.Resources = append(
			c.Resources,
			&alto.Resource{ID: id, Service: alto.FullNetworkMap{Map: m, Default: i == 0}},
			&alto.Resource{ID: id + "-filtered", Path: "networkmapfilter/" + id, Account: id, Service: alto.FilteredNetworkMap{NetworkMap: id}},
		)
	}
	s, err := alto.NewSnapshot(nil, c)
	if err != nil {
		b.Fatal(err)
	}
	server := alto.NewServer(nil)
	server.Publish(s)
	return server
}

// BenchmarkChange makes and publishes the snapshot in which one of n network maps is
// another, and with it its filtered variant; or one that has one more, and the one
// without.
func BenchmarkChange(b *testing.B) {
	maps := benchMaps(b)
	for _, n := range []int{1_000, 10_000, 100_000} {
		server := benchServer(b, n, maps[0])
		publish := func(b *testing.B, c alto.Change) {
			s, err := server.Snapshot().With(c)
			if err != nil {
				b.Fatal(err)
			}
			server.Publish(s)
		}
		i := 0
		b.Run(fmt.Sprintf("One/%d", n), func(b *testing.B) {
			for b.Loop() {
				i++
				id := fmt.Sprintf("m%06d", 1+i*7919%(n-1))
				publish(b, alto.Change{Put: []*alto.Resource{{ID: id, Service: alto.FullNetworkMap{Map: maps[i%2]}}}})
			}
		})
		b.Run(fmt.Sprintf("AddDelete/%d", n), func(b *testing.B) {
			for b.Loop() {
				publish(b, alto.Change{Put: []*alto.Resource{{ID: "new", Service: alto.FullNetworkMap{Map: maps[0]}}}})
				publish(b, alto.Change{Remove: []string{"new"}})
			}
		})
	}
}
