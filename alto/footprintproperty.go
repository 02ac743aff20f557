package alto

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gaissmai/bart"
	"github.com/go-json-experiment/json/jsontext"
)

// PropertyCDNICapabilities is the type of the property that lists the capabilities of a
// CDN advertisement for a footprint (RFC 9241 Section 6.2).
const PropertyCDNICapabilities = "cdni-capabilities"

// FootprintProperties is a CDNI advertisement, from which the property cdni-capabilities
// of its footprints is made.
type FootprintProperties struct {
	Advertisement string // resource ID
	Objects       []BaseAdvertisementObject
	// NetworkMap is the resource ID of Map, whose PIDs the altopid footprints name; nil
	// where there are none.
	NetworkMap string
	Map        *NetworkMap
}

// Entities returns the footprints as entities (RFC 9241 Section 6.1), each with the
// capabilities of the objects that name it, in their order and each once. Footprints of
// types that are no entity domain are left out. A prefix has the capabilities of those
// around it and of the PID that it is in too; where altopid footprints occur, the prefixes
// of the map are entities where that makes a difference. Objects without footprints count
// for all entities, and 0.0.0.0/0 and ::/0 are two of them then. The error tells which
// value is not as its type has it. Cost is that of the footprints, and of the prefixes of
// the map where PIDs occur.
func (p FootprintProperties) Entities() ([]Entity, error) {
	x := footprintIndex{FootprintProperties: p, named: make(map[domainName][]int), pids: make(map[string][]int), values: make(map[string]jsontext.Value)}
	for i, o := range p.Objects {
		if err := x.add(i, o); err != nil {
			return nil, err
		}
	}
	return append(x.addressEntities(), x.namedEntities()...), nil
}

type domainName struct{ domain, name string }

// footprintIndex tells which objects name a footprint, by ascending indices.
type footprintIndex struct {
	FootprintProperties
	everywhere []int
	addresses  bart.Table[[]int]
	named      map[domainName][]int
	pids       map[string][]int
	values     map[string]jsontext.Value // of the property, by the objects
}

func (x *footprintIndex) add(i int, o BaseAdvertisementObject) error {
	if len(o.Footprints) == 0 {
		x.everywhere = append(x.everywhere, i)
	}
	for _, f := range o.Footprints {
		if err := f.check(); err != nil {
			return err
		}
		for _, v := range f.Values {
			switch f.Type {
			case "ipv4cidr", "ipv6cidr":
				prefix, err := parseEntityPrefix(strings.TrimSuffix(f.Type, "cidr"), v)
				if err != nil {
					return err
				}
				before, _ := x.addresses.Get(prefix)
				x.addresses.Insert(prefix, append(before, i))
			case footprintPID:
				if x.Map == nil {
					return fmt.Errorf("a footprint names PID %q, but there is no network map", v)
				}
				x.pids[v] = append(x.pids[v], i)
				x.note(x.NetworkMap+".pid", v, i)
			case "asn", "countrycode", "subdivisioncode":
				x.note(f.Type, v, i)
			}
		}
	}
	return nil
}

func (x *footprintIndex) note(domain, name string, i int) {
	n := domainName{domain, name}
	x.named[n] = append(x.named[n], i)
}

func (x *footprintIndex) namedEntities() []Entity {
	list := make([]Entity, 0, len(x.named))
	for n, objects := range x.named {
		list = append(list, Entity{Domain: n.domain, Name: n.name, Properties: x.property(append(objects, x.everywhere...))})
	}
	return list
}

// addressEntities leaves out prefixes of the map whose value is the inherited one.
func (x *footprintIndex) addressEntities() (list []Entity) {
	var prefixes []netip.Prefix
	for prefix := range x.addresses.All() {
		prefixes = append(prefixes, prefix)
	}
	if len(x.everywhere) > 0 {
		prefixes = append(prefixes, netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"))
	}
	if len(x.pids) > 0 {
		for _, pid := range x.Map.pids {
			prefixes = append(prefixes, pid.Prefixes...)
		}
	}
	slices.SortFunc(prefixes, comparePrefix)
	var values bart.Table[jsontext.Value] // of list
	for _, prefix := range slices.Compact(prefixes) {
		property := x.property(x.of(prefix))
		inherited, below := values.LookupPrefix(prefix)
		if !below {
			inherited = jsontext.Value("[]")
		}
		if _, footprint := x.addresses.Get(prefix); !footprint && bytes.Equal(inherited, property[0].Value) {
			continue
		}
		values.Insert(prefix, property[0].Value)
		list = append(list, Entity{Domain: familyName(prefix), Name: prefix.String(), Properties: property})
	}
	return list
}

func familyName(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "ipv4"
	}
	return "ipv6"
}

// of returns the objects that count for a prefix.
func (x *footprintIndex) of(prefix netip.Prefix) []int {
	objects := slices.Clone(x.everywhere)
	for _, around := range x.addresses.Supernets(prefix) {
		objects = append(objects, around...)
	}
	if x.Map != nil {
		if i, ok := x.Map.table.LookupPrefix(prefix); ok {
			objects = append(objects, x.pids[x.Map.pids[i].Name]...)
		}
	}
	return objects
}

// property has the capabilities of objects, which it sorts.
func (x *footprintIndex) property(objects []int) []Property {
	slices.Sort(objects)
	objects = slices.Compact(objects)
	key := make([]byte, 0, 4*len(objects))
	for _, i := range objects {
		key = binary.AppendUvarint(key, uint64(i))
	}
	value, known := x.values[string(key)]
	if !known {
		value = x.capabilities(objects)
		x.values[string(key)] = value
	}
	return []Property{{Name: x.Advertisement + "." + PropertyCDNICapabilities, Value: value}}
}

// capabilities has each capability once.
func (x *footprintIndex) capabilities(objects []int) jsontext.Value {
	seen := make(map[string]bool, len(objects))
	b := []byte{'['}
	for _, i := range objects {
		text := append(appendCapability(nil, x.Objects[i]), '}')
		if seen[string(text)] {
			continue
		}
		seen[string(text)] = true
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, text...)
	}
	return append(b, ']')
}
