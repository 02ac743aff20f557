package alto

import (
	"net/netip"

	"github.com/gaissmai/bart"
)

// Bytes of memory of what a table consists of, with what allocation rounds up to and
// slices have to spare; measured.
const (
	trieNode    = 128 // of one octet of an address
	trieFringe  = 28  // a prefix that ends with an octet and has none below it
	trieLeaf    = 68  // another prefix alone below a node
	triePrefix  = 6   // a prefix within a node
	listPrefix  = 32  // a prefix in the list of a PID
	namedPID    = 96  // a PID with its name and its entry in the index
	trieAddress = 8   // bits of an address that a node looks at
)

// trieMemory estimates the bytes of memory of a table. A node stands for the first octets
// of an address that two prefixes or more have in common; a prefix is in a node that
// stands for all its octets, else below the one that stands for the most of them.
func trieMemory(table *bart.Table[int32]) uint64 {
	var t trieSize
	for p := range table.AllSorted4() {
		t.next(p)
	}
	t.end()
	for p := range table.AllSorted6() {
		t.next(p)
	}
	t.end()
	return t.bytes
}

// trieSize takes prefixes in order, in which those with octets in common are neighbours.
type trieSize struct {
	bytes  uint64
	last   netip.Prefix // the one before; the zero Prefix: none
	shared int          // octets that it has in common with the one before it
}

func (t *trieSize) next(p netip.Prefix) {
	shared := 0
	if t.last.IsValid() {
		shared = sharedOctets(t.last, p)
		t.bytes += trieNode * uint64(max(0, shared-t.shared))
		t.prefix(max(t.shared, shared))
	}
	t.last, t.shared = p, shared
}

// prefix adds the one before, which has at most so many octets in common with another.
func (t *trieSize) prefix(shared int) {
	octets, rest := t.last.Bits()/trieAddress, t.last.Bits()%trieAddress
	switch {
	case shared >= octets:
		t.bytes += triePrefix
	case shared == octets-1 && rest == 0:
		t.bytes += trieFringe
	default:
		t.bytes += trieLeaf
	}
}

func (t *trieSize) end() {
	if t.last.IsValid() {
		t.prefix(t.shared)
	}
	t.last, t.shared = netip.Prefix{}, 0
}

// sharedOctets is how many whole octets within both prefixes are the same.
func sharedOctets(p, q netip.Prefix) int {
	a, b := p.Addr().AsSlice(), q.Addr().AsSlice()
	most := min(p.Bits(), q.Bits()) / trieAddress
	for i := range most {
		if a[i] != b[i] {
			return i
		}
	}
	return most
}
