package frommap

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func matrix(t *testing.T, cost float64) *alto.CostMatrix {
	t.Helper()
	m, err := alto.NewCostMatrix([]string{"a"}, []float64{cost})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCompute(t *testing.T) {
	one := &driver.Output{NetworkMap: "n", Costs: map[string]*alto.CostMatrix{"num": matrix(t, 1)}}
	two := &driver.Output{NetworkMap: "n", Costs: map[string]*alto.CostMatrix{"num": matrix(t, 2), "hop": matrix(t, 3)}}
	other := &driver.Output{NetworkMap: "m", Costs: two.Costs}
	for _, c := range []struct {
		name   string
		maps   map[string]*driver.Output
		offers []string
		want   string
	}{
		{"each type from the first that has it", map[string]*driver.Output{"1": one, "2": two}, []string{"num", "hop"}, ""},
		{"two network maps", map[string]*driver.Output{"1": one, "2": other}, []string{"num"}, `"m", expected one`},
		{"no such type", map[string]*driver.Output{"1": one, "2": two}, []string{"delay"}, `cost type "delay"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &driver.Resource{AltoEndpointcostParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoEndpointcostParams{
				CostTypeName: c.offers,
				FromMap:      &gen.IETFAlto_Alto_AltoServer_Resource_AltoEndpointcostParams_FromMap{CostMap: []string{"1", "2"}},
			}}
			out, err := computeEndpoints(t.Context(), driver.Input{PlanInput: driver.PlanInput{Resource: r}, Outputs: c.maps})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want one that says %q", err, c.want)
				}
				return
			}
			if err != nil || out.Costs["num"] != one.Costs["num"] || out.Costs["hop"] != two.Costs["hop"] || out.NetworkMap != "n" {
				t.Errorf("output %+v, error %v", out, err)
			}
		})
	}
}
