// Package fromcdni is the algorithm "from-cdni" of property maps: the footprints of a CDN
// advertisement are entities, whose property says what the CDN does there (RFC 9241
// Section 6).
package fromcdni

import (
	"context"
	"embed"
	"encoding/json"
	"net/netip"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

//go:embed *.yang
var modules embed.FS

const (
	module = "altoam-algorithm-from-cdni"
	at     = "alto-propmap-params/" + module + ":from-cdni/"
)

func init() {
	driver.RegisterAlgorithm(driver.Algorithm{
		Kind: driver.PropertyMap, Module: module, Case: "from-cdni", YANG: modules,
		Chosen: func(r *driver.Resource) bool {
			return r.AltoPropmapParams != nil && r.AltoPropmapParams.FromCdni != nil
		},
		Plan:    plan,
		Compute: compute,
	})
}

func plan(in driver.PlanInput) (driver.Needs, error) {
	p := in.Resource.AltoPropmapParams.FromCdni
	if k, ok := in.Kind(p.GetCdni()); !ok || k != driver.CDNI {
		return driver.Needs{}, driver.Errorf(at+"cdni", "resource %q is not a CDNI advertisement that this agent computes", p.GetCdni())
	}
	needs := driver.Needs{Resources: []string{p.GetCdni()}}
	for _, id := range p.PidOf {
		if k, ok := in.Kind(id); !ok || k != driver.NetworkMap {
			return driver.Needs{}, driver.Errorf(at+driver.Entry("pid-of", ".", id), "resource %q is not a network map that this agent computes", id)
		}
		needs.Resources = append(needs.Resources, id)
	}
	return needs, nil
}

func compute(ctx context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoPropmapParams.FromCdni
	cdni := in.Outputs[p.GetCdni()]
	footprints := alto.FootprintProperties{Advertisement: p.GetCdni(), NetworkMap: cdni.NetworkMap, Map: cdni.Map}
	for _, text := range cdni.Advertisements {
		o, err := alto.ParseBaseAdvertisementObject(text)
		if err != nil {
			return driver.Output{}, driver.Errorf(at+"cdni", "%w", err)
		}
		footprints.Objects = append(footprints.Objects, o)
	}
	entities, err := footprints.Entities()
	if err != nil {
		return driver.Output{}, driver.Errorf(at+"cdni", "%w", err)
	}
	for _, id := range p.PidOf {
		if err := ctx.Err(); err != nil {
			return driver.Output{}, err
		}
		entities = withPIDs(entities, id, in.Outputs[id].Map)
	}
	m, err := alto.NewPropertyMap(entities)
	if err != nil {
		return driver.Output{}, driver.Errorf(at+"cdni", "%w", err)
	}
	return driver.Output{Properties: m, Filtered: p.GetFiltered()}, nil
}

// withPIDs gives the prefixes of a network map the property pid, among entities whose
// names are prefixes where they are addresses.
func withPIDs(entities []alto.Entity, id string, m *alto.NetworkMap) []alto.Entity {
	known := make(map[netip.Prefix]int, len(entities))
	for i, e := range entities {
		if prefix, err := netip.ParsePrefix(e.Name); err == nil {
			known[prefix] = i
		}
	}
	for _, pid := range m.PIDs() {
		name, _ := json.Marshal(pid.Name) // a string has no error
		property := alto.Property{Name: id + ".pid", Value: name}
		for _, prefix := range pid.Prefixes {
			i, found := known[prefix]
			if !found {
				i = len(entities)
				entities = append(entities, alto.Entity{Domain: domainOf(prefix), Name: prefix.String()})
			}
			entities[i].Properties = append(entities[i].Properties, property)
		}
	}
	return entities
}

func domainOf(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "ipv4"
	}
	return "ipv6"
}
