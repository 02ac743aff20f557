package document

import (
	"fmt"
	"net/http"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// calendarAttributes is a CalendarResponseAttributes object (RFC 8896 Section 5.1.2).
type calendarAttributes struct {
	Start     string  `json:"calendar-start-time"`
	Interval  float64 `json:"time-interval-size"`
	Intervals int     `json:"number-of-intervals"`
	Repeated  *int    `json:"repeated"`
}

// costCalendar reads the answer to a request for a calendar of one cost type (RFC 8896
// Section 5.1.2): a pattern of the costs over time, of which other documents may hold
// more.
func (p *Part) costCalendar(r *response) error {
	t := r.Meta.CostType
	if n := len(r.Meta.Calendars); n != 1 {
		return fmt.Errorf("meta/calendar-response-attributes has %d calendars, expected one", n)
	}
	attributes := r.Meta.Calendars[0]
	start, err := http.ParseTime(attributes.Start)
	if err != nil {
		return fmt.Errorf("calendar-start-time is %q, expected a date as HTTP has it", attributes.Start)
	}
	pattern := alto.CostPattern{Start: start, Iterations: 1}
	if attributes.Repeated != nil {
		pattern.Iterations = *attributes.Repeated
	}
	var in map[string]map[string][]*float64
	if err := decode("cost-map", r.CostMap, &in); err != nil {
		return err
	}
	var rows []driver.CostRow
	for _, source := range sortedKeys(in) {
		for _, destination := range sortedKeys(in[source]) {
			row := driver.CostRow{Source: source, Destination: destination}
			for _, v := range in[source][destination] {
				value := alto.NoCost()
				if v != nil {
					value = *v
				}
				if err := checkRank(t.Mode, source, destination, value); err != nil {
					return err
				}
				row.Values = append(row.Values, value)
			}
			if len(row.Values) != attributes.Intervals {
				return fmt.Errorf("there are %d costs from PID %q to PID %q, number-of-intervals is %d", len(row.Values), source, destination, attributes.Intervals)
			}
			rows = append(rows, row)
		}
	}
	if pattern.Values, err = driver.CostRows(rows); err != nil {
		return fmt.Errorf("in cost-map: %w", err)
	}
	schedule, err := alto.NewCostSchedule(driver.Seconds(attributes.Interval), pattern)
	if err != nil {
		return fmt.Errorf("in meta/calendar-response-attributes: %w", err)
	}
	p.data.Calendars = append(p.data.Calendars, driver.CostCalendar{Mode: t.Mode, Metric: t.Metric, Costs: schedule})
	return nil
}

// addCalendar adds the patterns of a calendar to those of earlier documents.
func (c *Collector) addCalendar(of driver.CostCalendar) error {
	for i, have := range c.data.Calendars {
		if have.Mode != of.Mode || have.Metric != of.Metric {
			continue
		}
		joined, err := have.Costs.Join(of.Costs)
		if err != nil {
			return fmt.Errorf("with the calendar of mode %q and metric %q in an earlier document: %w", of.Mode, of.Metric, err)
		}
		c.data.Calendars[i].Costs = joined
		return nil
	}
	c.data.Calendars = append(c.data.Calendars, of)
	return nil
}
