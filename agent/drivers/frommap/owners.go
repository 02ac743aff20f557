package frommap

import (
	"cmp"
	"maps"
	"math"
	"net/netip"
	"slices"

	"github.com/altoam/altoam/alto"
)

// owners are prefixes and the PIDs that have them.
type owners map[netip.Prefix]string

// pids returns the PIDs by name, each with its prefixes.
func (o owners) pids() []alto.PID {
	of := make(map[string][]netip.Prefix)
	for prefix, pid := range o {
		of[pid] = append(of[pid], prefix)
	}
	list := make([]alto.PID, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		list = append(list, alto.PID{Name: name, Prefixes: of[name]})
	}
	return list
}

// shorten replaces each prefix that is longer than longest tells. A shorter one that is
// there already stays; another goes to the PID with the most addresses in it, of several
// to that which comes first.
func (o owners) shorten(longest func(netip.Prefix) int) {
	claims := make(map[netip.Prefix]map[string]float64)
	for prefix, pid := range o {
		bits := longest(prefix)
		if prefix.Bits() <= bits {
			continue
		}
		delete(o, prefix)
		short := netip.PrefixFrom(prefix.Addr(), bits).Masked()
		if claims[short] == nil {
			claims[short] = make(map[string]float64)
		}
		claims[short][pid] += math.Ldexp(1, -prefix.Bits())
	}
	for short, shares := range claims {
		if _, there := o[short]; there {
			continue
		}
		o[short] = slices.MinFunc(slices.Sorted(maps.Keys(shares)), func(a, b string) int {
			return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b))
		})
	}
}
