package alto

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
)

// Cost mode and metric of paths (RFC 9275 Section 6.5).
const (
	ModeArray     = "array"
	MetricANEPath = "ane-path"
)

const (
	domainANE          = ".ane" // of what a response names (RFC 9275 Section 6.2.4)
	persistentEntityID = "persistent-entity-id"
	maxReservable      = "max-reservable-bandwidth"
)

// PathVectors are the paths that a cost service offers, with the abstract network
// elements (ANEs) that they lead through.
type PathVectors struct {
	CostType string // name in the IRD, of mode array and metric ane-path
	Paths    *PathMatrix
	// ANEs has the properties of the ANEs, which are its entities of domain ".ane";
	// nil: they have none.
	ANEs *PropertyMap
	// Properties are those that clients may ask for.
	Properties []string
	// GivenNames lets clients see the ANEs' own names. Otherwise each request and
	// client gets others, so that the network cannot be put together from several
	// answers (RFC 9275 Section 11).
	GivenNames bool
}

// pathService is a bound cost service with paths.
type pathService struct {
	PathVectors
	resource string
	part     string // Part Resource ID of the root part (RFC 9275 Section 6.6)
	media    string // of the root part
	domain   string
	network  []VTag // on which the root part depends
	defining []VTag // of the property maps that persistent ANEs are in
}

// bind checks the paths of resource r and returns what goes into the menu, and the IDs of
// the property maps that persistent ANEs are in.
func (v *PathVectors) bind(l *linker, r *Resource) (t CostType, defining []string, err error) {
	t, ok := l.snapshot.costTypes[v.CostType]
	switch {
	case !ok:
		return t, nil, configError(r.ID, FieldCostType, v.CostType, "cost type %q is not defined", v.CostType)
	case t.Mode != ModeArray || t.Metric != MetricANEPath:
		return t, nil, configError(r.ID, FieldCostType, v.CostType, "cost type %q has mode %q and metric %q, expected array and ane-path", v.CostType, t.Mode, t.Metric)
	case v.Paths == nil:
		return t, nil, configError(r.ID, FieldCosts, v.CostType, "cost type %q has no paths", v.CostType)
	}
	seen := make(map[string]bool)
	for _, name := range v.Properties {
		if err := CheckPropertyName(name); err != nil {
			return t, nil, &ConfigError{Resource: r.ID, Field: FieldProperties, Value: name, Reason: err.Error(), Err: err}
		}
		if seen[name] {
			return t, nil, configError(r.ID, FieldProperties, name, "property %q is listed twice", name)
		}
		seen[name] = true
	}
	if v.ANEs == nil {
		return t, nil, nil
	}
	defining, err = v.checkANEs(l, r)
	return t, defining, err
}

// checkANEs checks the values that RFC 9275 Section 6.4 defines and returns the property
// maps that persistent ANEs are in, by ID.
func (v *PathVectors) checkANEs(l *linker, r *Resource) (defining []string, err error) {
	d := v.ANEs.domain(domainANE)
	if d == nil {
		return nil, nil
	}
	for _, e := range d.entities {
		if p, ok := e.value(maxReservable); ok && (p.Value.Kind() != '0' || p.Value[0] == '-') {
			return nil, configError(r.ID, FieldProperties, e.id, "%s of entity %q is %s, expected a number that is not negative", maxReservable, e.id, p.Value)
		}
		p, ok := e.value(persistentEntityID)
		if !ok || !slices.Contains(v.Properties, persistentEntityID) {
			continue
		}
		domain, name, ok := strings.Cut(textOf(p.Value), ":")
		id := definingResource(domain)
		if p.Value.Kind() != '"' || !ok || domainType(domain) != "ane" || id == "" || checkName("ANE name", name, 64, "-:@_") != nil {
			return nil, configError(r.ID, FieldProperties, e.id, "%s of entity %q is %s, expected RESOURCE-ID.ane:NAME", persistentEntityID, e.id, p.Value)
		}
		if slices.Contains(defining, id) {
			continue
		}
		if other := l.resource(id); other == nil || !isPropertyMap(other.Service) {
			return nil, configError(r.ID, FieldProperties, e.id, "%s of entity %q is in resource %q, which is not a property map", persistentEntityID, e.id, id)
		}
		defining = append(defining, id)
	}
	slices.Sort(defining)
	return defining, nil
}

func isPropertyMap(s Service) bool {
	switch s.(type) {
	case FullPropertyMap, FilteredPropertyMap:
		return true
	}
	return false
}

// Persistent lists the resources that persistent-entity-id names, where clients may ask for
// it: those that the service refers to. They are in order.
func (v *PathVectors) Persistent() (ids []string) {
	if v.ANEs == nil || !slices.Contains(v.Properties, persistentEntityID) {
		return nil
	}
	d := v.ANEs.domain(domainANE)
	if d == nil {
		return nil
	}
	for _, e := range d.entities {
		if p, ok := e.value(persistentEntityID); ok {
			if id := definingResource(textOf(p.Value)); id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// appendCapabilities adds "ane-property-names" to the capabilities of the cost service
// (RFC 9275 Section 7.2.4).
func (v *PathVectors) appendCapabilities(b []byte) []byte {
	b = append(b[:len(b)-1], `,"ane-property-names":`...)
	return append(appendStrings(b, v.Properties), '}')
}

// held is the data behind the service.
func (v *PathVectors) held() []data {
	if v.ANEs == nil {
		return []data{v.Paths}
	}
	return []data{v.Paths, v.ANEs}
}

// aneNames gives the ANEs of one response their names and keeps which have been named.
type aneNames struct {
	paths *PathMatrix
	names []string // by ANE, "" where it has not been named
	order []int32
	scope []byte // of the names, nil: the ANEs' own
}

// aneKey makes the names that ANEs get for a scope differ from process to process.
var aneKey = func() (key [sha256.Size]byte) {
	_, _ = rand.Read(key[:]) // never fails
	return key
}()

var aneEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// name returns the name of an ANE within the response: 26 characters that tell nothing
// where it is not its own.
func (a *aneNames) name(n int32) string {
	if a.names[n] != "" {
		return a.names[n]
	}
	name := a.paths.anes[n]
	if a.scope != nil {
		h := hmac.New(sha256.New, aneKey[:])
		h.Write(a.scope)
		h.Write([]byte(name))
		name = aneEncoding.EncodeToString(h.Sum(nil)[:16])
	}
	a.names[n] = name
	a.order = append(a.order, n)
	return name
}

// namesFor returns the names that ANEs have for a query: others for another client or
// other parameters, the same as long as an update stream lasts.
func (v *pathService) namesFor(q *query) *aneNames {
	a := &aneNames{paths: v.Paths, names: make([]string, len(v.Paths.anes))}
	if v.GivenNames {
		return a
	}
	h := sha256.New()
	h.Write([]byte(v.resource))
	h.Write(q.client.AppendTo(nil))
	for _, name := range slices.Sorted(maps.Keys(q.params.members)) {
		h.Write([]byte(name + "\x00" + string(q.params.members[name]) + "\x00"))
	}
	a.scope = h.Sum(nil)
	return a
}

// propertiesAsked reads "ane-property-names" (RFC 9275 Section 7.2.3).
func (v *pathService) propertiesAsked(p parameters) ([]string, *protocolError) {
	const field = "ane-property-names"
	names, _, e := p.strings(field)
	if e != nil {
		return nil, e
	}
	for _, name := range names {
		if !slices.Contains(v.Properties, name) {
			return nil, invalidValue(field, name)
		}
	}
	return names, nil
}

// answer makes the two parts of a response (RFC 9275 Sections 7.2.6 and 7.3.6): the
// costs c of the pairs, as member of the root part, and the properties of the ANEs.
func (v *pathService) answer(q *query, c costChoice, member string, from, to []location) (*answer, *protocolError) {
	asked, e := v.propertiesAsked(q.params)
	if e != nil {
		return nil, e
	}
	c.names = v.namesFor(q)
	body := append(c.appendCosts(append(appendString(nil, member), ':'), from, to), '}')
	meta := c.appendMeta(nil)
	if len(v.network) > 0 {
		meta = append(append(appendDependentVTags(nil, v.network), ','), meta...)
	}
	tag := VTag{v.resource + "." + v.part, tagOfBytes(meta, body)}
	head := append(appendVTag([]byte(`{"meta":{"vtag":`), tag), ',')
	head = append(append(head, meta...), "},"...)

	vtags := []VTag{tag}
	if slices.Contains(asked, persistentEntityID) {
		vtags = append(vtags, v.defining...)
	}
	m := relatedParts{boundary: tag.Tag, parts: []part{
		{v.part + "@" + v.domain, v.media, head, body},
		{"propmap@" + v.domain, MediaPropertyMap, propertyMapHead(vtags), v.appendANEs([]byte(`"property-map":{`), c.names, asked)},
	}}
	return m.answer(), nil
}

// appendANEs appends the ANEs of a response, each with those of the properties that it
// has.
func (v *pathService) appendANEs(b []byte, a *aneNames, asked []string) []byte {
	var d *domain
	if v.ANEs != nil {
		d = v.ANEs.domain(domainANE)
	}
	for i, n := range a.order {
		if i > 0 {
			b = append(b, ',')
		}
		var properties []Property
		if d != nil {
			if e := d.index[domainANE+":"+v.Paths.anes[n]]; e != nil {
				properties = e.own(asked)
			}
		}
		b = appendEntity(b, domainANE+":"+a.names[n], properties)
	}
	return append(b, '}', '}')
}

// appendPath appends the path from one index to another, null where there is none.
func (c costChoice) appendPath(b []byte, s, d int32) (_ []byte, ok bool) {
	if s < 0 || d < 0 {
		return append(b, "null"...), false
	}
	p := c.paths.paths[int(s)*len(c.paths.pids)+int(d)]
	if p.length < 0 {
		return append(b, "null"...), false
	}
	return c.paths.appendPath(b, p, c.names.name), true
}

// indexOf returns where PIDs stand in the costs or paths of an offer.
func (c costChoice) indexOf(o CostOffer) map[string]int32 {
	if o.Costs == nil {
		return c.paths.index
	}
	return o.Costs.index
}
