package fromsource

import (
	"context"
	"errors"
	"net/netip"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

var networkMap = driver.Algorithm{
	Kind: driver.NetworkMap,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoNetworkmapParams != nil && r.AltoNetworkmapParams.FromSource != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		return needs(in.Resource.AltoNetworkmapParams.FromSource.GetSource()), nil
	},
	Compute: computeNetworkMap,
}

// whole are the prefixes that make a network map complete (RFC 7285 Section 11.2.2).
var whole = [...]netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

func computeNetworkMap(_ context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoNetworkmapParams.FromSource
	data := in.Sources[p.GetSource()]
	pids := make([]alto.PID, len(data.PIDs))
	positions := make(map[string]driver.Position)
	missing := map[netip.Prefix]bool{whole[0]: true, whole[1]: true}
	for i, pid := range data.PIDs {
		pids[i] = alto.PID{Name: pid.Name, Prefixes: pid.Prefixes}
		if pid.Position != nil {
			positions[pid.Name] = *pid.Position
		}
		for _, prefix := range pid.Prefixes {
			delete(missing, prefix)
		}
	}
	if p.DefaultPid == nil {
		missing = nil
	}
	pids = complete(pids, p.GetDefaultPid(), missing)
	m, err := alto.NewNetworkMap(pids)
	if err != nil {
		return driver.Output{}, mapError(err)
	}
	if data.NetworkMapTag != "" && len(missing) == 0 {
		if m, err = m.WithTag(data.NetworkMapTag); err != nil {
			return driver.Output{}, driver.Errorf(leaf("alto-networkmap-params", "source"), "%w", err)
		}
	}
	return driver.Output{Map: m, Positions: positions}, nil
}

// complete gives the missing prefixes to the PID of that name.
func complete(pids []alto.PID, name string, missing map[netip.Prefix]bool) []alto.PID {
	var add []netip.Prefix
	for _, prefix := range whole {
		if missing[prefix] {
			add = append(add, prefix)
		}
	}
	if len(add) == 0 {
		return pids
	}
	for i := range pids {
		if pids[i].Name == name {
			pids[i].Prefixes = append(add, pids[i].Prefixes...)
			return pids
		}
	}
	return append(pids, alto.PID{Name: name, Prefixes: add})
}

// mapError names the leaf that would mend an incomplete map, else the source.
func mapError(err error) error {
	var fault *alto.PrefixError
	if errors.As(err, &fault) && fault.PID == "" && fault.Prefix.IsValid() {
		return driver.Errorf(leaf("alto-networkmap-params", "default-pid"), "%w: the source has none and this leaf names none", err)
	}
	return driver.Errorf(leaf("alto-networkmap-params", "source"), "%w", err)
}
