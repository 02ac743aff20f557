package alto

import (
	"net/netip"
	"slices"
)

// EndpointProperties serves properties of single addresses (RFC 7285 Section
// 11.4.1). A property RESOURCE-ID.pid comes from that network map; all others
// from the domains ipv4 and ipv6 of Values, inherited along the longest prefix.
type EndpointProperties struct {
	Types  []string     // offered properties
	Values *PropertyMap // nil: none
}

func (EndpointProperties) kind() string { return "endpointprop" }

func (s EndpointProperties) refers() []string {
	var ids []string
	for _, t := range s.Types {
		if id := definingResource(t); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s EndpointProperties) bind(l *linker, r *Resource) (*offer, error) {
	if len(s.Types) == 0 {
		return nil, configError(r.ID, FieldProperties, "", "resource offers no property")
	}
	o := &offer{media: MediaEndpointProp, content: &content{accepts: MediaEndpointPropParams}}
	pids := make(map[string]*NetworkMap)
	var vtags []VTag
	for _, t := range s.Types {
		if err := CheckPropertyName(t); err != nil {
			return nil, &ConfigError{Resource: r.ID, Field: FieldProperties, Value: t, Reason: err.Error(), Err: err}
		}
		id := definingResource(t)
		if id == "" || domainType(t) != "pid" {
			continue
		}
		m, err := l.networkMap(r, FieldProperties, id)
		if err != nil {
			return nil, err
		}
		pids[t] = m
		vtags = append(vtags, VTag{id, m.tag})
		o.held = append(o.held, m)
		o.count += uint64(m.prefixes)
	}
	if s.Values != nil {
		o.held = append(o.held, s.Values)
		o.count += uint64(s.Values.entities)
	}
	o.capabilities = append(appendStrings([]byte(`{"prop-types":`), s.Types), '}')
	o.head = appendDependentVTags(nil, vtags)
	o.answer = func(q *query) (*answer, *protocolError) { return s.answer(pids, q.params) }
	return o.seal(), nil
}

// answer follows RFC 7285 Section 11.4.1.6: an endpoint without a property lacks
// the member, and each network map whose PIDs are asked for gives its tag.
func (s EndpointProperties) answer(pids map[string]*NetworkMap, p parameters) (*answer, *protocolError) {
	properties, e := p.requiredStrings("properties")
	if e != nil {
		return nil, e
	}
	endpoints, ok, e := p.endpoints("endpoints")
	switch {
	case e != nil:
		return nil, e
	case !ok:
		return nil, missingField("endpoints")
	case len(properties) == 0:
		return nil, invalidValue("properties", "[]")
	case len(endpoints) == 0:
		return nil, invalidValue("endpoints", "[]")
	}
	var vtags []VTag
	for _, name := range properties {
		if !slices.Contains(s.Types, name) {
			return nil, invalidValue("properties", name)
		}
		if m := pids[name]; m != nil {
			vtags = append(vtags, VTag{definingResource(name), m.tag})
		}
	}
	a := &answer{media: MediaEndpointProp, head: []byte(`{"meta":{`)}
	if len(vtags) > 0 {
		a.head = appendDependentVTags(a.head, vtags)
	}
	a.head = append(a.head, "},"...)
	b := []byte(`"endpoint-properties":{`)
	for i, endpoint := range endpoints {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEntity(b, endpoint.text, s.valuesOf(pids, endpoint, properties))
	}
	a.body = append(b, '}', '}')
	return a, nil
}

func (s EndpointProperties) valuesOf(pids map[string]*NetworkMap, e endpoint, names []string) []Property {
	var list []Property
	for _, name := range names {
		if m := pids[name]; m != nil {
			if pid, ok := m.Lookup(e.addr); ok {
				list = append(list, Property{name, appendString(nil, pid)})
			}
		} else if p, ok := s.lookup(e.addr, name); ok {
			list = append(list, p)
		}
	}
	return list
}

// lookup finds a value that is not null.
func (s EndpointProperties) lookup(addr netip.Addr, name string) (Property, bool) {
	if s.Values == nil {
		return Property{}, false
	}
	kind := "ipv6"
	if addr.Is4() {
		kind = "ipv4"
	}
	d := s.Values.domain(kind)
	if d == nil {
		return Property{}, false
	}
	p, ok := d.inherited(netip.PrefixFrom(addr, addr.BitLen()), name)
	return p, ok && p.Value.Kind() != 'n'
}
