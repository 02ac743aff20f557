// Package frommap holds the algorithms "from-map", which make a resource of others: a
// network map or a cost map of several, with less detail where that is wanted, and endpoint
// costs that are those between PIDs.
package frommap

import (
	"embed"

	"github.com/altoam/altoam/agent/driver"
)

//go:embed *.yang
var modules embed.FS

const module = "altoam-algorithm-from-map"

func init() {
	for _, a := range []driver.Algorithm{networkMap, costMap, endpointCost} {
		a.Module, a.Case, a.YANG = module, "from-map", modules
		driver.RegisterAlgorithm(a)
	}
}
