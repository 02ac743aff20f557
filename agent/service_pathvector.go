package agent

import (
	"maps"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// pathVectorParams are what module altoam-path-vector adds to the parameters of a cost
// service.
type pathVectorParams struct {
	params     string // container
	properties []string
	givenNames bool
}

// pathVectors returns the paths that r offers and the names of the other cost types among
// those it offers; ok is false where it offers no paths.
func (r configured) pathVectors(offered []string, p pathVectorParams) (v alto.PathVectors, beside []string, ok bool, err error) {
	for _, name := range offered {
		if m := r.output.Paths[name]; m != nil {
			v = alto.PathVectors{CostType: name, Paths: m, ANEs: r.output.ANEs, Properties: p.properties, GivenNames: p.givenNames}
			ok = true
		} else {
			beside = append(beside, name)
		}
	}
	if ok {
		return v, beside, true, r.checkPersistent(v, p.params)
	}
	if len(p.properties) > 0 {
		return v, nil, false, driver.Errorf(p.params+"/altoam-path-vector:ane-property-name", "no cost type that is offered has paths, expected one of mode array and metric ane-path")
	}
	return v, beside, false, nil
}

// checkPersistent demands that the resource depends on the property maps that its elements
// are in as persistent ones.
func (r configured) checkPersistent(v alto.PathVectors, params string) error {
	const name = "persistent-entity-id"
	if !slices.Contains(v.Properties, name) {
		return nil
	}
	for _, id := range v.Persistent() {
		if !slices.Contains(r.dependencies, id) {
			return driver.Errorf(params+"/"+driver.Entry("altoam-path-vector:ane-property-name", ".", name),
				"an element is in property map %q, which is not among the dependencies", id)
		}
	}
	return nil
}

// samePaths tells whether two outputs have the same paths and elements.
func samePaths(a, b *driver.Output) bool {
	if (a.ANEs == nil) != (b.ANEs == nil) || a.ANEs != nil && a.ANEs.Tag() != b.ANEs.Tag() {
		return false
	}
	return maps.EqualFunc(a.Paths, b.Paths, func(x, y *alto.PathMatrix) bool { return x.Tag() == y.Tag() })
}
