package alto

import "net/netip"

// MergePrefixes makes one prefix of two halves with the same PID, and drops prefixes whose
// next shorter one has the same PID: the longest match of each address has the PID that it
// had. Prefixes must be masked. Cost is that of n·log n for n prefixes.
func MergePrefixes(pids map[netip.Prefix]string) {
	byLength := make([][]netip.Prefix, 129)
	for prefix := range pids {
		byLength[prefix.Bits()] = append(byLength[prefix.Bits()], prefix)
	}
	for bits := 128; bits > 0; bits-- {
		for _, prefix := range byLength[bits] {
			pid, there := pids[prefix]
			sibling := siblingOf(prefix)
			if other, both := pids[sibling]; !there || !both || other != pid {
				continue
			}
			parent := netip.PrefixFrom(prefix.Addr(), bits-1).Masked()
			delete(pids, prefix)
			delete(pids, sibling)
			if _, hidden := pids[parent]; !hidden { // else the halves hid it from all addresses
				byLength[bits-1] = append(byLength[bits-1], parent)
			}
			pids[parent] = pid
		}
	}
	for bits := 128; bits > 0; bits-- {
		for _, prefix := range byLength[bits] {
			if pid, there := pids[prefix]; there && pidAround(pids, prefix) == pid {
				delete(pids, prefix)
			}
		}
	}
}

// pidAround returns the PID of the longest prefix around prefix, "" where there is none.
func pidAround(pids map[netip.Prefix]string, prefix netip.Prefix) string {
	for bits := prefix.Bits() - 1; bits >= 0; bits-- {
		if pid, ok := pids[netip.PrefixFrom(prefix.Addr(), bits).Masked()]; ok {
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

// MergedPrefixes is how many prefixes the map would have after MergePrefixes. The first
// call costs as much as that, others nothing.
func (m *NetworkMap) MergedPrefixes() int {
	m.merging.Do(func() {
		all := make(map[netip.Prefix]string, m.prefixes)
		for _, pid := range m.pids {
			for _, prefix := range pid.Prefixes {
				all[prefix] = pid.Name
			}
		}
		MergePrefixes(all)
		m.merged = len(all)
	})
	return m.merged
}
