package alto

import "slices"

// CalendarOffer is a cost type of a service that clients may ask the calendar of.
type CalendarOffer struct {
	CostType string // name in the IRD
	Calendar *CostCalendar
}

// checkCalendars checks the calendars of resource r against its cost types (RFC 8896
// Section 4.1).
func (m *costMenu) checkCalendars(r *Resource) error {
	for i, o := range m.Calendars {
		at := slices.IndexFunc(m.offers, func(c CostOffer) bool { return c.CostType == o.CostType })
		switch {
		case at < 0:
			return configError(r.ID, FieldCalendars, o.CostType, "cost type %q has a calendar and is not offered", o.CostType)
		case slices.ContainsFunc(m.Calendars[:i], func(other CalendarOffer) bool { return other.CostType == o.CostType }):
			return configError(r.ID, FieldCalendars, o.CostType, "cost type %q has two calendars", o.CostType)
		case o.Calendar == nil:
			return configError(r.ID, FieldCalendars, o.CostType, "the calendar of cost type %q has no costs", o.CostType)
		case len(o.Calendar.Values) > MaxIntervals:
			return configError(r.ID, FieldCalendars, o.CostType, "the calendar of cost type %q has more than %d intervals", o.CostType, MaxIntervals)
		}
		for _, each := range o.Calendar.matrices() {
			if err := checkCosts(r, m.types[at], each); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkCalendarPIDs verifies that the network map defines all PIDs of the calendars.
func (c CostCapabilities) checkCalendarPIDs(r *Resource, networkMap string, in *NetworkMap) error {
	for _, o := range c.Calendars {
		for _, m := range o.Calendar.matrices() {
			if err := checkPIDs(r, m, networkMap, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// heldCalendars is the data behind the calendars.
func (c CostCapabilities) heldCalendars() (list []data) {
	for _, o := range c.Calendars {
		for _, m := range o.Calendar.matrices() {
			list = append(list, m)
		}
	}
	return list
}

// appendCalendarAttributes appends the capability of RFC 8896 Section 4.1: one object for
// all cost types with intervals alike.
func (c CostCapabilities) appendCalendarAttributes(b []byte) []byte {
	if len(c.Calendars) == 0 {
		return b
	}
	alike := func(x, y *CostCalendar) bool { return x.Interval == y.Interval && len(x.Values) == len(y.Values) }
	return appendGroups(append(b, `,"calendar-attributes":`...), c.Calendars, alike, func(b []byte, names []string, of *CostCalendar) []byte {
		b = append(appendStrings(append(b, `"cost-type-names":`...), names), ',')
		return appendIntervals(b, of.Interval, len(of.Values))
	})
}

// appendGroups appends an array with an object for each group of calendars that are alike,
// whose members f appends.
func appendGroups(b []byte, list []CalendarOffer, alike func(x, y *CostCalendar) bool, f func([]byte, []string, *CostCalendar) []byte) []byte {
	b = append(b, '[')
	for i, o := range list {
		same := func(p CalendarOffer) bool { return alike(o.Calendar, p.Calendar) }
		if slices.ContainsFunc(list[:i], same) {
			continue
		}
		var names []string
		for _, p := range list[i:] {
			if same(p) && !slices.Contains(names, p.CostType) {
				names = append(names, p.CostType)
			}
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(f(append(b, '{'), names, o.Calendar), '}')
	}
	return append(b, ']')
}

// chooseCalendars reads "calendared" (RFC 8896 Sections 5.1.1 and 5.2.1), which means
// nothing to a service without calendars; a cost type without one is answered as if it
// had not been asked for.
func (m *costMenu) chooseCalendars(p parameters, c *costChoice) *protocolError {
	if len(m.Calendars) == 0 {
		return nil
	}
	values, ok, e := p.array("calendared")
	if e != nil || !ok {
		return e
	}
	if len(values) != len(c.offers) {
		return invalidValue("calendared", textOf(p.members["calendared"]))
	}
	calendars := make([]*CostCalendar, len(values))
	for i, v := range values {
		if v.Kind() != 't' && v.Kind() != 'f' {
			return invalidValue("calendared", textOf(v))
		}
		at := slices.IndexFunc(m.Calendars, func(o CalendarOffer) bool { return o.CostType == c.offers[i].CostType })
		if v.Kind() == 't' && at >= 0 {
			calendars[i], c.calendars = m.Calendars[at].Calendar, calendars
		}
	}
	return nil
}

// calendared tells whether the answer has a calendar. Constraints are not looked at then
// (RFC 8896 Section 5.2.1).
func (c costChoice) calendared() bool { return c.calendars != nil }
