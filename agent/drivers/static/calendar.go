package static

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

type (
	calendarKey = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostCalendar_Key
	pattern     = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostCalendar_Pattern
	rowKey      = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostCalendar_Pattern_Cost_Key
)

func calendarMode(k calendarKey) string {
	if k.Mode == gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostCalendar_Mode_ordinal {
		return alto.ModeOrdinal
	}
	return alto.ModeNumerical
}

// readCalendars reads the costs over time (RFC 8896).
func readCalendars(d *driver.Data, p *params) error {
	compare := func(a, b calendarKey) int {
		if c := strings.Compare(a.Metric, b.Metric); c != 0 {
			return c
		}
		return strings.Compare(calendarMode(a), calendarMode(b))
	}
	for _, k := range sorted(p.CostCalendar, compare) {
		at := driver.Entry(top+"/cost-calendar", "metric", k.Metric, "mode", calendarMode(k))
		c := p.CostCalendar[k]
		var patterns []alto.CostPattern
		for _, start := range sorted(c.Pattern, strings.Compare) {
			p, err := readPattern(driver.Entry(at+"/pattern", "start", start), start, calendarMode(k), c.Pattern[start])
			if err != nil {
				return err
			}
			patterns = append(patterns, p)
		}
		schedule, err := alto.NewCostSchedule(driver.Seconds(c.GetTimeIntervalSize()), patterns...)
		if err != nil {
			return driver.Errorf(at, "%w", err)
		}
		d.Calendars = append(d.Calendars, driver.CostCalendar{Mode: calendarMode(k), Metric: k.Metric, Costs: schedule})
	}
	return nil
}

func readPattern(at, start, mode string, p *pattern) (alto.CostPattern, error) {
	out := alto.CostPattern{Iterations: int(p.GetIterations())}
	var err error
	if out.Start, err = time.Parse(time.RFC3339Nano, start); err != nil {
		return out, driver.Errorf(at+"/start", "%q is not a date and time", start)
	}
	compare := func(a, b rowKey) int {
		if c := strings.Compare(a.Source, b.Source); c != 0 {
			return c
		}
		return strings.Compare(a.Destination, b.Destination)
	}
	var rows []driver.CostRow
	for _, k := range sorted(p.Cost, compare) {
		leaf := at + "/" + driver.Entry("cost", "source", k.Source, "destination", k.Destination) + "/values"
		row := driver.CostRow{Source: k.Source, Destination: k.Destination}
		for _, text := range strings.Split(p.Cost[k].GetValues(), " ") {
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case text == "-":
				v = alto.NoCost()
			case err != nil:
				return out, driver.Errorf(leaf, "%q is not a number", text)
			case mode == alto.ModeOrdinal && (v < 0 || v != math.Trunc(v)):
				return out, driver.Errorf(leaf, "%s is not a rank, expected a whole number that is not negative", text)
			}
			row.Values = append(row.Values, v)
		}
		rows = append(rows, row)
	}
	out.Values, err = driver.CostRows(rows)
	var row *driver.RowError
	if errors.As(err, &row) {
		at += "/" + driver.Entry("cost", "source", row.Source, "destination", row.Destination) + "/values"
	}
	if err != nil {
		return out, driver.Errorf(at, "%w", err)
	}
	return out, nil
}
