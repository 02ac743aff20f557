package static

import (
	"cmp"
	"errors"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

// readPaths reads the paths between PIDs; there are none where none is configured.
func readPaths(d *driver.Data, p *params) error {
	if len(p.Path) == 0 {
		return nil
	}
	type key = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_Path_Key
	compare := func(a, b key) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Destination, b.Destination))
	}
	var list []driver.Path
	for _, k := range sorted(p.Path, compare) {
		list = append(list, driver.Path{Source: k.Source, Destination: k.Destination, ANEs: p.Path[k].Ane})
	}
	m, err := driver.NewPaths(list)
	if err != nil {
		at := top
		var fault *alto.PathError
		if errors.As(err, &fault) {
			at += "/" + driver.Entry("path", "source", fault.Source, "destination", fault.Destination)
		}
		return driver.Errorf(at, "%w", err)
	}
	d.Paths = m
	return nil
}
