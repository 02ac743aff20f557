package alto

import (
	"cmp"
	"slices"
)

// CostOffer is a cost type that a service offers, by its name in the IRD, with
// the costs.
type CostOffer struct {
	CostType string
	Costs    *CostMatrix
}

// CostCapabilities are those of filtered cost maps and endpoint costs beyond the
// cost types (RFC 7285 Section 11.3.2.4, RFC 8189 Section 4.1.1).
type CostCapabilities struct {
	// Constraints allows constraint tests on every offered cost type.
	Constraints bool
	// MaxCostTypes is how many cost types one request may ask for; 0: no
	// multi-cost requests.
	MaxCostTypes int
	// Testable are the only cost types that constraint tests may name; empty
	// unless some but not all are testable, then Constraints must be false.
	Testable []string
	// Calendars are the calendars of some of the cost types, in the order of the IRD (RFC
	// 8896 Section 4.1).
	Calendars []CalendarOffer
}

// costMenu is what a cost service lets its clients choose from.
type costMenu struct {
	offers []CostOffer
	types  []CostType  // by offer
	paths  *PathMatrix // of the offer without costs; nil: there is none
	CostCapabilities
}

// costChoice is what a client chose.
type costChoice struct {
	offers []CostOffer
	types  []CostType
	multi  bool
	where  constraints

	paths      *PathMatrix // of the offer without costs
	names      *aneNames   // that the ANEs of paths get
	sameFamily bool        // pairs of an IPv4 and an IPv6 endpoint are left out

	calendars []*CostCalendar // by offer, nil where the current cost is asked for; nil: no calendar is
}

// newMenu checks offers and capabilities of resource r.
func newMenu(l *linker, r *Resource, offers []CostOffer, c CostCapabilities) (*costMenu, error) {
	if len(offers) == 0 {
		return nil, configError(r.ID, FieldCostType, "", "resource offers no cost type")
	}
	m := &costMenu{offers: offers, CostCapabilities: c}
	for _, o := range offers {
		t, err := l.costType(r, o.CostType, o.Costs)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(m.types, func(u CostType) bool { return t.matches(u.Mode, u.Metric) }) {
			return nil, configError(r.ID, FieldCostType, o.CostType, "cost type %q has mode and metric of another one offered here", o.CostType)
		}
		m.types = append(m.types, t)
	}
	if c.MaxCostTypes < 0 {
		return nil, configError(r.ID, FieldTestable, "", "maximum number of cost types is negative")
	}
	if len(c.Testable) > 0 && c.Constraints {
		return nil, configError(r.ID, FieldConstraints, "", "testable cost types exclude cost constraints on all (RFC 8189 Section 4.1.1)")
	}
	for _, name := range c.Testable {
		if !slices.ContainsFunc(offers, func(o CostOffer) bool { return o.CostType == name }) {
			return nil, configError(r.ID, FieldTestable, name, "testable cost type %q is not offered", name)
		}
	}
	return m, m.checkCalendars(r)
}

// appendCapabilities appends FilteredCostMapCapabilities.
func (m *costMenu) appendCapabilities(b []byte) []byte {
	b = append(b, `{"cost-type-names":[`...)
	for i, o := range m.offers {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, o.CostType)
	}
	b = append(b, ']')
	if m.Constraints {
		b = append(b, `,"cost-constraints":true`...)
	}
	if m.MaxCostTypes > 0 {
		b = appendNumber(append(b, `,"max-cost-types":`...), float64(m.MaxCostTypes))
	}
	if len(m.Testable) > 0 {
		b = appendStrings(append(b, `,"testable-cost-type-names":`...), m.Testable)
	}
	return append(m.appendCalendarAttributes(b), '}')
}

func (m *costMenu) held() []data {
	list := make([]data, len(m.offers))
	for i, o := range m.offers {
		list[i] = o.Costs
	}
	return append(list, m.heldCalendars()...)
}

// choose reads cost types, calendars and constraints of a request (RFC 7285 Sections
// 11.3.2.3 and 11.5.1.3, RFC 8189 Section 4.1.2). A "cost-type" without mode and metric
// beside "multi-cost-types", as in RFC 8896 Section 5.2.4, counts as none.
func (m *costMenu) choose(p parameters) (costChoice, *protocolError) {
	c := costChoice{paths: m.paths}
	if m.MaxCostTypes == 0 {
		for _, name := range []string{"multi-cost-types", "testable-cost-types", "or-constraints"} {
			if p.has(name) {
				return c, invalidValue(name, textOf(p.members[name]))
			}
		}
	}
	if p.has("multi-cost-types") {
		if object, _, e := p.object("cost-type"); e != nil || object.has("cost-mode") || object.has("cost-metric") {
			return c, cmp.Or(e, invalidValue("cost-type", textOf(p.members["cost-type"])))
		}
		types, _, e := m.typeList(p, "multi-cost-types")
		if e != nil {
			return c, e
		}
		if len(types) > m.MaxCostTypes {
			return c, invalidValue("multi-cost-types", textOf(p.members["multi-cost-types"]))
		}
		c.multi = true
		m.take(&c, types)
	} else {
		object, ok, e := p.object("cost-type")
		if e == nil && !ok {
			e = missingField("cost-type")
		}
		if e != nil {
			return c, e
		}
		i, e := m.find(object)
		if e != nil {
			return c, e
		}
		m.take(&c, []int{i})
	}
	e := m.chooseCalendars(p, &c)
	if e == nil && !c.calendared() {
		c.where, e = m.constraints(p, c.offers)
	}
	return c, e
}

func (m *costMenu) take(c *costChoice, indices []int) {
	for _, i := range indices {
		c.offers = append(c.offers, m.offers[i])
		c.types = append(c.types, m.types[i])
	}
}

// find returns the index of the offer that a CostType object names; its
// description is ignored.
func (m *costMenu) find(p parameters) (int, *protocolError) {
	mode, e := p.text("cost-mode")
	if e != nil {
		return 0, e
	}
	metric, e := p.text("cost-metric")
	if e != nil {
		return 0, e
	}
	known := false
	for i, t := range m.types {
		if t.matches(mode, metric) {
			return i, nil
		}
		known = known || t.Metric == metric
	}
	if known {
		return 0, invalidValue(p.path+"cost-mode", mode)
	}
	return 0, invalidValue(p.path+"cost-metric", metric)
}

func (m *costMenu) typeList(p parameters, name string) (indices []int, ok bool, e *protocolError) {
	values, ok, e := p.array(name)
	if e != nil || !ok {
		return nil, ok, e
	}
	if len(values) == 0 {
		return nil, true, invalidValue(name, "[]")
	}
	for _, v := range values {
		if v.Kind() != '{' {
			return nil, true, invalidValue(name, textOf(v))
		}
		i, e := m.find(parameters{path: name + "/", members: members(v)})
		if e != nil {
			return nil, true, e
		}
		indices = append(indices, i)
	}
	return indices, true, nil
}

// constraints reads "constraints" or "or-constraints"; asked are the cost types
// that indices count in unless "testable-cost-types" is present.
func (m *costMenu) constraints(p parameters, asked []CostOffer) (constraints, *protocolError) {
	t := testScope{offers: asked, indexed: m.MaxCostTypes > 0, testable: m.Testable}
	types, ok, e := m.typeList(p, "testable-cost-types")
	if e != nil {
		return nil, e
	}
	if ok {
		var c costChoice
		m.take(&c, types)
		t.offers = c.offers
		if slices.ContainsFunc(t.offers, func(o CostOffer) bool { return !m.testable(o.CostType) }) {
			return nil, invalidValue("testable-cost-types", textOf(p.members["testable-cost-types"]))
		}
	}
	ands, hasAnds, e := p.array("constraints")
	if e != nil {
		return nil, e
	}
	ors, hasOrs, e := p.array("or-constraints")
	switch {
	case e != nil:
		return nil, e
	case hasAnds && hasOrs, hasOrs && (!m.testsAllowed() || len(ors) == 0):
		return nil, invalidValue("or-constraints", textOf(p.members["or-constraints"]))
	case hasAnds && !m.testsAllowed():
		return nil, invalidValue("constraints", textOf(p.members["constraints"]))
	case len(ands) > 0:
		t.field = "constraints"
		all, e := t.all(ands)
		return constraints{all}, e
	}
	t.field = "or-constraints"
	var c constraints
	for _, or := range ors {
		if or.Kind() != '[' || len(elements(or)) == 0 {
			return nil, invalidValue(t.field, textOf(or))
		}
		all, e := t.all(elements(or))
		if e != nil {
			return nil, e
		}
		c = append(c, all)
	}
	return c, nil
}

// testable tells whether constraints may be about a cost type (RFC 8189 Section 4.1.2).
func (m *costMenu) testable(name string) bool {
	return m.Constraints || slices.Contains(m.Testable, name)
}

// testsAllowed: a resource without multi-cost support takes constraints only
// where all its cost types are testable (RFC 8189 Section 4.1.2).
func (m *costMenu) testsAllowed() bool {
	return m.Constraints || m.MaxCostTypes > 0 && len(m.Testable) > 0
}
