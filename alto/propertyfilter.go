package alto

import (
	"net/netip"
	"slices"
	"strings"
)

// propertyFilter answers filtered property map requests.
type propertyFilter struct {
	data     *PropertyMap
	mappings []Mapping
	vtags    []VTag
}

// requested is one entity of a request.
type requested struct {
	id      string
	mapping Mapping
	prefix  netip.Prefix // in address domains
}

// answer follows RFC 9240 Section 8.6.
func (f *propertyFilter) answer(p parameters) (*answer, *protocolError) {
	ids, e := p.requiredStrings("entities")
	if e != nil {
		return nil, e
	}
	properties, hasProperties, e := p.strings("properties")
	if e != nil {
		return nil, e
	}
	for _, name := range properties {
		if !slices.ContainsFunc(f.mappings, func(m Mapping) bool { return slices.Contains(m.Properties, name) }) {
			return nil, invalidValue("properties", name)
		}
	}
	entities := make([]requested, len(ids))
	for i, id := range ids {
		var ok bool
		if entities[i], ok = f.parse(id); !ok {
			return nil, invalidValue("entities", id)
		}
	}
	var found []selected
	if len(entities) == 0 {
		found = f.everything(properties)
	} else {
		found = f.find(entities, properties)
	}
	b := []byte(`"property-map":{`)
	for i, s := range found {
		if i > 0 {
			b = append(b, ',')
		}
		if !hasProperties {
			s.properties = nil
		}
		b = appendEntity(b, s.id, s.properties)
	}
	return &answer{media: MediaPropertyMap, head: propertyMapHead(f.vtagsFor(entities, properties)), body: append(b, '}', '}')}, nil
}

// parse finds the mapped domain of an entity identifier and checks the rest.
func (f *propertyFilter) parse(id string) (requested, bool) {
	for _, m := range f.mappings {
		name, ok := strings.CutPrefix(id, m.Domain+":")
		if !ok || name == "" {
			continue
		}
		q := requested{id: id, mapping: m}
		var err error
		switch kind := domainType(m.Domain); kind {
		case "ipv4", "ipv6":
			q.prefix, err = parseEntityPrefix(kind, name)
		default:
			err = checkEntityName(kind, name)
		}
		return q, err == nil
	}
	return requested{}, false
}

// wanted is names, or all mapped properties where there are none.
func (m Mapping) wanted(names []string) []string {
	if len(names) == 0 {
		return m.Properties
	}
	return names
}

func (f *propertyFilter) everything(names []string) []selected {
	var list []selected
	for _, d := range f.data.domains {
		wanted := Mapping{Properties: d.names}.wanted(names)
		for _, e := range d.entities {
			list = appendSelected(list, e.id, e.own(wanted))
		}
	}
	return list
}

// find leaves out what an earlier entity of the request has brought in already.
// The same address or prefix in two spellings counts once (RFC 9240 Section 5.1.3),
// so that the work is bounded by the map's size times the number of prefix lengths.
func (f *propertyFilter) find(entities []requested, names []string) []selected {
	type address struct {
		domain string
		prefix netip.Prefix
	}
	seen, asked := make(map[string]bool), make(map[address]bool)
	for _, q := range entities {
		seen[q.id] = true
	}
	var list []selected
	for _, q := range entities {
		d := f.data.domain(q.mapping.Domain)
		if d == nil {
			continue
		}
		if d.table == nil {
			list = append(list, d.selectName(q.id, q.mapping.wanted(names))...)
			continue
		}
		if a := (address{d.name, q.prefix}); asked[a] {
			continue
		} else {
			asked[a] = true
		}
		for _, s := range d.selectPrefix(q.id, q.prefix, q.mapping.wanted(names)) {
			if s.id == q.id || !seen[s.id] {
				seen[s.id] = true
				list = append(list, s)
			}
		}
	}
	return list
}

// vtagsFor returns the version tags a response depends on: all of them once an
// entity of no particular resource is asked for, else those of the resources that
// the domains and properties name (RFC 9240 Section 8.6).
func (f *propertyFilter) vtagsFor(entities []requested, names []string) []VTag {
	needed := make(map[string]bool)
	for _, q := range entities {
		resource := definingResource(q.mapping.Domain)
		if !strings.Contains(q.mapping.Domain, ".") {
			return f.vtags
		}
		needed[resource] = true
		for _, name := range q.mapping.wanted(names) {
			needed[definingResource(name)] = true
		}
	}
	if len(entities) == 0 {
		return f.vtags
	}
	var list []VTag
	for _, v := range f.vtags {
		if needed[v.ResourceID] {
			list = append(list, v)
		}
	}
	return list
}
