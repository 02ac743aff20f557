package alto

import (
	"strconv"
	"testing"
)

const (
	oldTag = "da65eca2eb7a10ce8b059740b0b2e3f8eb1d4785"
	newTag = "a10ce8b059740b0b2e3f8eb1d4785acd42231bfe"
)

func rfc8895Config(t testing.TB) Config {
	c := costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1)
	return Config{
		BaseURI: "https://alto.example.com",
		CostTypes: []CostType{
			{Name: "num-routingcost", Mode: ModeNumerical, Metric: "routingcost"}, {Name: "num-hopcount", Mode: ModeNumerical, Metric: "hopcount"},
		},
		Resources: []*Resource{
			{ID: "my-network-map", Path: "networkmap", Service: FullNetworkMap{Map: rfcNetworkMap(t, oldTag), Default: true}},
			{ID: "my-routingcost-map", Path: "costmap/routingcost", Service: FullCostMap{"my-network-map", "num-routingcost", c}},
			{ID: "my-hopcount-map", Path: "costmap/hopcount", Service: FullCostMap{"my-network-map", "num-hopcount", c}},
			{ID: "my-filtered-cost-map", Path: "costmap/filtered/constraints", Service: FilteredCostMap{
				"my-network-map", []CostOffer{{"num-routingcost", c}, {"num-hopcount", c}}, CostCapabilities{Constraints: true},
			}},
			{ID: "my-simple-filtered-cost-map", Path: "costmap/filtered/simple", Service: FilteredCostMap{
				NetworkMap: "my-network-map", Offers: []CostOffer{{"num-routingcost", c}, {"num-hopcount", c}},
			}},
			bandwidths(t, 13, 42, 27, 8, 2, 9),
			{ID: "update-my-costs", Path: "updates/costs", Service: UpdateStreams{
				Covers: []string{"my-network-map", "my-routingcost-map", "my-hopcount-map", "my-simple-filtered-cost-map"},
				Patches: map[string]PatchFormats{
					"my-network-map": JSONPatch, "my-routingcost-map": MergePatch, "my-hopcount-map": MergePatch, "my-simple-filtered-cost-map": 0,
				},
			}},
			{ID: "update-my-props", Path: "updates/properties", Service: UpdateStreams{
				Covers: []string{"my-props"}, Patches: map[string]PatchFormats{"my-props": MergePatch},
			}},
		},
	}
}

// bandwidths gives the values of the endpoints of Section 8.4 in their order.
func bandwidths(t testing.TB, values ...int) *Resource {
	lines := []string{
		`ipv4 198.51.100.1 priv:ietf-bandwidth=`, `ipv4 198.51.100.2 priv:ietf-bandwidth=`, `ipv4 198.51.100.3 priv:ietf-bandwidth=`,
		`ipv6 2001:db8:100::1 priv:ietf-load=`, `ipv6 2001:db8:100::2 priv:ietf-load=`, `ipv6 2001:db8:100::3 priv:ietf-load=`,
		`ipv4 198.51.100.4 priv:ietf-bandwidth=`, `ipv4 198.51.100.5 priv:ietf-bandwidth=`,
	}
	values = append(values, 25, 31)
	for i, v := range values[:len(lines)] {
		lines[i] += strconv.Quote(strconv.Itoa(v))
	}
	return &Resource{ID: "my-props", Path: "properties", Service: EndpointProperties{
		Types: []string{"priv:ietf-bandwidth", "priv:ietf-load"}, Values: properties(t, lines...),
	}}
}

// rfc8895Changes are those that scripts name.
func rfc8895Changes(t testing.TB) map[string]func(*Config) {
	routing := func(cells ...float64) *Resource {
		return &Resource{ID: "my-routingcost-map", Path: "costmap/routingcost", Service: FullCostMap{"my-network-map", "num-routingcost", costs(t, threePIDs, cells...)}}
	}
	return map[string]func(*Config){
		"small cost change": replace(routing(1, 9, 10, 5, 1, 15, -1, 15, 1)),
		"network change": func(c *Config) {
			replace(&Resource{ID: "my-network-map", Path: "networkmap", Service: FullNetworkMap{Default: true, Map: networkMap(t, newTag,
				"PID1 192.0.2.0/24 198.51.100.0/25 203.0.113.0/25", "PID2 198.51.100.128/25", "PID3 0.0.0.0/0 ::/0")}})(c)
			replace(routing(1, 3, 7, 12, 1, 9, 14, 8, -1))(c)
		},
		"PID2 to PID3 costs 31 and 4 hops": func(c *Config) {
			replace(routing(1, 5, 10, 5, 1, 31, 20, 15, -1))(c)
			replace(&Resource{ID: "my-hopcount-map", Path: "costmap/hopcount", Service: FullCostMap{
				"my-network-map", "num-hopcount", costs(t, threePIDs, 1, 5, 10, 5, 1, 4, 20, 15, -1),
			}})(c)
		},
		"198.51.100.1 has 3":     replace(bandwidths(t, 3, 42, 27, 8, 2, 9)),
		"2001:db8:100::3 has 7":  replace(bandwidths(t, 3, 42, 27, 8, 2, 7)),
		"198.51.100.5 has 15":    replace(bandwidths(t, 3, 42, 27, 8, 2, 7, 25, 15)),
		"nothing is as it was":   func(*Config) {},
		"a resource not covered": replace(&Resource{ID: "other", Service: FullNetworkMap{Map: rfcNetworkMap(t, "other")}}),
	}
}

// TestRFC8895 replays RFC 8895 Section 8. What is corrected stands at the head of a
// script.
func TestRFC8895(t *testing.T) {
	t.Run("8.1", func(t *testing.T) { readVector(t, "rfc8895/8.1").check(t, serving(t, rfc8895Config(t))) })
	for _, name := range []string{"8.2", "8.3", "8.4"} {
		t.Run(name, func(t *testing.T) { converse(t, "rfc8895/"+name, serving(t, rfc8895Config(t)), rfc8895Changes(t)) })
	}
}
