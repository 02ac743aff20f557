// Package geodistance holds the algorithms "geo-distance": the cost between two
// PIDs, or the endpoints in them, is the length of the great circle between them.
package geodistance

import (
	"context"
	"embed"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

const module = "altoam-algorithm-geo-distance"

// params is what the containers of both kinds have in common.
type params interface {
	GetNetworkMap() string
	GetFractionDigits() uint8
}

var (
	_ params = (*gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams_GeoDistance)(nil)
	_ params = (*gen.IETFAlto_Alto_AltoServer_Resource_AltoEndpointcostParams_GeoDistance)(nil)
)

func init() {
	register(driver.CostMap, "alto-costmap-params", func(r *driver.Resource) params {
		if p := r.AltoCostmapParams; p != nil && p.GeoDistance != nil {
			return p.GeoDistance
		}
		return nil
	})
	register(driver.EndpointCost, "alto-endpointcost-params", func(r *driver.Resource) params {
		if p := r.AltoEndpointcostParams; p != nil && p.GeoDistance != nil {
			return p.GeoDistance
		}
		return nil
	})
}

func register(kind driver.Kind, container string, of func(*driver.Resource) params) {
	leaf := container + "/" + module + ":geo-distance/network-map"
	networkMap := func(in driver.PlanInput) (string, error) {
		return in.NeededNetworkMap(leaf, of(in.Resource).GetNetworkMap(), "the distances have")
	}
	driver.RegisterAlgorithm(driver.Algorithm{
		Kind: kind, Module: module, Case: "geo-distance", YANG: modules,
		Chosen: func(r *driver.Resource) bool { return of(r) != nil },
		Plan: func(in driver.PlanInput) (driver.Needs, error) {
			id, err := networkMap(in)
			return driver.Needs{Resources: []string{id}}, err
		},
		Compute: func(ctx context.Context, in driver.Input) (driver.Output, error) {
			id, err := networkMap(in.PlanInput)
			if err != nil {
				return driver.Output{}, err
			}
			return compute(ctx, in, id, leaf, of(in.Resource).GetFractionDigits())
		},
	})
}

func compute(ctx context.Context, in driver.Input, id, leaf string, digits uint8) (driver.Output, error) {
	of := in.Outputs[id]
	if len(of.Positions) == 0 {
		return driver.Output{}, driver.Errorf(leaf, "no PID of network map %q has a position", id)
	}
	distances, err := matrix(ctx, of.Map.Names(), of.Positions, digits)
	if err != nil {
		return driver.Output{}, err
	}
	out := driver.Output{Map: of.Map, NetworkMap: id, Costs: make(map[string]*alto.CostMatrix)}
	for _, name := range driver.OfferedCostTypes(in.Resource) {
		out.Costs[name] = driver.InMode(in.CostTypes[name].Mode, distances)
	}
	return out, nil
}
