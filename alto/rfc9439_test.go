package alto

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestRFC9439 replays the examples of RFC 9439 Sections 4 and 5, each by a service with
// the costs of its answer.
func TestRFC9439(t *testing.T) {
	for name, metric := range map[string]string{
		"4.1.3": "delay-ow", "4.1.3a": "delay-ow", "4.2.3": "delay-rt", "4.3.3": "delay-variation", "4.4.3": "lossrate",
		"4.5.3": "hopcount", "5.1.3": "tput", "5.2.3": "bw-residual", "5.3.3": "bw-available",
	} {
		t.Run(name, func(t *testing.T) {
			v := readVector(t, "rfc9439/"+name)
			var answer struct {
				Costs map[string]map[string]float64 `json:"endpoint-cost-map"`
			}
			if err := json.Unmarshal([]byte(v.response), &answer); err != nil {
				t.Fatal(err)
			}
			cells := NewCosts(3)
			for _, row := range answer.Costs {
				for i, destination := range slices.Sorted(maps.Keys(row)) {
					cells[i+1] = row[destination]
				}
			}
			m, err := NewCostMatrix([]string{"here", "a", "b"}, cells)
			if err != nil {
				t.Fatal(err)
			}
			places := networkMap(t, "", "here 192.0.2.2/32 2001:db8:100::1/128", "a 192.0.2.0/24 2001:db8:100::2/128", "b 198.51.100.0/24 2001:db8:100::3/128", "rest 0.0.0.0/0 ::/0")
			v.check(t, serving(t, Config{
				CostTypes: []CostType{{Name: "num", Mode: ModeNumerical, Metric: metric}},
				Resources: []*Resource{{ID: "ec", Path: "endpointcost/lookup", Service: EndpointCosts{Map: places, Offers: []CostOffer{{"num", m}}}}},
			}))
		})
	}
}

// TestCostMetric has the statistics of RFC 9439 Section 3.2.
func TestCostMetric(t *testing.T) {
	for _, good := range []string{
		"delay-ow", "delay-ow:cur", "delay-ow:min", "delay-ow:max", "delay-ow:median", "delay-ow:mean", "delay-ow:stddev", "delay-ow:stdvar",
		"delay-ow:p0", "delay-ow:p99", "delay-ow:p99.95", "delay-ow:p100", "delay-ow:p100.0", "delay-ow:p0.5", "routingcost:p5", "priv:any:thing", "priv:a.b",
	} {
		if err := CheckCostMetric(good); err != nil {
			t.Errorf("%s refused: %v", good, err)
		}
	}
	for _, bad := range []string{
		"delay-ow:", "delay-ow:avg", "delay-ow:p", "delay-ow:p101", "delay-ow:p100.1", "delay-ow:p05", "delay-ow:p1.", "delay-ow:p.5", "delay-ow:p-1", "delay-ow:p1e1",
		"delay-ow:p95:p95", ":p95", "delay.ow", "delay-variation:p99.99999999999999", "priv:",
	} {
		if CheckCostMetric(bad) == nil {
			t.Errorf("%s accepted", bad)
		}
	}
}

// TestMetricValues: what RFC 9439 says of values holds for numerical costs, and for ranks
// what RFC 7285 says.
func TestMetricValues(t *testing.T) {
	for _, c := range []struct {
		metric string
		cost   float64
		ok     bool
	}{
		{"delay-ow", 0, true},
		{"delay-ow", 0.5, true},
		{"delay-ow", -1, false},
		{"delay-ow:min", -1, false},
		{"lossrate", 99.9, true},
		{"lossrate", 100, true},
		{"lossrate", 101, false},
		{"lossrate:max", 100.5, false},
		{"lossrate:stdvar", 101, true},
		{"lossrate:stdvar", -1, false},
		{"hopcount", 3, true},
		{"hopcount", 3.5, false},
		{"hopcount:mean", 3.5, true},
		{"hopcount:max", 3.5, false},
		{"tput", 1e18, true},
		{"bw-available", -0.1, false},
		{"routingcost", -1, true},
		{"priv:tput", -1, true},
	} {
		m, err := NewCostMatrix([]string{"PID1"}, []float64{c.cost})
		if err != nil {
			t.Fatal(err)
		}
		err = checkCosts(&Resource{ID: "x"}, CostType{Name: "n", Mode: ModeNumerical, Metric: c.metric}, m)
		if (err == nil) != c.ok {
			t.Errorf("%g of %s: error %v", c.cost, c.metric, err)
		}
	}
	m, err := NewCostMatrix([]string{"PID1"}, []float64{1000})
	if err != nil {
		t.Fatal(err)
	}
	if err := checkCosts(&Resource{ID: "x"}, CostType{Mode: ModeOrdinal, Metric: "lossrate"}, m); err != nil {
		t.Errorf("rank 1000 of lossrate: %v", err)
	}
}

// TestPrivateCostMode: a mode for private use is served by its name, as numbers (RFC 9274
// Section 3.2); others that no registry has are refused.
func TestPrivateCostMode(t *testing.T) {
	m := costs(t, threePIDs[:1], 1.5)
	config := func(mode string) Config {
		return Config{CostTypes: []CostType{{Name: "x", Mode: mode, Metric: "routingcost"}}, Resources: []*Resource{
			{ID: defaultMap, Service: FullNetworkMap{Map: rfcNetworkMap(t, "t")}},
			{ID: "cm", Path: "cm", Service: FilteredCostMap{NetworkMap: defaultMap, Offers: []CostOffer{{"x", m}}}},
		}}
	}
	w := post(serving(t, config("priv:mood")), "/cm", MediaCostMapFilter, `{"cost-type":{"cost-mode":"priv:mood","cost-metric":"routingcost"}}`)
	if want := `"cost-type":{"cost-mode":"priv:mood","cost-metric":"routingcost"}},"cost-map":{"PID1":{"PID1":1.5}}}`; w.Code != 200 || !strings.Contains(w.Body.String(), want) {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	for _, mode := range []string{"mood", "array"} {
		if _, err := NewSnapshot(nil, config(mode)); err == nil {
			t.Errorf("numbers of mode %s accepted", mode)
		}
	}
}
