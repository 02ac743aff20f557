package alto

import "testing"

const defaultMap = "my-default-network-map"

var threePIDs = []string{"PID1", "PID2", "PID3"}

var rfcCostTypes = []CostType{
	{Name: "num-routing", Mode: ModeNumerical, Metric: "routingcost", Description: "My default"},
	{Name: "num-hop", Mode: ModeNumerical, Metric: "hopcount"},
	{Name: "ord-routing", Mode: ModeOrdinal, Metric: "routingcost"},
	{Name: "ord-hop", Mode: ModeOrdinal, Metric: "hopcount"},
}

func rfcNetworkMap(t testing.TB, tag string) *NetworkMap {
	return networkMap(t, tag, "PID1 192.0.2.0/24 198.51.100.0/25", "PID2 198.51.100.128/25", "PID3 0.0.0.0/0 ::/0")
}

// fourOffers gives all four cost types the same matrix.
func fourOffers(m *CostMatrix) []CostOffer {
	return []CostOffer{{"num-routing", m}, {"num-hop", m}, {"ord-routing", m}, {"ord-hop", m}}
}

// rfc7285Configs are those of the examples by section. Where an example contradicts
// itself the vector has it corrected: a comma too many in Section 9.2.3, a prefix
// of two PIDs in 11.3.1.7, a misspelt resource ID in 11.4.1.7.
func rfc7285Configs(t testing.TB) map[string]Config {
	c := costs(t, threePIDs, 1, 5, 10, 5, 1, 15, 20, 15, -1)
	mapResource := func(m *NetworkMap) *Resource {
		return &Resource{ID: defaultMap, Path: "networkmap", Service: FullNetworkMap{Map: m, Default: true}}
	}
	tests := map[string][]*Resource{
		"9.2.3": {
			mapResource(rfcNetworkMap(t, "")),
			{ID: "numerical-routing-cost-map", Path: "costmap/num/routingcost", Service: FullCostMap{defaultMap, "num-routing", c}},
			{ID: "numerical-hopcount-cost-map", Path: "costmap/num/hopcount", Service: FullCostMap{defaultMap, "num-hop", c}},
			{ID: "custom-maps-resources", Service: Delegation{"http://custom.alto.example.com/maps"}},
			{ID: "endpoint-property", Path: "endpointprop/lookup", Service: EndpointProperties{Types: []string{defaultMap + ".pid", "priv:ietf-example-prop"}}},
			{
				ID: "endpoint-cost", Path: "endpointcost/lookup",
				Service: EndpointCosts{Map: rfcNetworkMap(t, ""), Offers: fourOffers(c), CostCapabilities: CostCapabilities{Constraints: true}},
			},
		},
		"9.2.4": {
			mapResource(rfcNetworkMap(t, "")),
			{ID: "custom", Path: "maps", Service: Directory{}},
			{ID: "filtered-network-map", Path: "networkmap/filtered", Directory: "custom", Service: FilteredNetworkMap{defaultMap}},
			{
				ID: "filtered-cost-map", Path: "costmap/filtered", Directory: "custom",
				Service: FilteredCostMap{defaultMap, fourOffers(c), CostCapabilities{Constraints: true}},
			},
			{ID: "ordinal-routing-cost-map", Path: "ord/routingcost", Directory: "custom", Service: FullCostMap{defaultMap, "ord-routing", c}},
			{ID: "ordinal-hopcount-cost-map", Path: "ord/hopcount", Directory: "custom", Service: FullCostMap{defaultMap, "ord-hop", c}},
		},
		"11.2.1.7": {mapResource(rfcNetworkMap(t, "da65eca2eb7a10ce8b059740b0b2e3f8eb1d4785"))},
		"11.2.3.7": {
			mapResource(rfcNetworkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e")),
			{ID: "cm", Path: "costmap/num/routingcost", Service: FullCostMap{defaultMap, "num-routing", c}},
		},
		"11.3.1.7": {
			mapResource(networkMap(t, "c0ce023b8678a7b9ec00324673b98e54656d1f6d",
				"PID1 192.0.2.0/24 198.51.100.0/24", "PID2 198.51.100.128/25", "PID3 0.0.0.0/0")),
			{ID: "fnm", Path: "networkmap/filtered", Service: FilteredNetworkMap{defaultMap}},
		},
		"11.3.2.7": {
			mapResource(rfcNetworkMap(t, "75ed013b3cb58f896e839582504f622838ce670f")),
			{ID: "fcm", Path: "costmap/filtered", Service: FilteredCostMap{
				NetworkMap: defaultMap, Offers: []CostOffer{{"num-routing", costs(t, threePIDs, 0, 1, 2, 3, 4, 5, 6, 7, 8)}},
			}},
		},
		"11.4.1.7": {
			mapResource(rfcNetworkMap(t, "7915dc0290c2705481c491a2b4ffbec482b3cf62")),
			{ID: "ep", Path: "endpointprop/lookup", Service: EndpointProperties{
				Types: []string{defaultMap + ".pid", "priv:ietf-example-prop"}, Values: properties(t, `ipv4 192.0.2.34 priv:ietf-example-prop="1"`),
			}},
		},
		"11.5.1.7": {
			{ID: "ec", Path: "endpointcost/lookup", Service: EndpointCosts{
				Map:    networkMap(t, "", "near 192.0.2.0/24", "mid 198.51.100.0/24", "far 0.0.0.0/0"),
				Offers: []CostOffer{{"ord-routing", costs(t, []string{"near", "mid", "far"}, 1, 2, 3, 2, 1, 3, 3, 2, 1)}},
			}},
		},
	}
	configs := make(map[string]Config)
	for name, resources := range tests {
		base := "http://alto.example.com"
		if name == "9.2.4" {
			base = "http://custom.alto.example.com"
		}
		configs[name] = Config{BaseURI: base, CostTypes: rfcCostTypes, Resources: resources}
	}
	return configs
}

// TestRFC7285 replays the examples of RFC 7285.
func TestRFC7285(t *testing.T) {
	for name, c := range rfc7285Configs(t) {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc7285/"+name).check(t, serving(t, c)) })
	}
}
