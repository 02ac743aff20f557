package discovery

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// The prefix lengths whose names are looked up (RFC 8686 Section 3.4), ascending.
var (
	lengths4 = []int{8, 16, 24, 32}
	lengths6 = []int{32, 40, 48, 56, 64, 128}
)

// most is how many names a prefix may be split into; it is that of eight bits.
const most = 256

func lengthsOf(a netip.Addr) []int {
	if a.Is4() {
		return lengths4
	}
	return lengths6
}

// Names returns the domain names to look up for x, in the order of RFC 8686 Section 3.4.
// The error tells that the prefix is too short for it.
func Names(x netip.Prefix) ([]string, error) {
	lengths := lengthsOf(x.Addr())
	if x.Bits() < lengths[0] {
		return nil, fmt.Errorf("prefix length %d is not supported, expected %d or more (RFC 8686 Section 3.2)", x.Bits(), lengths[0])
	}
	var names []string
	for i := len(lengths) - 1; i >= 0; i-- {
		if lengths[i] <= x.Bits() {
			names = append(names, reverseName(x.Addr(), lengths[i]))
		}
	}
	return names, nil
}

// Split returns the domain names whose records serve all look-ups for addresses of p, and
// for no others: one where p has a length that is looked up, else one for each part of the
// next such length, ascending. The error tells why there are none: p is too short, or the
// names would be more than 256.
func Split(p netip.Prefix) ([]string, error) {
	lengths := lengthsOf(p.Addr())
	if p.Addr().Is4() && p.Bits() < lengths[0] {
		return nil, fmt.Errorf("names of less than %d bits are not looked up, and so much of the address space is not split", lengths[0])
	}
	next := lengths[0]
	for _, n := range lengths {
		if next = n; n >= p.Bits() {
			break
		}
	}
	more := next - p.Bits()
	if more > 8 {
		return nil, fmt.Errorf("it would take 2^%d records, for each /%d in it, expected %d at most", more, next, most)
	}
	at := p.Masked().Addr().AsSlice()
	names := make([]string, 0, 1<<more)
	for i := range 1 << more {
		part := append([]byte(nil), at...)
		part[next/8-1] |= byte(i) // the bits that are split stand in one octet
		a, _ := netip.AddrFromSlice(part)
		names = append(names, reverseName(a, next))
	}
	return names, nil
}

// reverseName is the name of the first bits of a (RFC 1035 Section 3.5, RFC 3596 Section 2.5).
func reverseName(a netip.Addr, bits int) string {
	octets := a.AsSlice()[:bits/8]
	var b strings.Builder
	for i := len(octets) - 1; i >= 0; i-- {
		if a.Is4() {
			b.WriteString(strconv.Itoa(int(octets[i])))
			b.WriteByte('.')
			continue
		}
		const digits = "0123456789abcdef"
		b.Write([]byte{digits[octets[i]&15], '.', digits[octets[i]>>4], '.'})
	}
	if a.Is4() {
		return b.String() + "in-addr.arpa."
	}
	return b.String() + "ip6.arpa."
}
