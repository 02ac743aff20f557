package document

import (
	"fmt"

	"github.com/altoam/altoam/agent/driver"
)

// paths reads a cost map whose costs are paths: the first part of a path vector response
// (RFC 9275 Section 7.2.6), whose second part is a property map.
func (p *Part) paths(r *response) error {
	var in map[string]map[string][]string
	if err := decode("cost-map", r.CostMap, &in); err != nil {
		return err
	}
	var list []driver.Path
	for _, source := range sortedKeys(in) {
		for _, destination := range sortedKeys(in[source]) {
			list = append(list, driver.Path{Source: source, Destination: destination, ANEs: in[source][destination]})
		}
	}
	m, err := driver.NewPaths(list)
	if err != nil {
		return fmt.Errorf("in cost-map: %w", err)
	}
	p.data.Paths = m
	return nil
}
