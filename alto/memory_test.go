package alto

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"testing"
)

// mapOf has 200 PIDs with 100 prefixes each.
func mapOf(t *testing.T, prefix func(i, j int) netip.Prefix) *Resource {
	taken := make(map[netip.Prefix]bool)
	pids := make([]PID, 200)
	for i := range pids {
		pids[i].Name = "pid" + strconv.Itoa(i)
		for j := range 100 {
			if p := prefix(i, j); !taken[p] {
				taken[p] = true
				pids[i].Prefixes = append(pids[i].Prefixes, p)
			}
		}
	}
	m, err := NewNetworkMap(append(pids, PID{"rest", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}))
	if err != nil {
		t.Fatal(err)
	}
	return &Resource{ID: "x", Service: FullNetworkMap{Map: m}}
}

// TestMemoryIsTrue compares what the statistics tell with what the heap grows by.
func TestMemoryIsTrue(t *testing.T) {
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	var names []string
	for i := range 300 {
		names = append(names, "pid"+strconv.Itoa(i))
	}
	m := networkMap(t, "", append(names, "rest 0.0.0.0/0")...)
	for name, make := range map[string]func() *Resource{
		"octets": func() *Resource {
			return mapOf(t, func(i, j int) netip.Prefix {
				return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), byte(j), 0}), 24)
			})
		},
		"no octets": func() *Resource {
			return mapOf(t, func(i, j int) netip.Prefix {
				return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), byte(j), 64}), 26)
			})
		},
		"scattered": func() *Resource {
			random := rand.New(rand.NewPCG(1, 2))
			return mapOf(t, func(int, int) netip.Prefix {
				a := random.Uint32()
				return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)}), 16+random.IntN(9)).Masked()
			})
		},
		"IPv6": func() *Resource {
			return mapOf(t, func(i, j int) netip.Prefix {
				return netip.PrefixFrom(netip.AddrFrom16([16]byte{32, 1, 13, 184, byte(i), byte(j * j), byte(j)}), 52)
			})
		},
		"costs": func() *Resource {
			pids := make([]string, 300)
			for i := range pids {
				pids[i] = "pid" + strconv.Itoa(i)
			}
			m, err := NewCostMatrix(pids, make([]float64, len(pids)*len(pids)))
			if err != nil {
				t.Fatal(err)
			}
			return &Resource{ID: "x", Service: FilteredCostMap{"nm", []CostOffer{{"num-routing", m}}, CostCapabilities{}}}
		},
		"property map": func() *Resource {
			var list []Entity
			for i := range 10_000 {
				list = append(list, Entity{"ipv4", netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String(), []Property{{"rack", []byte(strconv.Itoa(i))}, {"asn", []byte(`"64496"`)}}})
			}
			m, err := NewPropertyMap(list)
			if err != nil {
				t.Fatal(err)
			}
			return &Resource{ID: "x", Service: FullPropertyMap{Map: m}}
		},
		"advertisement": func() *Resource {
			var list []BaseAdvertisementObject
			for i := range 5000 {
				list = append(list, BaseAdvertisementObject{"FCI.DeliveryProtocol", []byte(`{"delivery-protocols":["http/` + strconv.Itoa(i) + `"]}`), []Footprint{{"countrycode", []string{"de", "fr"}}}})
			}
			a, err := NewCDNIAdvertisement(list)
			if err != nil {
				t.Fatal(err)
			}
			return &Resource{ID: "x", Service: FullCDNIAdvertisement{Advertisement: a}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := heap()
			s := serving(t, Config{CostTypes: rfcCostTypes, Resources: []*Resource{{ID: "nm", Service: FullNetworkMap{Map: m}}, make()}})
			grown := heap() - before
			told := float64(statsOf(t, s, "x").MemoryBytes)
			if share := told / grown; math.Abs(share-1) > 0.25 {
				t.Errorf("%.0f bytes are told, the heap grew by %.0f: %.2f", told, grown, share)
			}
			n := s.Snapshot().byID.At("x")
			if n.full == nil {
				return
			}
			exchange(s, http.MethodGet, "/"+n.path(), http.Header{"Accept-Encoding": {"gzip"}}, "")
			grown, told = heap()-before, float64(statsOf(t, s, "x").MemoryBytes)
			if share := told / grown; math.Abs(share-1) > 0.25 {
				t.Errorf("once encoded %.0f bytes are told, the heap grew by %.0f: %.2f", told, grown, share)
			}
			runtime.KeepAlive(s)
		})
	}
}
