package alto

import (
	"net/netip"
	"strings"
)

// endpoint is an endpoint address as a client wrote it (RFC 7285 Section 10.4.1).
type endpoint struct {
	text string
	addr netip.Addr
}

// parseEndpoint reads a typed endpoint address of type ipv4 or ipv6.
func parseEndpoint(s string) (endpoint, bool) {
	kind, text, ok := strings.Cut(s, ":")
	if !ok {
		return endpoint{}, false
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return endpoint{}, false
	}
	switch {
	case kind == "ipv4" && addr.Is4(), kind == "ipv6" && addr.Is6():
		return endpoint{s, addr}, true
	}
	return endpoint{}, false
}

// typedAddress writes an address as a typed endpoint address.
func typedAddress(addr netip.Addr) string {
	if addr.Is4() {
		return "ipv4:" + addr.String()
	}
	return "ipv6:" + addr.String()
}

// endpoints reads an array of typed endpoint addresses; ok is false where it is
// absent.
func (p parameters) endpoints(name string) (list []endpoint, ok bool, e *protocolError) {
	texts, ok, e := p.strings(name)
	if e != nil {
		return nil, ok, e
	}
	for _, text := range texts {
		parsed, valid := parseEndpoint(text)
		if !valid {
			return nil, ok, invalidValue(p.path+name, text)
		}
		list = append(list, parsed)
	}
	return list, ok, nil
}
