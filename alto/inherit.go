package alto

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gaissmai/bart"
)

// value returns the property of an entity itself.
func (e *entity) value(name string) (Property, bool) {
	i, found := slices.BinarySearchFunc(e.properties, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
	if !found {
		return Property{}, false
	}
	return e.properties[i], true
}

// inherited returns the property of a prefix: its own, else that of the longest
// prefix around it that defines one (RFC 9240 Section 6.1.3).
func (d *domain) inherited(prefix netip.Prefix, name string) (Property, bool) {
	for _, e := range d.table.Supernets(prefix) {
		if p, ok := e.value(name); ok {
			return p, true
		}
	}
	return Property{}, false
}

// selected is an entity of a filtered property map response.
type selected struct {
	id         string
	properties []Property
}

// selectName returns what a filtered property map answers for an entity without
// hierarchy.
func (d *domain) selectName(id string, names []string) []selected {
	e := d.index[id]
	if e == nil {
		return nil
	}
	return appendSelected(nil, id, e.own(names))
}

// selectPrefix returns what a filtered property map answers for an address or
// prefix (RFC 9240 Section 8.6): id, as the client wrote it, with own and
// inherited values, then the entities within the prefix with their own values.
// Where those cover the whole prefix, id itself is left out and they carry the
// inherited values too. Cost is that of the entities within the prefix.
func (d *domain) selectPrefix(id string, prefix netip.Prefix, names []string) []selected {
	whole := d.effective(prefix, names)
	var within []*entity
	var cover bart.Lite
	for p, e := range d.table.Subnets(prefix) {
		if p != prefix && len(e.own(names)) > 0 {
			within = append(within, e)
			cover.Insert(p)
		}
	}
	covered := false
	if len(within) > 1 {
		cover.Aggregate()
		covered = cover.Get(prefix)
	}
	var out []selected
	if !covered {
		out = appendSelected(out, id, whole)
	}
	var outer netip.Prefix // the maximal entity around those that follow it
	slices.SortFunc(within, func(a, b *entity) int { return comparePrefix(a.prefix, b.prefix) })
	for _, e := range within {
		values := e.own(names)
		if maximal := !outer.IsValid() || !outer.Overlaps(e.prefix); maximal {
			outer = e.prefix
			if covered {
				values = d.effective(e.prefix, names)
			}
		}
		out = appendSelected(out, e.id, values)
	}
	return out
}

func appendSelected(out []selected, id string, properties []Property) []selected {
	if len(properties) == 0 {
		return out
	}
	return append(out, selected{id, properties})
}

// own returns the named properties that the entity itself defines.
func (e *entity) own(names []string) []Property {
	var list []Property
	for _, name := range names {
		if p, ok := e.value(name); ok {
			list = append(list, p)
		}
	}
	return list
}

// effective returns the named properties of a prefix, inherited ones included.
func (d *domain) effective(prefix netip.Prefix, names []string) []Property {
	var list []Property
	for _, name := range names {
		if p, ok := d.inherited(prefix, name); ok {
			list = append(list, p)
		}
	}
	return list
}
