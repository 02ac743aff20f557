package deployment

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strconv"
)

// object is a JSON object; its members are written sorted by name.
type object = map[string]any

// marshal encodes what cannot fail to be encoded.
func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("deployment: %v", err))
	}
	return append(text, '\n')
}

// networkMap is the network map of a network as a response (RFC 7285 Section 11.2.1.6).
func (n *Network) networkMap() []byte {
	b := []byte(`{"network-map":{`)
	for i, prefixes := range n.Prefixes() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, n.PIDs[i].Name), ":{"...)
		before := len(b)
		b = appendFamily(b, "ipv4", prefixes, netip.Addr.Is4)
		if len(b) > before {
			b = append(b, ',')
		}
		comma := len(b)
		if b = appendFamily(b, "ipv6", prefixes, netip.Addr.Is6); len(b) == comma && comma > before {
			b = b[:comma-1]
		}
		b = append(b, '}')
	}
	return append(b, "}}\n"...)
}

func appendFamily(b []byte, name string, prefixes []netip.Prefix, of func(netip.Addr) bool) []byte {
	first := true
	for _, p := range prefixes {
		switch {
		case !of(p.Addr()):
			continue
		case first:
			b = append(append(b, '"'), name...)
			b = append(b, `":[`...)
			first = false
		default:
			b = append(b, ',')
		}
		b = append(p.AppendTo(append(b, '"')), '"')
	}
	if !first {
		b = append(b, ']')
	}
	return b
}

// costMap is a table as a response (RFC 7285 Section 11.2.3.6).
func (n *Network) costMap(t Table) []byte {
	b := fmt.Appendf(nil, `{"meta":{"cost-type":{"cost-mode":%q,"cost-metric":%q}},"cost-map":{`, t.Mode, t.Metric)
	for i, row := range t.Value {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, n.PIDs[i].Name), ":{"...)
		first := true
		for j, value := range row {
			if math.IsNaN(value) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(strconv.AppendQuote(b, n.PIDs[j].Name), ':')
			b = strconv.AppendFloat(b, value, 'f', -1, 64)
		}
		b = append(b, '}')
	}
	return append(b, "}}\n"...)
}

// propertyMap is a property map with properties of each PID, as entities of the network
// map net (RFC 9240 Section 7.6).
func (n *Network) propertyMap(net string, of func(i int) object) []byte {
	entities := make(object, len(n.PIDs))
	for i, p := range n.PIDs {
		entities[net+".pid:"+p.Name] = of(i)
	}
	return marshal(object{"property-map": entities})
}
