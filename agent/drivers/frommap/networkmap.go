package frommap

import (
	"context"
	"net/netip"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

const mapLeaf = "alto-networkmap-params/" + module + ":from-map"

var networkMap = driver.Algorithm{
	Kind: driver.NetworkMap,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoNetworkmapParams != nil && r.AltoNetworkmapParams.FromMap != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		var needs driver.Needs
		for _, m := range in.Resource.AltoNetworkmapParams.FromMap.Map.Values() {
			id := m.GetNetworkMap()
			if k, ok := in.Kind(id); !ok || k != driver.NetworkMap {
				return needs, driver.Errorf(driver.Entry(mapLeaf+"/map", "network-map", id)+"/network-map", "resource %q is not a network map that this agent computes", id)
			}
			needs.Resources = append(needs.Resources, id)
		}
		return needs, nil
	},
	Compute: computeNetworkMap,
}

func computeNetworkMap(_ context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoNetworkmapParams.FromMap
	all := make(owners)
	positions := make(map[string]driver.Position)
	for _, m := range p.Map.Values() {
		from := in.Outputs[m.GetNetworkMap()]
		for _, pid := range from.Map.PIDs() {
			name := m.GetPidPrefix() + pid.Name
			if at, ok := from.Positions[pid.Name]; ok && positions[name] == (driver.Position{}) {
				positions[name] = at
			}
			for _, prefix := range pid.Prefixes {
				if _, taken := all[prefix]; !taken {
					all[prefix] = name
				}
			}
		}
	}
	longest := map[int]int{32: 32, 128: 128}
	if p.Ipv4MaxLength != nil {
		longest[32] = int(p.GetIpv4MaxLength())
	}
	if p.Ipv6MaxLength != nil {
		longest[128] = int(p.GetIpv6MaxLength())
	}
	all.shorten(func(prefix netip.Prefix) int { return longest[prefix.Addr().BitLen()] })
	if p.GetMergePrefixes() {
		alto.MergePrefixes(all)
	}
	made, err := alto.NewNetworkMap(all.pids())
	if err != nil {
		return driver.Output{}, driver.Errorf(mapLeaf, "%w", err)
	}
	for name := range positions {
		if !made.Has(name) {
			delete(positions, name)
		}
	}
	return driver.Output{Map: made, Positions: positions}, nil
}
