package fromsource

import (
	"context"

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

func computeNetworkMap(_ context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoNetworkmapParams.FromSource
	data := in.Sources[p.GetSource()]
	pids := make([]alto.PID, len(data.PIDs))
	positions := make(map[string]driver.Position)
	for i, pid := range data.PIDs {
		pids[i] = alto.PID{Name: pid.Name, Prefixes: pid.Prefixes}
		if pid.Position != nil {
			positions[pid.Name] = *pid.Position
		}
	}
	at := leaf("alto-networkmap-params", "source")
	m, completed, err := driver.CompleteMap(pids, p.GetDefaultPid(), at, leaf("alto-networkmap-params", "default-pid"))
	if err != nil {
		return driver.Output{}, err
	}
	if data.NetworkMapTag != "" && !completed {
		if m, err = m.WithTag(data.NetworkMapTag); err != nil {
			return driver.Output{}, driver.Errorf(at, "%w", err)
		}
	}
	return driver.Output{Map: m, Positions: positions}, nil
}
