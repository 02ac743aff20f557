package frommap

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func costsBetween(t *testing.T, pids []string, cells ...float64) *alto.CostMatrix {
	t.Helper()
	m, err := alto.NewCostMatrix(pids, cells)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCostMapOfMaps(t *testing.T) {
	no, net, west := alto.NoCost(), "net", "w-"
	step := 0.3
	p := &costParams{NetworkMap: &net, Step: &step}
	_, _ = p.AppendNewMap("first")
	second, _ := p.AppendNewMap("second")
	second.PidPrefix = &west
	in := driver.Input{
		PlanInput: driver.PlanInput{
			Resource: &driver.Resource{AltoCostmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams{CostTypeName: []string{"num", "ord"}, FromMap: p}},
			Kind:     func(id string) (driver.Kind, bool) { return map[string]driver.Kind{"net": driver.NetworkMap}[id], true },
		},
		CostTypes: map[string]alto.CostType{"num": {Mode: "numerical", Metric: "routingcost"}, "ord": {Mode: "ordinal", Metric: "routingcost"}, "hops": {Mode: "numerical", Metric: "hopcount"}},
		Outputs: map[string]*driver.Output{
			"net":    {Map: network(t, map[string]string{"a": "10.0.0.0/24", "w-a": "10.0.1.0/24", "w-b": "10.0.2.0/24", "rest": "0.0.0.0/0"})},
			"first":  {Costs: map[string]*alto.CostMatrix{"num": costsBetween(t, []string{"a", "gone"}, 0, 7, 7, 0)}},
			"second": {Costs: map[string]*alto.CostMatrix{"num": costsBetween(t, []string{"a", "b"}, 0.3, 1.25, no, 0.6), "hops": costsBetween(t, []string{"a"}, 3)}},
		},
	}
	out, err := computeCostMap(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for pair, want := range map[[2]string][2]float64{
		{"a", "a"}: {0, 1}, {"w-a", "w-a"}: {0.3, 2}, {"w-b", "w-b"}: {0.6, 3}, {"w-a", "w-b"}: {1.5, 4},
	} {
		for i, name := range []string{"num", "ord"} {
			if got, ok := out.Costs[name].Cost(pair[0], pair[1]); !ok || got != want[i] {
				t.Errorf("%s of %v: %v, %v, want %v", name, pair, got, ok, want[i])
			}
		}
	}
	if _, ok := out.Costs["num"].Cost("w-b", "w-a"); ok {
		t.Error("a cost that no map has")
	}
	in.Resource.AltoCostmapParams.CostTypeName = []string{"hops"}
	if out, err = computeCostMap(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got, ok := out.Costs["hops"].Cost("w-a", "w-a"); !ok || got != 3 {
		t.Errorf("hops: %v, %v", got, ok)
	}
	delete(in.Outputs["second"].Costs, "hops")
	if _, err := computeCostMap(t.Context(), in); err == nil || !strings.Contains(err.Error(), `no cost map has costs of mode "numerical" and metric "hopcount", which cost type "hops" asks for`) {
		t.Errorf("error %v", err)
	}
}
