package alto

// FullCostMap serves the costs of one cost type between the PIDs of a network map
// (RFC 7285 Section 11.2.3).
type FullCostMap struct {
	NetworkMap string // resource ID
	CostType   string // name in the IRD
	Costs      *CostMatrix
}

func (FullCostMap) kind() string       { return "costmap" }
func (s FullCostMap) refers() []string { return []string{s.NetworkMap} }

func (s FullCostMap) bind(l *linker, r *Resource) (*offer, error) {
	m, err := l.networkMap(r, FieldNetworkMap, s.NetworkMap)
	if err != nil {
		return nil, err
	}
	t, err := l.costType(r, s.CostType, s.Costs)
	if err != nil {
		return nil, err
	}
	if err := checkPIDs(r, s.Costs, s.NetworkMap, m); err != nil {
		return nil, err
	}
	c := costChoice{types: []CostType{t}}
	o := &offer{
		media: MediaCostMap,
		content: &content{
			uses: []string{s.NetworkMap}, full: s.Costs, head: costMapHead(c, VTag{s.NetworkMap, m.tag}), held: []data{s.Costs},
		},
	}
	o.capabilities = append(appendString([]byte(`{"cost-type-names":[`), s.CostType), "]}"...)
	return o.seal(), nil
}

func costMapHead(c costChoice, v VTag) []byte {
	b := append(appendDependentVTags([]byte(`{"meta":{`), []VTag{v}), ',')
	return append(c.appendMeta(b), "},"...)
}

// FilteredCostMap serves parts of the costs of one or more cost types between the
// PIDs of a network map (RFC 7285 Section 11.3.2, RFC 8189 Section 4.1).
type FilteredCostMap struct {
	NetworkMap string // resource ID
	Offers     []CostOffer
	CostCapabilities
}

func (FilteredCostMap) kind() string       { return "costmapfilter" }
func (s FilteredCostMap) refers() []string { return []string{s.NetworkMap} }

func (s FilteredCostMap) bind(l *linker, r *Resource) (*offer, error) {
	m, err := l.networkMap(r, FieldNetworkMap, s.NetworkMap)
	if err != nil {
		return nil, err
	}
	menu, err := newMenu(l, r, s.Offers, s.CostCapabilities)
	if err != nil {
		return nil, err
	}
	for _, o := range s.Offers {
		if err := checkPIDs(r, o.Costs, s.NetworkMap, m); err != nil {
			return nil, err
		}
	}
	if err := s.checkCalendarPIDs(r, s.NetworkMap, m); err != nil {
		return nil, err
	}
	v := VTag{s.NetworkMap, m.tag}
	o := &offer{
		media: MediaCostMap,
		content: &content{
			accepts: MediaCostMapFilter, capabilities: menu.appendCapabilities(nil), uses: []string{s.NetworkMap}, held: menu.held(),
		},
	}
	o.head = menu.appendVersion(costMapHead(costChoice{types: menu.types, multi: true}, v))
	o.answer = func(q *query) (*answer, *protocolError) { return filterCostMap(q, menu, m, v) }
	return o.seal(), nil
}

// filterCostMap answers by RFC 7285 Section 11.3.2.6: unknown PIDs count as not
// mentioned, an empty list as all.
func filterCostMap(q *query, menu *costMenu, m *NetworkMap, v VTag) (*answer, *protocolError) {
	c, e := menu.choose(q.params)
	if e != nil {
		return nil, e
	}
	srcs, dsts, e := readPIDs(q.params)
	if e != nil {
		return nil, e
	}
	a := &answer{media: MediaCostMap, head: costMapHead(c, v)}
	if len(srcs)+len(dsts) == 0 && !c.multi && !c.calendared() && c.where == nil {
		a.body, a.kept = c.offers[0].Costs.encoded(), true
		return a, nil
	}
	from, to := pidLocations(m, srcs), pidLocations(m, dsts)
	if e := q.tooManyPairs(c, len(from)*len(to)); e != nil {
		return nil, e
	}
	a.body = c.appendCosts([]byte(`"cost-map":`), from, to)
	a.body = append(a.body, '}')
	return a, nil
}

// readPIDs reads "pids" (RFC 7285 Section 11.3.2.3); no names stand for all PIDs.
func readPIDs(p parameters) (srcs, dsts []string, e *protocolError) {
	filter, ok, e := p.object("pids")
	if e != nil || !ok {
		return nil, nil, e
	}
	if srcs, e = filter.requiredStrings("srcs"); e != nil {
		return nil, nil, e
	}
	dsts, e = filter.requiredStrings("dsts")
	return srcs, dsts, e
}

func pidLocations(m *NetworkMap, names []string) []location {
	if len(names) == 0 {
		names = m.Names()
	}
	list := make([]location, 0, len(names))
	for _, name := range names {
		if m.Has(name) {
			list = append(list, location{key: name, pid: name})
		}
	}
	return list
}
