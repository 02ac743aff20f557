package frommap

import (
	"context"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

const endpointLeaf = "alto-endpointcost-params/" + module + ":from-map/cost-map"

var endpointCost = driver.Algorithm{
	Kind: driver.EndpointCost,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoEndpointcostParams != nil && r.AltoEndpointcostParams.FromMap != nil
	},
	Plan:    planEndpoints,
	Compute: computeEndpoints,
}

// planEndpoints asks for the cost maps, whose outputs hold the network map too.
func planEndpoints(in driver.PlanInput) (driver.Needs, error) {
	ids := in.Resource.AltoEndpointcostParams.FromMap.CostMap
	for _, id := range ids {
		if k, ok := in.Kind(id); !ok || k != driver.CostMap {
			return driver.Needs{}, driver.Errorf(driver.Entry(endpointLeaf, ".", id), "resource %q is not a cost map that this agent computes", id)
		}
	}
	return driver.Needs{Resources: slices.Clone(ids)}, nil
}

// computeEndpoints takes each cost type from the first cost map that has it.
func computeEndpoints(_ context.Context, in driver.Input) (driver.Output, error) {
	ids := in.Resource.AltoEndpointcostParams.FromMap.CostMap
	first := in.Outputs[ids[0]]
	for _, id := range ids[1:] {
		if other := in.Outputs[id].NetworkMap; other != first.NetworkMap {
			return driver.Output{}, driver.Errorf(driver.Entry(endpointLeaf, ".", id), "cost map %q is about network map %q and %q about %q, expected one", ids[0], first.NetworkMap, id, other)
		}
	}
	out := driver.Output{Map: first.Map, NetworkMap: first.NetworkMap, Costs: make(map[string]*alto.CostMatrix), Schedules: make(map[string]*alto.CostSchedule)}
	for _, name := range driver.OfferedCostTypes(in.Resource) {
		for _, id := range ids {
			if m := in.Outputs[id].Costs[name]; m != nil {
				out.Costs[name] = m
				if s := in.Outputs[id].Schedules[name]; s != nil {
					out.Schedules[name] = s
				}
				break
			}
			if m := in.Outputs[id].Paths[name]; m != nil {
				out.Paths, out.ANEs = map[string]*alto.PathMatrix{name: m}, in.Outputs[id].ANEs
				break
			}
		}
		if out.Costs[name] == nil && out.Paths[name] == nil {
			return driver.Output{}, driver.Errorf(endpointLeaf, "no cost map has cost type %q, which the service offers", name)
		}
	}
	return out, nil
}
