package agent

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// servePropertyMap offers what the algorithm found within the mappings of altoam-propmap,
// or all of it.
func servePropertyMap(r configured) ([]*alto.Resource, error) {
	mappings, err := r.mappings()
	if err != nil {
		return nil, err
	}
	m := r.output.Properties
	if mappings != nil {
		if m, err = m.Within(mappings); err != nil {
			return nil, driver.Errorf("alto-propmap-params", "%w", err)
		}
	}
	list := []*alto.Resource{r.offer(alto.FullPropertyMap{Map: m, Mappings: mappings})}
	if r.output.Filtered {
		list = append(list, r.offerFiltered("propmapfilter", alto.FilteredPropertyMap{Map: m, Mappings: mappings}))
	}
	return list, nil
}

// mappings are the configured ones by domain, nil where there are none.
func (r configured) mappings() (list []alto.Mapping, err error) {
	of := r.config.AltoPropmapParams.Mapping
	for name, entry := range of {
		at := "alto-propmap-params/" + driver.Entry("altoam-propmap:mapping", "entity-domain", name)
		if err := alto.CheckDomainName(name); err != nil {
			return nil, driver.Errorf(at+"/entity-domain", "%w", err)
		}
		for _, property := range entry.Property {
			if err := alto.CheckPropertyName(property); err != nil {
				return nil, driver.Errorf(at+"/"+driver.Entry("property", ".", property), "%w", err)
			}
		}
		list = append(list, alto.Mapping{Domain: name, Properties: entry.Property})
	}
	slices.SortFunc(list, func(a, b alto.Mapping) int { return strings.Compare(a.Domain, b.Domain) })
	return list, nil
}
