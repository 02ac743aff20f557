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

// merge makes one prefix of two halves with the same owner, and drops prefixes whose next
// shorter one has the same owner: the longest match of each address has the owner that it
// had. Cost is that of n·log n for n prefixes.
func (o owners) merge() {
	byLength := make([][]netip.Prefix, 129)
	for prefix := range o {
		byLength[prefix.Bits()] = append(byLength[prefix.Bits()], prefix)
	}
	for bits := 128; bits > 0; bits-- {
		for _, prefix := range byLength[bits] {
			pid, there := o[prefix]
			sibling := siblingOf(prefix)
			if other, both := o[sibling]; !there || !both || other != pid {
				continue
			}
			parent := netip.PrefixFrom(prefix.Addr(), bits-1).Masked()
			delete(o, prefix)
			delete(o, sibling)
			if _, hidden := o[parent]; !hidden { // else the halves hid it from all addresses
				byLength[bits-1] = append(byLength[bits-1], parent)
			}
			o[parent] = pid
		}
	}
	for bits := 128; bits > 0; bits-- {
		for _, prefix := range byLength[bits] {
			if pid, there := o[prefix]; there && o.around(prefix) == pid {
				delete(o, prefix)
			}
		}
	}
}

// around returns the owner of the longest prefix around prefix, "" where there is none.
func (o owners) around(prefix netip.Prefix) string {
	for bits := prefix.Bits() - 1; bits >= 0; bits-- {
		if pid, ok := o[netip.PrefixFrom(prefix.Addr(), bits).Masked()]; ok {
			return pid
		}
	}
	return ""
}

// siblingOf returns the other half of the prefix that is one bit shorter.
func siblingOf(prefix netip.Prefix) netip.Prefix {
	bytes := prefix.Addr().AsSlice()
	last := prefix.Bits() - 1
	bytes[last/8] ^= 0x80 >> (last % 8)
	addr, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(addr, prefix.Bits())
}
