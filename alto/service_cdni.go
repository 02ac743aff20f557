package alto

import (
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// FullCDNIAdvertisement serves a CDNI advertisement (RFC 9241 Section 3).
type FullCDNIAdvertisement struct {
	Advertisement *CDNIAdvertisement
	// NetworkMap is the resource ID of the map whose PIDs the altopid footprints
	// name; "" where there are none.
	NetworkMap string
}

func (FullCDNIAdvertisement) kind() string { return "cdni" }

func (s FullCDNIAdvertisement) refers() []string { return idsOf(s.NetworkMap) }

// idsOf drops the IDs that are empty.
func idsOf(ids ...string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

func (s FullCDNIAdvertisement) bind(l *linker, r *Resource) (*offer, error) {
	o, vtags, err := s.bound(l, r)
	if err != nil {
		return nil, err
	}
	v := VTag{r.ID, s.Advertisement.tag}
	o.full, o.head = s.Advertisement, advertisementHead(v, vtags)
	if len(vtags) == 0 {
		o.tag = v.Tag
	}
	return o.seal(), nil
}

// bound checks the advertisement for resource r, which serves all or parts of it,
// and returns the version tags of what r uses.
func (s FullCDNIAdvertisement) bound(l *linker, r *Resource) (*offer, []VTag, error) {
	a := s.Advertisement
	if a == nil {
		return nil, nil, configError(r.ID, FieldAdvertisement, "", "CDNI advertisement has no data")
	}
	if s.NetworkMap == "" && len(a.pids) > 0 {
		return nil, nil, configError(r.ID, FieldNetworkMap, "", "footprints name PID %q, but no network map is given (RFC 9241 Section 4.1)", a.pids[0])
	}
	if s.NetworkMap != "" {
		m, err := l.networkMap(r, FieldNetworkMap, s.NetworkMap)
		if err != nil {
			return nil, nil, err
		}
		for _, pid := range a.pids {
			if !m.Has(pid) {
				return nil, nil, configError(r.ID, FieldAdvertisement, pid, "a footprint names PID %q, which network map %q does not define", pid, s.NetworkMap)
			}
		}
	}
	o := &offer{media: MediaCDNI, content: &content{uses: idsOf(s.NetworkMap), count: uint64(len(a.objects)), held: []data{a}}}
	return o, l.vtagsOf(l.usesOf(r, o)), nil
}

func advertisementHead(v VTag, uses []VTag) []byte {
	b := appendVTag([]byte(`{"meta":{"vtag":`), v)
	if len(uses) > 0 {
		b = appendDependentVTags(append(b, ','), uses)
	}
	return append(b, "},"...)
}

// FilteredCDNIAdvertisement serves the objects of an advertisement that have
// capabilities a client names (RFC 9241 Section 5).
type FilteredCDNIAdvertisement struct {
	Full string // resource ID of the FullCDNIAdvertisement
}

func (FilteredCDNIAdvertisement) kind() string       { return "cdnifilter" }
func (s FilteredCDNIAdvertisement) refers() []string { return []string{s.Full} }

func (s FilteredCDNIAdvertisement) bind(l *linker, r *Resource) (*offer, error) {
	other := l.resource(s.Full)
	if other == nil {
		return nil, configError(r.ID, FieldAdvertisement, s.Full, "CDNI advertisement %q does not exist", s.Full)
	}
	full, ok := other.Service.(FullCDNIAdvertisement)
	if !ok {
		return nil, configError(r.ID, FieldAdvertisement, s.Full, "resource %q is not a CDNI advertisement", s.Full)
	}
	o, vtags, err := full.bound(l, r)
	if err != nil {
		return nil, err
	}
	o.accepts = MediaCDNIFilter
	o.head = advertisementHead(VTag{s.Full, full.Advertisement.tag}, vtags)
	o.answer = func(q *query) (*answer, *protocolError) { return filterAdvertisement(o, full.Advertisement, q.params) }
	return o.seal(), nil
}

// filterAdvertisement answers by RFC 9241 Section 5.6; an empty list stands for all
// objects.
func filterAdvertisement(o *offer, a *CDNIAdvertisement, p parameters) (*answer, *protocolError) {
	const field = "cdni-capabilities"
	values, ok, e := p.array(field)
	if e == nil && !ok {
		e = missingField(field)
	}
	if e != nil {
		return nil, e
	}
	if len(values) == 0 {
		return &answer{media: o.media, head: o.head, body: a.encoded(), gzip: &o.gzip}, nil
	}
	asked, seen, work := []*capability{}, make(map[string]bool), 0
	for _, v := range values {
		c, e := readCapability(field, v)
		if e != nil {
			return nil, e
		}
		if text := canonical(v); !seen[text] {
			seen[text] = true
			asked = append(asked, c)
			work += c.work()
		}
	}
	if work*len(a.objects) > maxTests {
		return nil, &protocolError{status: http.StatusRequestEntityTooLarge}
	}
	body := a.appendBody(nil, nil, func(n *advertised) bool {
		return slices.ContainsFunc(asked, n.capability.includes)
	})
	return &answer{media: o.media, head: o.head, body: body}, nil
}

// readCapability reads a CDNICapability of a request (RFC 9241 Section 5.3).
func readCapability(field string, v jsontext.Value) (*capability, *protocolError) {
	whole := textOf(v)
	if v.Kind() != '{' {
		return nil, invalidValue(field, whole)
	}
	p := parameters{path: field + "/", members: members(v)}
	for _, name := range []string{"capability-type", "capability-value"} {
		if !p.has(name) {
			return nil, missingField(p.path + name)
		}
		if p.members[name].Kind() == 'n' {
			return nil, invalidValue(field, whole)
		}
	}
	kind, e := p.text("capability-type")
	if e != nil {
		return nil, e
	}
	c, err := newCapability(kind, p.members["capability-value"])
	if err != nil {
		return nil, invalidValue(field, whole)
	}
	return c, nil
}
