package fromsource

import (
	"context"

	"github.com/altoam/altoam/agent/driver"
)

var cdni = driver.Algorithm{
	Kind: driver.CDNI,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoCdniParams != nil && r.AltoCdniParams.FromSource != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		n := needs(in.Resource.AltoCdniParams.FromSource.GetSource())
		if id := footprintMap(in); id != "" {
			n.Resources = []string{id}
		}
		return n, nil
	},
	Compute: func(_ context.Context, in driver.Input) (driver.Output, error) {
		p := in.Resource.AltoCdniParams.FromSource
		out := driver.Output{Advertisements: in.Sources[p.GetSource()].Advertisements, Filtered: p.GetFiltered()}
		if out.NetworkMap = footprintMap(in.PlanInput); out.NetworkMap != "" {
			out.Map = in.Outputs[out.NetworkMap].Map
		}
		return out, nil
	},
}

// footprintMap is the network map that footprints may name PIDs of: the only one among the
// dependencies, "" where there is none or several.
func footprintMap(in driver.PlanInput) string {
	id, err := in.NetworkMapOf("dependency", "")
	if err != nil {
		return ""
	}
	return id
}
