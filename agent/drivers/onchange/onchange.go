// Package onchange is the algorithm "on-change" of update streams (RFC 8895): the
// stream covers the resources that its own entry depends on, and an update is sent
// when one of them has changed.
package onchange

import (
	"context"
	"embed"
	"slices"

	"github.com/altoam/altoam/agent/driver"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterAlgorithm(driver.Algorithm{
		Kind: driver.Update, Module: "altoam-algorithm-on-change", Case: "on-change", YANG: modules,
		Chosen: func(r *driver.Resource) bool {
			return r.AltoUpdateParams != nil && r.AltoUpdateParams.OnChange != nil
		},
		Plan: plan,
		Compute: func(_ context.Context, in driver.Input) (driver.Output, error) {
			return driver.Output{Covers: slices.Clone(in.Resource.Dependency)}, nil
		},
	})
}

// plan refuses what no stream can be about: itself, another stream, a directory.
// What the resources hold is not read.
func plan(in driver.PlanInput) (driver.Needs, error) {
	if len(in.Resource.Dependency) == 0 {
		return driver.Needs{}, driver.Errorf("dependency", "an update stream needs at least one resource")
	}
	for _, id := range in.Resource.Dependency {
		if k, ok := in.Kind(id); !ok || k == driver.Update {
			return driver.Needs{}, driver.Errorf(driver.Entry("dependency", ".", id), "resource %q has no updates", id)
		}
	}
	return driver.Needs{}, nil
}
