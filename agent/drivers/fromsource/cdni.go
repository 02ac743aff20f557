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
		return needs(in.Resource.AltoCdniParams.FromSource.GetSource()), nil
	},
	Compute: func(_ context.Context, in driver.Input) (driver.Output, error) {
		p := in.Resource.AltoCdniParams.FromSource
		return driver.Output{Advertisements: in.Sources[p.GetSource()].Advertisements, Filtered: p.GetFiltered()}, nil
	},
}
