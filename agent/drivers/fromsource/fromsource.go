// Package fromsource holds the algorithms "from-source", which publish what a data
// source holds: as network map, cost map, endpoint properties, property map or
// CDNI advertisement.
package fromsource

import (
	"embed"

	"github.com/altoam/altoam/agent/driver"
)

//go:embed *.yang
var modules embed.FS

const module = "altoam-algorithm-from-source"

func init() {
	for _, a := range []driver.Algorithm{networkMap, costMap, endpointProp, propertyMap, cdni} {
		a.Module, a.Case, a.YANG = module, "from-source", modules
		driver.RegisterAlgorithm(a)
	}
}

// leaf names a leaf of the case below the parameters of a kind of resource.
func leaf(params, name string) string { return params + "/" + module + ":from-source/" + name }

func needs(sources ...string) driver.Needs { return driver.Needs{Sources: sources} }
