package alto

import (
	"fmt"
	"maps"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// TestMergePrefixes: no address changes its PID, what can be merged is, and a map knows how
// much that is.
func TestMergePrefixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := map[netip.Prefix]string{netip.MustParsePrefix("0.0.0.0/0"): "x"}
		for range rapid.IntRange(0, 30).Draw(t, "prefixes") {
			bits := rapid.IntRange(24, 32).Draw(t, "bits")
			address := netip.AddrFrom4([4]byte{10, 0, 0, byte(rapid.IntRange(0, 255).Draw(t, "address"))})
			all[netip.PrefixFrom(address, bits).Masked()] = rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "owner")
		}
		before := maps.Clone(all)
		MergePrefixes(all)
		for i := range 256 {
			host := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
			if got, want := pidOf(all, host), pidOf(before, host); got != want {
				t.Fatalf("%s: %q, was %q: %v, was %v", host, got, want, all, before)
			}
		}
		for prefix, pid := range all {
			if prefix.Bits() > 0 && (pidAround(all, prefix) == pid || all[siblingOf(prefix)] == pid) {
				t.Fatalf("%s could be left out or merged: %v", prefix, all)
			}
		}
		var pids []PID // one for each prefix and PID, so that the names differ and nothing merges
		for prefix := range before {
			pids = append(pids, PID{Name: fmt.Sprintf("p%d", len(pids)), Prefixes: []netip.Prefix{prefix}})
		}
		m, err := NewNetworkMap(pids)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.MergedPrefixes(); got != len(before) {
			t.Fatalf("%d prefixes of %d PIDs are left of %d", got, len(pids), len(before))
		}
	})
}

func pidOf(pids map[netip.Prefix]string, host netip.Addr) string {
	all := netip.PrefixFrom(host, host.BitLen())
	if pid, ok := pids[all]; ok {
		return pid
	}
	return pidAround(pids, all)
}

func TestMergedPrefixes(t *testing.T) {
	m := networkMap(t, "", "a 10.0.0.0/24 10.0.1.0/24 10.0.0.128/25", "b 10.0.2.0/24", "rest 0.0.0.0/0 192.0.2.0/24 ::/0")
	if got := m.MergedPrefixes(); got != 4 || m.NumPrefixes() != 7 {
		t.Errorf("%d prefixes of %d, expected 4 of 7", got, m.NumPrefixes())
	}
}

func BenchmarkMergedPrefixes(b *testing.B) {
	pids := []PID{{Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}}
	for i := range 1700 {
		p := PID{Name: fmt.Sprintf("p%d", i)}
		for j := range 147 {
			n := i*147 + j
			p.Prefixes = append(p.Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(10 + n>>16), byte(n >> 8), byte(n), 0}), 24))
		}
		pids = append(pids, p)
	}
	for b.Loop() {
		b.StopTimer()
		m, err := NewNetworkMap(pids)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		m.MergedPrefixes()
	}
}
