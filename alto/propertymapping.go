package alto

import "slices"

// Within returns the properties of m that mappings name, m itself where that is all. Cost
// is that of the entities.
func (m *PropertyMap) Within(mappings []Mapping) (*PropertyMap, error) {
	named := make(map[string][]string, len(mappings))
	for _, x := range mappings {
		named[x.Domain] = x.Properties
	}
	all := true
	var entities []Entity
	for _, d := range m.domains {
		for _, e := range d.entities {
			kept := Entity{Domain: d.name, Name: e.id[len(d.name)+1:]}
			for _, p := range e.properties {
				if slices.Contains(named[d.name], p.Name) {
					kept.Properties = append(kept.Properties, p)
				}
			}
			all = all && len(kept.Properties) == len(e.properties)
			if len(kept.Properties) > 0 {
				entities = append(entities, kept)
			}
		}
	}
	if all {
		return m, nil
	}
	return NewPropertyMap(entities)
}
