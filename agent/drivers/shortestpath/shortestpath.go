// Package shortestpath holds the algorithms "shortest-path": the cost between two PIDs, or
// the endpoints in them, is that of the route through a topology.
package shortestpath

import (
	"context"
	"embed"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

const module = "altoam-algorithm-shortest-path"

// params is what the containers of both kinds have in common.
type params interface {
	GetSource() string
	GetNetworkMap() string
}

var (
	_ params = (*gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams_ShortestPath)(nil)
	_ params = (*gen.IETFAlto_Alto_AltoServer_Resource_AltoEndpointcostParams_ShortestPath)(nil)
)

func init() {
	register(driver.CostMap, "alto-costmap-params", func(r *driver.Resource) params {
		if p := r.AltoCostmapParams; p != nil && p.ShortestPath != nil {
			return p.ShortestPath
		}
		return nil
	})
	register(driver.EndpointCost, "alto-endpointcost-params", func(r *driver.Resource) params {
		if p := r.AltoEndpointcostParams; p != nil && p.ShortestPath != nil {
			return p.ShortestPath
		}
		return nil
	})
}

// algorithm is that of one kind of resource.
type algorithm struct {
	container string
	of        func(*driver.Resource) params
}

func register(kind driver.Kind, container string, of func(*driver.Resource) params) {
	a := algorithm{container + "/" + module + ":shortest-path", of}
	driver.RegisterAlgorithm(driver.Algorithm{
		Kind: kind, Module: module, Case: "shortest-path", YANG: modules,
		Chosen: func(r *driver.Resource) bool { return of(r) != nil },
		Plan: func(in driver.PlanInput) (driver.Needs, error) {
			id, err := a.networkMap(in)
			return driver.Needs{Sources: []string{of(in.Resource).GetSource()}, Resources: []string{id}}, err
		},
		Compute: a.compute,
	})
}

func (a algorithm) networkMap(in driver.PlanInput) (string, error) {
	return in.NeededNetworkMap(a.container+"/network-map", a.of(in.Resource).GetNetworkMap(), "the routes have")
}

func (a algorithm) compute(ctx context.Context, in driver.Input) (driver.Output, error) {
	id, err := a.networkMap(in.PlanInput)
	if err != nil {
		return driver.Output{}, err
	}
	leaf, source := a.container+"/source", a.of(in.Resource).GetSource()
	g := in.Sources[source].Graph
	if g == nil {
		return driver.Output{}, driver.Errorf(leaf, "source %q has no topology", source)
	}
	of := in.Outputs[id].Map
	names := driver.OfferedCostTypes(in.Resource)
	out := driver.Output{Map: of, NetworkMap: id, Costs: make(map[string]*alto.CostMatrix)}
	if err := takePaths(ctx, &out, &names, in.CostTypes, g); err != nil {
		return driver.Output{}, err
	}
	byMetric := make(map[string]*alto.CostMatrix)
	for _, name := range names {
		byMetric[in.CostTypes[name].Metric] = nil
	}
	if err := fill(ctx, byMetric, g, of); err != nil {
		if ctx.Err() != nil {
			return driver.Output{}, err
		}
		return driver.Output{}, driver.Errorf(leaf, "%w", err)
	}
	for _, name := range names {
		t := in.CostTypes[name]
		out.Costs[name] = driver.InMode(t.Mode, byMetric[t.Metric])
	}
	return out, nil
}
