package alto

import "slices"

// PathVectorCostMap serves paths between the PIDs of a network map and, beside them, the
// costs of the embedded service, whose Offers may be empty (RFC 9275 Section 7.2).
type PathVectorCostMap struct {
	FilteredCostMap
	PathVectors
}

// PathVectorEndpointCosts serves paths between endpoints, each with those of the PID that
// Map puts it in, and, beside them, the costs of the embedded service, whose Offers may
// be empty (RFC 9275 Section 7.3).
type PathVectorEndpointCosts struct {
	EndpointCosts
	PathVectors
}

// Part Resource IDs of root parts (RFC 9275 Section 6.6).
const (
	partCostMap      = "costmap"
	partEndpointCost = "ecs"
)

// maxName is the length of a resource ID, with a Part Resource ID too.
const maxName = 64

func (PathVectorCostMap) kind() string       { return "pathvector" }
func (PathVectorEndpointCosts) kind() string { return "pathvector" }

func (s PathVectorCostMap) refers() []string {
	return append(s.FilteredCostMap.refers(), s.Persistent()...)
}

func (s PathVectorEndpointCosts) refers() []string { return s.Persistent() }

func (s PathVectorCostMap) bind(l *linker, r *Resource) (*offer, error) {
	m, err := l.networkMap(r, FieldNetworkMap, s.NetworkMap)
	if err != nil {
		return nil, err
	}
	v, menu, uses, err := s.PathVectors.service(l, r, partCostMap, s.Offers, s.CostCapabilities)
	if err != nil {
		return nil, err
	}
	if err := checkPathPIDs(r, &s.PathVectors, s.Offers, s.NetworkMap, m); err != nil {
		return nil, err
	}
	tag := VTag{s.NetworkMap, m.tag}
	v.media, v.network = MediaCostMap, []VTag{tag}
	o := v.offer(MediaCostMapFilter, menu, slices.Concat([]string{s.NetworkMap}, uses))
	o.head = costMapHead(costChoice{types: menu.types, multi: true}, tag)
	o.answer = func(q *query) (*answer, *protocolError) {
		c, e := menu.choose(q.params)
		if e != nil {
			return nil, e
		}
		srcs, dsts, e := readPIDs(q.params)
		if e != nil {
			return nil, e
		}
		from, to := pidLocations(m, srcs), pidLocations(m, dsts)
		if e := q.tooManyPairs(c, len(from)*len(to)); e != nil {
			return nil, e
		}
		return v.answer(q, c, "cost-map", from, to)
	}
	return v.seal(o), nil
}

func (s PathVectorEndpointCosts) bind(l *linker, r *Resource) (*offer, error) {
	if s.Map == nil {
		return nil, configError(r.ID, FieldMap, "", "endpoint costs have no network map to place endpoints with")
	}
	v, menu, uses, err := s.PathVectors.service(l, r, partEndpointCost, s.Offers, s.CostCapabilities)
	if err != nil {
		return nil, err
	}
	if err := checkPathPIDs(r, &s.PathVectors, s.Offers, "of this resource", s.Map); err != nil {
		return nil, err
	}
	v.media = MediaEndpointCost
	o := v.offer(MediaEndpointCostParams, menu, uses)
	o.held = append(o.held, s.Map)
	o.head = costChoice{types: menu.types, multi: true}.appendMeta(nil)
	o.answer = func(q *query) (*answer, *protocolError) {
		c, e := menu.choose(q.params)
		if e != nil {
			return nil, e
		}
		srcs, dsts, e := readEndpoints(q)
		if e != nil {
			return nil, e
		}
		from, to := endpointLocations(s.Map, srcs, q.client), endpointLocations(s.Map, dsts, q.client)
		if e := q.tooManyPairs(c, len(from)*len(to)); e != nil {
			return nil, e
		}
		c.sameFamily = true
		return v.answer(q, c, "endpoint-cost-map", from, to)
	}
	return v.seal(o), nil
}

// service binds the paths of resource r, with what it offers beside them. uses are the
// property maps that persistent ANEs are in.
func (v PathVectors) service(l *linker, r *Resource, part string, offers []CostOffer, c CostCapabilities) (s *pathService, m *costMenu, uses []string, err error) {
	if len(r.ID)+1+len(part) > maxName {
		return nil, nil, nil, configError(r.ID, FieldID, r.ID, "%q with the Part Resource ID %q has more than %d characters (RFC 9275 Section 6.6)", r.ID, part, maxName)
	}
	if len(c.Calendars) > 0 {
		return nil, nil, nil, configError(r.ID, FieldCalendars, c.Calendars[0].CostType, "a service with paths has no calendars")
	}
	t, uses, err := v.bind(l, r)
	if err != nil {
		return nil, nil, nil, err
	}
	m = new(costMenu)
	if slices.Contains(c.Testable, v.CostType) || c.Constraints {
		return nil, nil, nil, configError(r.ID, FieldConstraints, v.CostType, "paths cannot be tested by constraints (RFC 9275 Section 7.2.4)")
	}
	if len(offers) > 0 {
		if m, err = newMenu(l, r, offers, c); err != nil {
			return nil, nil, nil, err
		}
	} else if len(c.Testable) > 0 {
		return nil, nil, nil, configError(r.ID, FieldTestable, c.Testable[0], "testable cost type %q is not offered", c.Testable[0])
	}
	m.CostCapabilities = c
	m.offers = slices.Concat([]CostOffer{{CostType: v.CostType}}, m.offers)
	m.types = slices.Concat([]CostType{t}, m.types)
	m.paths = v.Paths
	return &pathService{
		PathVectors: v, resource: r.ID, part: part, domain: l.snapshot.base.contentDomain(), defining: l.vtagsOf(uses),
	}, m, uses, nil
}

func (v *pathService) offer(accepts string, m *costMenu, uses []string) *offer {
	o := &offer{media: relatedTo(v.media), content: &content{accepts: accepts, uses: uses, held: v.held()}}
	o.capabilities = v.appendCapabilities(m.appendCapabilities(nil))
	for _, offered := range m.offers {
		if offered.Costs != nil {
			o.held = append(o.held, offered.Costs)
		}
	}
	return o
}

// seal takes what an answer has beside the data into the version.
func (v *pathService) seal(o *offer) *offer {
	o.head = appendDependentVTags(append(o.head, v.domain...), v.defining)
	if v.GivenNames {
		o.head = append(o.head, "given"...)
	}
	return o.seal()
}

// checkPathPIDs verifies that the network map defines all PIDs of paths and costs.
func checkPathPIDs(r *Resource, v *PathVectors, offers []CostOffer, networkMap string, in *NetworkMap) error {
	for _, pid := range v.Paths.pids {
		if !in.Has(pid) {
			return configError(r.ID, FieldCosts, pid, "paths name PID %q, which network map %q does not define", pid, networkMap)
		}
	}
	for _, o := range offers {
		if err := checkPIDs(r, o.Costs, networkMap, in); err != nil {
			return err
		}
	}
	return nil
}
