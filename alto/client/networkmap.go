package client

import "net/netip"

// NetworkMap is a network map, or a part of one (RFC 7285 Section 11.2.1.6).
type NetworkMap struct {
	VTag VTag
	PIDs map[string]Addresses
}

// Addresses are those of a PID; those of other types are not kept.
type Addresses struct {
	IPv4 []netip.Prefix `json:"ipv4,omitempty"`
	IPv6 []netip.Prefix `json:"ipv6,omitempty"`
}

// NetworkMapFilter asks for a part of a network map (RFC 7285 Section 11.3.1.3).
type NetworkMapFilter struct {
	PIDs         []string `json:"pids"`
	AddressTypes []string `json:"address-types,omitempty"`
}

// NetworkMap reads the answer as a network map.
func (r *Response) NetworkMap() (*NetworkMap, error) {
	b, err := decode(r.Body, "network-map", func(b *body) bool { return b.NetworkMap != nil })
	if err != nil {
		return nil, err
	}
	return &NetworkMap{b.Meta.VTag, b.NetworkMap}, nil
}

// Find returns the PID of an address by the longest match (RFC 7285 Section 5.3), and
// the prefix that matches; false where there is none. Its cost is that of all prefixes.
func (m *NetworkMap) Find(a netip.Addr) (pid string, match netip.Prefix, ok bool) {
	a = a.Unmap().WithZone("")
	for name, addresses := range m.PIDs {
		prefixes := addresses.IPv6
		if a.Is4() {
			prefixes = addresses.IPv4
		}
		for _, p := range prefixes {
			if p.Contains(a) && (!ok || p.Bits() > match.Bits()) {
				pid, match, ok = name, p, true
			}
		}
	}
	return pid, match, ok
}
