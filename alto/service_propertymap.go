package alto

import "slices"

// FullPropertyMap serves a property map (RFC 9240 Section 7).
type FullPropertyMap struct {
	Map *PropertyMap
	// Mappings is the capability; nil stands for what Map defines. It may name
	// more, not less.
	Mappings []Mapping
}

func (FullPropertyMap) kind() string       { return "propmap" }
func (s FullPropertyMap) refers() []string { return definingResources(s.Map, s.Mappings) }

func (s FullPropertyMap) bind(l *linker, r *Resource) (*offer, error) {
	o, _, err := bindPropertyMap(l, r, s.Map, s.Mappings)
	if err != nil {
		return nil, err
	}
	o.full = s.Map
	o.head = propertyMapHead(l.vtagsOf(l.usesOf(r, o)))
	return o.seal(), nil
}

// FilteredPropertyMap serves properties of the entities a client names (RFC 9240
// Section 8).
type FilteredPropertyMap struct {
	Map      *PropertyMap
	Mappings []Mapping // as in FullPropertyMap
}

func (FilteredPropertyMap) kind() string       { return "propmapfilter" }
func (s FilteredPropertyMap) refers() []string { return definingResources(s.Map, s.Mappings) }

func (s FilteredPropertyMap) bind(l *linker, r *Resource) (*offer, error) {
	o, mappings, err := bindPropertyMap(l, r, s.Map, s.Mappings)
	if err != nil {
		return nil, err
	}
	o.accepts = MediaPropertyMapParams
	f := &propertyFilter{data: s.Map, mappings: mappings, vtags: l.vtagsOf(l.usesOf(r, o))}
	o.head = propertyMapHead(f.vtags)
	o.answer = func(q *query) (*answer, *protocolError) { return f.answer(q.params) }
	return o.seal(), nil
}

func propertyMapHead(vtags []VTag) []byte {
	b := []byte(`{"meta":{`)
	if len(vtags) > 0 {
		b = appendDependentVTags(b, vtags)
	}
	return append(b, "},"...)
}

// definingResources lists the resources in front of the '.' of domains and
// properties, without repetition.
func definingResources(m *PropertyMap, mappings []Mapping) []string {
	if mappings == nil && m != nil {
		mappings = m.Mappings()
	}
	var ids []string
	add := func(name string) {
		if id := definingResource(name); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, mapping := range mappings {
		add(mapping.Domain)
		for _, name := range mapping.Properties {
			add(name)
		}
	}
	return ids
}

func bindPropertyMap(l *linker, r *Resource, m *PropertyMap, mappings []Mapping) (*offer, []Mapping, error) {
	if m == nil {
		return nil, nil, configError(r.ID, FieldMap, "", "property map has no data")
	}
	if mappings == nil {
		mappings = m.Mappings()
	}
	if err := checkMappings(r, m, mappings); err != nil {
		return nil, nil, err
	}
	uses := definingResources(m, mappings)
	for _, mapping := range mappings {
		if err := checkDefining(l, r, mapping.Domain); err != nil {
			return nil, nil, err
		}
		for _, name := range mapping.Properties {
			if err := checkDefining(l, r, name); err != nil {
				return nil, nil, err
			}
		}
	}
	b := []byte(`{"mappings":{`)
	for i, mapping := range mappings {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendStrings(append(appendString(b, mapping.Domain), ':'), mapping.Properties)
	}
	return &offer{
		media:   MediaPropertyMap,
		content: &content{uses: uses, capabilities: append(b, '}', '}'), held: []data{m}, count: uint64(m.entities)},
	}, mappings, nil
}

// checkMappings demands valid names, each domain once, and all that m defines.
func checkMappings(r *Resource, m *PropertyMap, mappings []Mapping) error {
	byDomain := make(map[string][]string)
	for _, mapping := range mappings {
		if err := CheckDomainName(mapping.Domain); err != nil {
			return &ConfigError{Resource: r.ID, Field: FieldMappings, Value: mapping.Domain, Reason: err.Error(), Err: err}
		}
		if _, dup := byDomain[mapping.Domain]; dup {
			return configError(r.ID, FieldMappings, mapping.Domain, "entity domain %q is mapped twice", mapping.Domain)
		}
		for _, name := range mapping.Properties {
			if err := CheckPropertyName(name); err != nil {
				return &ConfigError{Resource: r.ID, Field: FieldMappings, Value: name, Reason: err.Error(), Err: err}
			}
		}
		byDomain[mapping.Domain] = mapping.Properties
	}
	for _, d := range m.domains {
		for _, name := range d.names {
			if !slices.Contains(byDomain[d.name], name) {
				return configError(r.ID, FieldMappings, d.name, "property %q of domain %q is not mapped", name, d.name)
			}
		}
	}
	return nil
}

// checkDefining demands that the defining resource of a domain or property exists
// and is a network map where its type is pid, ipv4 or ipv6 (RFC 9240 Sections
// 6.1.4, 6.2.4 and 8.7.1), a CDNI advertisement where it is cdni-capabilities (RFC 9241
// Section 6.2.1).
func checkDefining(l *linker, r *Resource, name string) error {
	id := definingResource(name)
	if id == "" {
		return nil
	}
	defining := l.resource(id)
	if defining == nil {
		return configError(r.ID, FieldMappings, name, "resource %q, which defines %q, does not exist", id, name)
	}
	switch domainType(name) {
	case PropertyCDNICapabilities:
		if _, ok := defining.Service.(FullCDNIAdvertisement); !ok {
			return configError(r.ID, FieldMappings, name, "resource %q, which defines %q, is not a CDNI advertisement", id, name)
		}
	case "pid", "ipv4", "ipv6":
		_, err := l.networkMap(r, FieldMappings, id)
		return err
	}
	return nil
}
