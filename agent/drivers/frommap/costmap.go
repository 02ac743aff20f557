package frommap

import (
	"context"
	"math"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

const costLeaf = "alto-costmap-params/" + module + ":from-map"

type costParams = gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams_FromMap

var costMap = driver.Algorithm{
	Kind: driver.CostMap,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoCostmapParams != nil && r.AltoCostmapParams.FromMap != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		id, err := costNetworkMap(in)
		if err != nil {
			return driver.Needs{}, err
		}
		needs := driver.Needs{Resources: []string{id}}
		for _, m := range in.Resource.AltoCostmapParams.FromMap.Map.Values() {
			if k, ok := in.Kind(m.GetCostMap()); !ok || k != driver.CostMap {
				return needs, driver.Errorf(driver.Entry(costLeaf+"/map", "cost-map", m.GetCostMap())+"/cost-map", "resource %q is not a cost map that this agent computes", m.GetCostMap())
			}
			needs.Resources = append(needs.Resources, m.GetCostMap())
		}
		return needs, nil
	},
	Compute: computeCostMap,
}

func costNetworkMap(in driver.PlanInput) (string, error) {
	return in.NeededNetworkMap(costLeaf+"/network-map", in.Resource.AltoCostmapParams.FromMap.GetNetworkMap(), "the cost map has")
}

func computeCostMap(ctx context.Context, in driver.Input) (driver.Output, error) {
	id, err := costNetworkMap(in.PlanInput)
	if err != nil {
		return driver.Output{}, err
	}
	p := in.Resource.AltoCostmapParams.FromMap
	c := combination{in: in, params: p, pids: in.Outputs[id].Map.Names()}
	out := driver.Output{Map: in.Outputs[id].Map, NetworkMap: id, Costs: make(map[string]*alto.CostMatrix)}
	for _, name := range driver.OfferedCostTypes(in.Resource) {
		if err := ctx.Err(); err != nil {
			return driver.Output{}, err
		}
		t := in.CostTypes[name]
		m, err := c.of(t.Mode, t.Metric)
		if err == nil && m == nil && t.Mode == alto.ModeOrdinal {
			if m, err = c.of(alto.ModeNumerical, t.Metric); m != nil {
				m = driver.Ranked(m)
			}
		}
		if err != nil {
			return driver.Output{}, driver.Errorf(costLeaf, "%w", err)
		}
		if m == nil {
			return driver.Output{}, driver.Errorf(costLeaf+"/map", "no cost map has costs of mode %q and metric %q, which cost type %q asks for", t.Mode, t.Metric, name)
		}
		out.Costs[name] = m
	}
	return out, nil
}

// combination makes the matrices of one cost map.
type combination struct {
	in     driver.Input
	params *costParams
	pids   []string
}

// of combines the costs of a mode and metric, nil where no cost map has them.
func (c combination) of(mode, metric string) (*alto.CostMatrix, error) {
	n := len(c.pids)
	var cells []float64
	for _, m := range c.params.Map.Values() {
		from := c.matrix(m.GetCostMap(), mode, metric)
		if from == nil {
			continue
		}
		if cells == nil {
			cells = alto.NewCosts(n)
		}
		at := placesOf(c.pids, from.PIDs(), m.GetPidPrefix())
		for s, row := range at {
			for d, column := range at {
				if row < 0 || column < 0 || !math.IsNaN(cells[row*n+column]) {
					continue
				}
				if cost, ok := from.Cost(from.PIDs()[s], from.PIDs()[d]); ok {
					cells[row*n+column] = cost
				}
			}
		}
	}
	if cells == nil {
		return nil, nil
	}
	if step := c.params.GetStep(); step > 0 && mode == alto.ModeNumerical {
		for i, cost := range cells {
			cells[i] = raised(cost, step)
		}
	}
	return alto.NewCostMatrix(slices.Clone(c.pids), cells)
}

// raised returns the least multiple of step, which has six decimals at most, that is not
// less than cost, but for what cannot be told apart from it in binary.
func raised(cost, step float64) float64 {
	k := cost / step
	if near := math.Round(k); math.Abs(k-near) < 1e-9*math.Max(1, math.Abs(k)) {
		k = near
	}
	return math.Round(math.Ceil(k)*step*1e6) / 1e6
}

// matrix returns the costs of a cost map for a mode and metric, nil where it has none.
func (c combination) matrix(id, mode, metric string) *alto.CostMatrix {
	for name, m := range c.in.Outputs[id].Costs {
		if t := c.in.CostTypes[name]; t.Mode == mode && t.Metric == metric {
			return m
		}
	}
	return nil
}

// placesOf returns where PIDs of other, called prefix in front, are in pids; -1: nowhere.
func placesOf(pids, other []string, prefix string) []int {
	index := make(map[string]int, len(pids))
	for i, name := range pids {
		index[name] = i
	}
	at := make([]int, len(other))
	for i, name := range other {
		at[i] = -1
		if k, ok := index[prefix+name]; ok {
			at[i] = k
		}
	}
	return at
}
