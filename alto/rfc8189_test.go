package alto

import "testing"

// rfc8189Config has what RFC 8189 Section 5.1 lists. Its network map has PIDs of the
// endpoints of Section 5.6 beside those of the maps.
func rfc8189Config(t testing.TB) Config {
	offers := []CostOffer{
		{"num-routing", costs(t, threePIDs, 1, 4, 10, 15, 1, -1, 20, -1, 1)},
		{"num-shoesize", costs(t, threePIDs, 0, 3, 2, 5, 0, 9, 12, 1, 0)},
		{"num-scenery", costs(t, threePIDs, 16, 1, 19, 1, 8, 1, 1, 1, 19)},
	}
	places := []string{"v4", "v6", "A", "B", "C", "D"}
	near := func(v4, v6 [4]float64) *CostMatrix {
		cells := NewCosts(len(places))
		copy(cells[2:], v4[:])
		copy(cells[len(places)+2:], v6[:])
		return costs(t, places, cells...)
	}
	between := EndpointCosts{
		Map: networkMap(t, "", "v4 192.0.2.2/32", "v6 2001:db8::1:0/128", "A 192.0.2.0/24", "B 198.51.100.0/24", "C 203.0.113.0/24", "D 2001:db8::/64", "rest 0.0.0.0/0 ::/0"),
		Offers: []CostOffer{
			{"num-routing", near([4]float64{3, 11, 4, 3}, [4]float64{4, 3, 11, 10})},
			{"num-shoesize", near([4]float64{5, 1, 2, 7}, [4]float64{3, 6, 0, 2})},
		},
		CostCapabilities: CostCapabilities{Constraints: true, MaxCostTypes: 2},
	}
	return Config{
		BaseURI: "http://alto.example.com",
		CostTypes: []CostType{
			{Name: "num-routing", Mode: ModeNumerical, Metric: "routingcost"},
			{Name: "num-shoesize", Mode: ModeNumerical, Metric: "shoesize"},
			{Name: "num-scenery", Mode: ModeNumerical, Metric: "sceneryrate"},
		},
		Resources: []*Resource{
			{ID: defaultMap, Path: "networkmap", Service: FullNetworkMap{Map: rfcNetworkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e"), Default: true}},
			{ID: "numerical-routing-cost-map", Path: "costmap/num-routing", Service: FullCostMap{defaultMap, "num-routing", offers[0].Costs}},
			{ID: "numerical-shoesize-cost-map", Path: "costmap/num-shoesize", Service: FullCostMap{defaultMap, "num-shoesize", offers[1].Costs}},
			{
				ID: "filtered-multicost-map", Path: "multi/costmap/filtered",
				Service: FilteredCostMap{defaultMap, offers[:2], CostCapabilities{Constraints: true, MaxCostTypes: 2}},
			},
			{
				ID: "filtered-cost-map-extended", Path: "multi/extn/costmap/filtered",
				Service: FilteredCostMap{defaultMap, offers, CostCapabilities{MaxCostTypes: 3, Testable: []string{"num-routing", "num-shoesize"}}},
			},
			{ID: "endpoint-multicost-map", Path: "multi/endpointcost/lookup", Service: between},
		},
	}
}

// TestRFC8189 replays the multi-cost examples of RFC 8189 Section 5.
func TestRFC8189(t *testing.T) {
	s := serving(t, rfc8189Config(t))
	for _, name := range []string{"5.1", "5.2", "5.3", "5.4", "5.5", "5.6"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc8189/"+name).check(t, s) })
	}
}
