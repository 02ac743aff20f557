package alto

import "testing"

// TestRFC8189 replays the multi-cost examples of RFC 8189 Section 5.
func TestRFC8189(t *testing.T) {
	types := []CostType{
		{Name: "num-routing", Mode: ModeNumerical, Metric: "routingcost"},
		{Name: "num-shoesize", Mode: ModeNumerical, Metric: "shoesize"},
		{Name: "num-scenery", Mode: ModeNumerical, Metric: "sceneryrate"},
	}
	offers := []CostOffer{
		{"num-routing", costs(t, threePIDs, 1, 4, 10, 15, 1, -1, 20, -1, 1)},
		{"num-shoesize", costs(t, threePIDs, 0, 3, 2, 5, 0, 9, 12, 1, 0)},
		{"num-scenery", costs(t, threePIDs, 16, 1, 19, 1, 8, 1, 1, 1, 19)},
	}
	s := serving(t, Config{CostTypes: types, Resources: []*Resource{
		{ID: defaultMap, Service: FullNetworkMap{Map: rfcNetworkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e")}},
		{
			ID: "filtered-multicost-map", Path: "multi/costmap/filtered",
			Service: FilteredCostMap{defaultMap, offers[:2], CostCapabilities{Constraints: true, MaxCostTypes: 2}},
		},
		{
			ID: "filtered-cost-map-extended", Path: "multi/extn/costmap/filtered",
			Service: FilteredCostMap{defaultMap, offers, CostCapabilities{MaxCostTypes: 3, Testable: []string{"num-routing", "num-shoesize"}}},
		},
	}})
	for _, name := range []string{"5.2", "5.3", "5.4", "5.5"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc8189/"+name).check(t, s) })
	}
}
