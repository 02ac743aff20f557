package alto_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/altoam/altoam/alto"
)

// BenchmarkChangeOne makes and publishes the snapshot in which one of n network
// maps is another.
func BenchmarkChangeOne(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var maps [2]*alto.NetworkMap
			for i, pid := range []string{"a", "b"} {
				m, err := alto.NewNetworkMap([]alto.PID{{Name: pid, Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}})
				if err != nil {
					b.Fatal(err)
				}
				maps[i] = m
			}
			resources := make([]*alto.Resource, n)
			for i := range resources {
				resources[i] = &alto.Resource{ID: fmt.Sprintf("m%06d", i), Service: alto.FullNetworkMap{Map: maps[0], Default: i == 0}}
			}
			server := alto.NewServer(nil)
			var snapshot *alto.Snapshot
			i := 0
			for b.Loop() {
				i++
				next := append([]*alto.Resource(nil), resources...)
				next[n/2] = &alto.Resource{ID: next[n/2].ID, Service: alto.FullNetworkMap{Map: maps[i%2]}}
				var err error
				if snapshot, err = alto.NewSnapshot(snapshot, alto.Config{BaseURI: "http://127.0.0.1/", Resources: next}); err != nil {
					b.Fatal(err)
				}
				server.Publish(snapshot)
			}
		})
	}
}
