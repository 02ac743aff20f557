package alto

import (
	"fmt"
	"hash"
	"net/netip"
	"slices"
	"strings"

	"github.com/gaissmai/bart"
	"github.com/go-json-experiment/json/jsontext"
)

// Property is a property's name and its value, any JSON value; null says that the
// entity has no value and does not inherit one (RFC 9240 Section 6.1.3).
type Property struct {
	Name  string
	Value jsontext.Value
}

// Entity is an entity with the properties defined for it. Domain is the entity
// domain name, Name the identifier within it: an address or prefix in domains of
// type ipv4 and ipv6 (RFC 9240 Section 5.1.3).
type Entity struct {
	Domain     string
	Name       string
	Properties []Property
}

// PropertyMap maps entities to properties (RFC 9240). Entities of type ipv4 and
// ipv6 inherit along the longest prefix. It is immutable and safe for concurrent
// use.
type PropertyMap struct {
	domains  []*domain // by name
	entities int
	tag      string
	body     lazyBytes
	bytes    uint64
}

// domain is one entity domain; table is set for address domains only.
type domain struct {
	name     string
	entities []*entity // by name, by prefix in address domains
	index    map[string]*entity
	table    *bart.Table[*entity]
	names    []string // of all properties in the domain, ascending
}

type entity struct {
	id         string // DOMAIN:NAME, canonical
	prefix     netip.Prefix
	properties []Property // by name
}

// EntityError tells which entity, and which property of it, makes a property map
// invalid.
type EntityError struct {
	Domain, Entity, Property string
	Reason                   string
}

func (e *EntityError) Error() string { return e.Reason }

// NewPropertyMap builds a property map from entities in any order; values are
// copied. The error is an *EntityError: a bad domain or property name, an address
// that is none, an entity or property given twice, a value that is not JSON.
func NewPropertyMap(entities []Entity) (*PropertyMap, error) {
	m := &PropertyMap{}
	byName := make(map[string]*domain)
	for _, e := range entities {
		if len(e.Properties) > 0 {
			m.entities++
		}
		d := byName[e.Domain]
		if d == nil {
			var err error
			if d, err = newDomain(e.Domain); err != nil {
				return nil, &EntityError{Domain: e.Domain, Entity: e.Name, Reason: err.Error()}
			}
			byName[e.Domain] = d
			m.domains = append(m.domains, d)
		}
		size, err := d.add(e)
		if err != nil {
			return nil, err
		}
		m.bytes += size
	}
	slices.SortFunc(m.domains, func(a, b *domain) int { return strings.Compare(a.name, b.name) })
	for _, d := range m.domains {
		d.finish()
	}
	m.tag = tagOfBytes(m.encoded())
	return m, nil
}

func newDomain(name string) (*domain, error) {
	if err := CheckDomainName(name); err != nil {
		return nil, err
	}
	d := &domain{name: name, index: make(map[string]*entity)}
	if t := domainType(name); t == "ipv4" || t == "ipv6" {
		d.table = new(bart.Table[*entity])
	}
	return d, nil
}

func (d *domain) add(e Entity) (bytes uint64, err error) {
	fail := func(property, format string, args ...any) (uint64, error) {
		return 0, &EntityError{Domain: d.name, Entity: e.Name, Property: property, Reason: fmt.Sprintf(format, args...)}
	}
	n := &entity{id: d.name + ":" + e.Name}
	switch {
	case d.table != nil:
		if n.prefix, err = parseEntityPrefix(domainType(d.name), e.Name); err != nil {
			return fail("", "entity %q of domain %q: %v", e.Name, d.name, err)
		}
		n.id = d.name + ":" + prefixName(n.prefix)
	case e.Name == "":
		return fail("", "entity of domain %q has no identifier", d.name)
	default:
		if err := checkEntityName(domainType(d.name), e.Name); err != nil {
			return fail("", "entity of domain %q: %v", d.name, err)
		}
	}
	if d.index[n.id] != nil {
		return fail("", "entity %q is defined twice", n.id)
	}
	bytes = uint64(2*len(n.id) + 160)
	for _, p := range e.Properties {
		if err := CheckPropertyName(p.Name); err != nil {
			return fail(p.Name, "entity %q: %v", n.id, err)
		}
		value := p.Value.Clone()
		if err := value.Compact(); err != nil {
			return fail(p.Name, "entity %q: value of property %q is not JSON: %v", n.id, p.Name, err)
		}
		n.properties = append(n.properties, Property{p.Name, value})
		bytes += uint64(len(p.Name) + len(value) + 40)
	}
	slices.SortFunc(n.properties, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(n.properties); i++ {
		if name := n.properties[i].Name; name == n.properties[i-1].Name {
			return fail(name, "entity %q has property %q twice", n.id, name)
		}
	}
	d.index[n.id] = n
	d.entities = append(d.entities, n)
	if d.table != nil {
		d.table.Insert(n.prefix, n)
	}
	return bytes, nil
}

func (d *domain) finish() {
	slices.SortFunc(d.entities, func(a, b *entity) int {
		if d.table != nil {
			return comparePrefix(a.prefix, b.prefix)
		}
		return strings.Compare(a.id, b.id)
	})
	seen := make(map[string]bool)
	for _, e := range d.entities {
		for _, p := range e.properties {
			if !seen[p.Name] {
				seen[p.Name] = true
				d.names = append(d.names, p.Name)
			}
		}
	}
	slices.Sort(d.names)
}

// parseEntityPrefix reads an address or prefix of the given entity domain type
// (RFC 9240 Section 6.1); an address is its full-length prefix.
func parseEntityPrefix(kind, s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if !strings.Contains(s, "/") {
		var addr netip.Addr
		if addr, err = netip.ParseAddr(s); err == nil {
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	switch {
	case err != nil, prefix.Addr().Zone() != "":
		return netip.Prefix{}, fmt.Errorf("%q is neither an %s address nor a prefix", s, kind)
	case prefix.Addr().Is4() != (kind == "ipv4"):
		return netip.Prefix{}, fmt.Errorf("%q is not of type %s", s, kind)
	}
	return prefix.Masked(), nil
}

// prefixName writes a full-length prefix as the address it is.
func prefixName(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// Tag returns a hash of the content.
func (m *PropertyMap) Tag() string { return m.tag }

// NumEntities returns the number of entities with properties in all domains: those
// that a client sees.
func (m *PropertyMap) NumEntities() int { return m.entities }

func (m *PropertyMap) domain(name string) *domain {
	i, found := slices.BinarySearchFunc(m.domains, name, func(d *domain, name string) int { return strings.Compare(d.name, name) })
	if !found {
		return nil
	}
	return m.domains[i]
}

// Mapping is one member of the "mappings" capability (RFC 9240 Section 7.4): an
// entity domain and its properties.
type Mapping struct {
	Domain     string
	Properties []string
}

// Mappings returns what the map defines, by domain and property name.
func (m *PropertyMap) Mappings() []Mapping {
	mappings := make([]Mapping, len(m.domains))
	for i, d := range m.domains {
		mappings[i] = Mapping{Domain: d.name, Properties: d.names}
	}
	return mappings
}

func (m *PropertyMap) encoded() []byte {
	return m.body.get(func() []byte { return m.appendBody(nil, nil) })
}

func (m *PropertyMap) encodedSize() uint64 { return m.body.length(m.appendBody) }

func (m *PropertyMap) hashEncoded(h hash.Hash) { m.body.hash(h, m.appendBody) }

func (m *PropertyMap) appendBody(b []byte, sized *meter) []byte {
	b = append(b, `"property-map":{`...)
	first := true
	for _, d := range m.domains {
		for _, e := range d.entities {
			if len(e.properties) == 0 {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = sized.pass(appendEntity(b, e.id, e.properties))
		}
	}
	return append(b, '}', '}')
}

func appendEntity(b []byte, id string, properties []Property) []byte {
	return appendProperties(append(appendString(b, id), ':'), properties)
}

func appendProperties(b []byte, properties []Property) []byte {
	b = append(b, '{')
	for i, p := range properties {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, p.Name), ':')
		b = append(b, p.Value...)
	}
	return append(b, '}')
}

func (m *PropertyMap) memory() uint64 { return m.bytes + m.body.size() }
