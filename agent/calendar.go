package agent

import (
	"maps"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// calendarSet is one set of calendar attributes of a resource.
type calendarSet struct {
	leaf      string // below the parameters
	costTypes []string
	interval  time.Duration
	intervals uint32
}

const furtherCalendar = "altoam-calendar:further-calendar"

// calendarAttributes are those of cost maps and endpoint costs.
type calendarAttributes interface {
	GetCostTypeName() []string
	GetTimeIntervalSize() float64
	GetNumberOfIntervals() uint32
}

// calendarSets lists calendar-attributes, which may be nil, and then further-calendar by
// name.
func calendarSets[A, F calendarAttributes](first A, further map[string]F) (list []calendarSet) {
	set := func(leaf string, c calendarAttributes) calendarSet {
		return calendarSet{leaf, c.GetCostTypeName(), driver.Seconds(c.GetTimeIntervalSize()), c.GetNumberOfIntervals()}
	}
	if len(first.GetCostTypeName()) > 0 {
		list = append(list, set("calendar-attributes", first))
	}
	for _, name := range slices.Sorted(maps.Keys(further)) {
		list = append(list, set(driver.Entry(furtherCalendar, "name", name), further[name]))
	}
	return list
}

// calendars returns the calendars of a resource as they are now.
func (r configured) calendars(sets []calendarSet) (list []alto.CalendarOffer, err error) {
	seen := make(map[string]bool)
	for _, set := range sets {
		at := r.kind.params + "/" + set.leaf
		if set.intervals > alto.MaxIntervals {
			return nil, driver.Errorf(at+"/number-of-intervals", "%d intervals are too many, expected %d at most", set.intervals, alto.MaxIntervals)
		}
		for _, name := range set.costTypes {
			leaf := at + "/" + driver.Entry("cost-type-name", ".", name)
			schedule := r.output.Schedules[name]
			switch {
			case seen[name]:
				return nil, driver.Errorf(leaf, "cost type %q has another calendar of this resource, expected one (RFC 8896 Section 4.1)", name)
			case r.output.Costs[name] == nil || !slices.Contains(driver.OfferedCostTypes(r.config), name):
				return nil, driver.Errorf(leaf, "cost type %q is not offered, expected one of the resource", name)
			case schedule == nil:
				return nil, driver.Errorf(leaf, "there is no calendar of cost type %q in what the resource is made from", name)
			case schedule.Interval() != set.interval:
				return nil, driver.Errorf(at+"/time-interval-size", "the costs of cost type %q have intervals of %v, expected that and not %v", name, schedule.Interval(), set.interval)
			}
			seen[name] = true
			list = append(list, alto.CalendarOffer{CostType: name, Calendar: schedule.Calendar(r.now, int(set.intervals))})
		}
	}
	return list, nil
}

// sameSchedules tells whether the costs over time are the same.
func sameSchedules(a, b *driver.Output) bool {
	return maps.EqualFunc(a.Schedules, b.Schedules, func(x, y *alto.CostSchedule) bool { return x == y || x.Tag() == y.Tag() })
}
