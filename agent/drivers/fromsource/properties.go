package fromsource

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

var endpointProp = driver.Algorithm{
	Kind: driver.EndpointProp,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoEndpointpropParams != nil && r.AltoEndpointpropParams.FromSource != nil
	},
	Plan:    planEndpointProp,
	Compute: computeEndpointProp,
}

// planEndpointProp demands a source where a property is not the PID of a network map.
func planEndpointProp(in driver.PlanInput) (driver.Needs, error) {
	p := in.Resource.AltoEndpointpropParams
	var n driver.Needs
	if p.FromSource.Source != nil {
		n.Sources = []string{p.FromSource.GetSource()}
	}
	for _, name := range p.PropType {
		resource, property, specific := strings.Cut(name, ".")
		at := "alto-endpointprop-params/" + driver.Entry("prop-type", ".", name)
		switch {
		case specific && property == "pid":
			if k, ok := in.Kind(resource); !ok || k != driver.NetworkMap {
				return driver.Needs{}, driver.Errorf(at, "property %q is about resource %q, which is not a network map", name, resource)
			}
		case !specific && name == "pid":
			return driver.Needs{}, driver.Errorf(at, "property \"pid\" belongs to a network map, expected RESOURCE-ID.pid")
		case p.FromSource.Source == nil:
			return driver.Needs{}, driver.Errorf(leaf("alto-endpointprop-params", "source"), "property %q needs a source", name)
		}
	}
	return n, nil
}

// computeEndpointProp gives a prefix the properties of its entity, and those of the
// PID it is in where the entity does not have them.
func computeEndpointProp(_ context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoEndpointpropParams
	if p.FromSource.Source == nil {
		return driver.Output{}, nil
	}
	data := in.Sources[p.FromSource.GetSource()]
	var entities []alto.Entity
	at := make(map[netip.Prefix]int)
	for _, e := range data.Entities {
		if e.Domain == "ipv4" || e.Domain == "ipv6" {
			at[prefixOf(e)] = len(entities)
			entities = append(entities, chosen(e, p.PropType))
		}
	}
	for _, pid := range data.PIDs {
		for _, prefix := range pid.Prefixes {
			e := chosen(alto.Entity{Domain: familyOf(prefix), Name: prefix.String(), Properties: pid.Properties}, p.PropType)
			if i, known := at[prefix]; known {
				entities[i].Properties = merged(entities[i].Properties, e.Properties)
			} else if len(e.Properties) > 0 {
				entities = append(entities, e)
			}
		}
	}
	m, err := alto.NewPropertyMap(entities)
	if err != nil {
		return driver.Output{}, driver.Errorf(leaf("alto-endpointprop-params", "source"), "%w", err)
	}
	return driver.Output{Properties: m}, nil
}

// prefixOf returns the prefix that an entity of an address domain is, the zero
// value where its name is neither prefix nor address.
func prefixOf(e alto.Entity) netip.Prefix {
	if prefix, err := netip.ParsePrefix(e.Name); err == nil {
		return prefix.Masked()
	}
	addr, err := netip.ParseAddr(e.Name)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(addr, addr.BitLen())
}

func familyOf(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "ipv4"
	}
	return "ipv6"
}

// merged adds what own does not have.
func merged(own, more []alto.Property) []alto.Property {
	own = slices.Clip(own)
	for _, p := range more {
		if !slices.ContainsFunc(own, func(o alto.Property) bool { return o.Name == p.Name }) {
			own = append(own, p)
		}
	}
	return own
}

var propertyMap = driver.Algorithm{
	Kind: driver.PropertyMap,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoPropmapParams != nil && r.AltoPropmapParams.FromSource != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		_, err := propertyNetworkMap(in)
		return needs(in.Resource.AltoPropmapParams.FromSource.GetSource()), err
	},
	Compute: computePropertyMap,
}

func propertyNetworkMap(in driver.PlanInput) (string, error) {
	return in.NetworkMapOf(leaf("alto-propmap-params", "network-map"), in.Resource.AltoPropmapParams.FromSource.GetNetworkMap())
}

// computePropertyMap puts PIDs into the domain of their network map (RFC 9240
// Section 6.2); without one they are left out, as are entities without any property.
func computePropertyMap(_ context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoPropmapParams.FromSource
	data := in.Sources[p.GetSource()]
	id, err := propertyNetworkMap(in.PlanInput)
	if err != nil {
		return driver.Output{}, err
	}
	var entities []alto.Entity
	add := func(e alto.Entity) {
		if e = chosen(e, p.Property); len(e.Properties) > 0 {
			entities = append(entities, e)
		}
	}
	for _, e := range data.Entities {
		add(e)
	}
	if id != "" {
		for _, pid := range data.PIDs {
			add(alto.Entity{Domain: id + ".pid", Name: pid.Name, Properties: pid.Properties})
		}
	}
	m, err := alto.NewPropertyMap(entities)
	if err != nil {
		return driver.Output{}, driver.Errorf(leaf("alto-propmap-params", "source"), "%w", err)
	}
	return driver.Output{Properties: m, Filtered: p.GetFiltered()}, nil
}

// chosen keeps the named properties of an entity, all of them if names is empty.
func chosen(e alto.Entity, names []string) alto.Entity {
	if len(names) == 0 {
		return e
	}
	var list []alto.Property
	for _, p := range e.Properties {
		if slices.Contains(names, p.Name) {
			list = append(list, p)
		}
	}
	e.Properties = list
	return e
}
