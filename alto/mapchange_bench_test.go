package alto

import (
	"fmt"
	"net/netip"
	"testing"
)

// BenchmarkCompare has maps of the size of the largest published deployment: 250 000
// prefixes in 1 700 PIDs, a hundredth of which move, and all pairs of these.
func BenchmarkCompare(b *testing.B) {
	const n, prefixes = 1_700, 250_000
	network := func(moved int) *NetworkMap {
		pids := make([]PID, n)
		for i := range pids {
			pids[i].Name = fmt.Sprintf("pid%04d", i)
		}
		for i := range prefixes {
			of := i % n
			if i < moved {
				of = (i + 1) % n
			}
			pids[of].Prefixes = append(pids[of].Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 0}), 24))
		}
		pids[0].Prefixes = append(pids[0].Prefixes, netip.MustParsePrefix("0.0.0.0/0"))
		m, err := NewNetworkMap(pids)
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	a, c := network(0), network(prefixes/100)
	matrix := func(more float64) *CostMatrix {
		cells := NewCosts(n)
		for i := range cells {
			cells[i] = float64(i%1000) + more*float64(i%7)
		}
		m, err := NewCostMatrix(a.Names(), cells)
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	x, y := matrix(0), matrix(1)
	b.Run("NetworkMaps", func(b *testing.B) {
		for b.Loop() {
			CompareNetworkMaps(a, c, 20)
		}
	})
	b.Run("Costs", func(b *testing.B) {
		for b.Loop() {
			CompareCosts(x, y, 20)
		}
	})
	b.Run("Memory", func(b *testing.B) {
		for b.Loop() {
			trieMemory(a.table)
		}
	})
}
