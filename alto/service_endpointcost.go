package alto

import "net/netip"

// EndpointCosts serves costs between endpoints, each with the costs of the PID
// that Map puts it in (RFC 7285 Section 11.5.1). Map need not be served itself.
type EndpointCosts struct {
	Map    *NetworkMap
	Offers []CostOffer
	CostCapabilities
}

func (EndpointCosts) kind() string     { return "endpointcost" }
func (EndpointCosts) refers() []string { return nil }

func (s EndpointCosts) bind(l *linker, r *Resource) (*offer, error) {
	if s.Map == nil {
		return nil, configError(r.ID, FieldMap, "", "endpoint costs have no network map to place endpoints with")
	}
	menu, err := newMenu(l, r, s.Offers, s.CostCapabilities)
	if err != nil {
		return nil, err
	}
	for _, o := range s.Offers {
		if err := checkPIDs(r, o.Costs, "of this resource", s.Map); err != nil {
			return nil, err
		}
	}
	if err := s.checkCalendarPIDs(r, "of this resource", s.Map); err != nil {
		return nil, err
	}
	o := &offer{
		media: MediaEndpointCost,
		content: &content{
			accepts: MediaEndpointCostParams, capabilities: menu.appendCapabilities(nil), held: append(menu.held(), s.Map),
		},
	}
	o.head = menu.appendVersion(costChoice{types: menu.types, multi: true}.appendMeta(nil))
	o.answer = func(q *query) (*answer, *protocolError) { return endpointCosts(menu, s.Map, q) }
	return o.seal(), nil
}

// endpointCosts answers by RFC 7285 Section 11.5.1.6.
func endpointCosts(menu *costMenu, m *NetworkMap, q *query) (*answer, *protocolError) {
	c, e := menu.choose(q.params)
	if e != nil {
		return nil, e
	}
	srcs, dsts, e := readEndpoints(q)
	if e != nil {
		return nil, e
	}
	from, to := endpointLocations(m, srcs, q.client), endpointLocations(m, dsts, q.client)
	if e := q.tooManyPairs(c, len(from)*len(to)); e != nil {
		return nil, e
	}
	a := &answer{media: MediaEndpointCost}
	a.head = append(c.appendMeta([]byte(`{"meta":{`)), "},"...)
	a.body = append(c.appendCosts([]byte(`"endpoint-cost-map":`), from, to), '}')
	return a, nil
}

// readEndpoints reads "endpoints" (RFC 7285 Section 11.5.1.3); none on one side stand for
// the client.
func readEndpoints(q *query) (srcs, dsts []endpoint, e *protocolError) {
	filter, ok, e := q.params.object("endpoints")
	if e == nil && !ok {
		e = missingField("endpoints")
	}
	if e != nil {
		return nil, nil, e
	}
	if srcs, _, e = filter.endpoints("srcs"); e != nil {
		return nil, nil, e
	}
	if dsts, _, e = filter.endpoints("dsts"); e != nil {
		return nil, nil, e
	}
	if len(srcs) == 0 && len(dsts) == 0 {
		return nil, nil, invalidValue("endpoints", textOf(q.params.members["endpoints"]))
	}
	if !q.client.IsValid() && (len(srcs) == 0 || len(dsts) == 0) {
		return nil, nil, missingField("endpoints/srcs")
	}
	return srcs, dsts, nil
}

// endpointLocations places endpoints in PIDs; no endpoint stands for the client.
func endpointLocations(m *NetworkMap, list []endpoint, client netip.Addr) []location {
	if len(list) == 0 {
		list = []endpoint{{typedAddress(client), client}}
	}
	locations := make([]location, len(list))
	for i, e := range list {
		pid, _ := m.Lookup(e.addr)
		locations[i] = location{key: e.text, pid: pid, ipv6: e.addr.Is6()}
	}
	return locations
}
