package driver

import (
	"slices"

	"github.com/altoam/altoam/alto"
)

// domainANE is the entity domain of the abstract network elements in paths, whose
// properties stand among the entities of a source (RFC 9275 Section 6.2).
const domainANE = ".ane"

// OfPaths tells whether the values of a cost type are paths (RFC 9275 Section 6.5).
func OfPaths(t alto.CostType) bool {
	return t.Mode == alto.ModeArray && t.Metric == alto.MetricANEPath
}

// ANEs returns the properties of the abstract network elements in d, nil where there are
// none.
func (d *Data) ANEs() (*alto.PropertyMap, error) {
	var list []alto.Entity
	for _, e := range d.Entities {
		if e.Domain == domainANE {
			list = append(list, e)
		}
	}
	if list == nil {
		return nil, nil
	}
	return alto.NewPropertyMap(list)
}

// Path is a path between two PIDs.
type Path struct {
	Source, Destination string
	ANEs                []string
}

// NewPaths returns paths in any order as a matrix over the PIDs that they name. The error
// is an *alto.PathError.
func NewPaths(paths []Path) (*alto.PathMatrix, error) {
	var pids []string
	for _, p := range paths {
		pids = append(pids, p.Source, p.Destination)
	}
	slices.Sort(pids)
	b, err := alto.NewPathBuilder(slices.Compact(pids))
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		if err := b.Add(p.Source, p.Destination, p.ANEs); err != nil {
			return nil, err
		}
	}
	return b.Build(), nil
}
