package alto

import (
	"encoding/json"
	"testing"
	"time"
)

// calendarNow is when the clients of RFC 8896 Section 5 ask.
var calendarNow = time.Date(2019, 7, 1, 13, 15, 0, 0, time.UTC)

var calendarCostTypes = []CostType{
	{Name: "num-routingcost", Mode: ModeNumerical, Metric: "routingcost"},
	{Name: "num-owdelay", Mode: ModeNumerical, Metric: "owdelay"},
	{Name: "num-throughputrating", Mode: ModeNumerical, Metric: "throughputrating"},
}

// calendarSchedule makes a schedule of one pattern, in which rows are the costs from and
// to PIDs in each interval; -1 stands for a missing one.
func calendarSchedule(t testing.TB, start time.Time, interval time.Duration, iterations int, pids []string, rows ...[]float64) *CostSchedule {
	t.Helper()
	p := CostPattern{Start: start, Iterations: iterations}
	for i := range rows[0] {
		var cells []float64
		for _, row := range rows {
			cells = append(cells, row[i])
		}
		p.Values = append(p.Values, costs(t, pids, cells...))
	}
	s, err := NewCostSchedule(interval, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// calendarRows reads the costs of a vector as rows of calendarSchedule; those that it does
// not have are missing. Of a multi-cost vector it reads those of one cost type.
func calendarRows(t testing.TB, response string, at int, from, to []string) (rows [][]float64) {
	t.Helper()
	var body map[string]map[string]map[string][]json.RawMessage
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(response), &raw); err != nil {
		t.Fatal(err)
	}
	delete(raw, "meta")
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	length := 0
	for _, table := range body {
		for _, f := range from {
			for _, d := range to {
				values := table[f][d]
				if at >= 0 && values != nil {
					if err := json.Unmarshal(values[at], &values); err != nil {
						t.Fatal(err)
					}
				}
				var row []float64
				for _, v := range values {
					var c float64
					if err := json.Unmarshal(v, &c); err != nil {
						t.Fatal(err)
					}
					row = append(row, c)
				}
				rows, length = append(rows, row), max(length, len(row))
			}
		}
	}
	for i := range rows {
		for len(rows[i]) < length {
			rows[i] = append(rows[i], -1)
		}
	}
	return rows
}

// calendarOffers is a filtered cost map or an endpoint cost service with these calendars.
func calendarOffers(t testing.TB, s CostCapabilities, in *NetworkMap) Service {
	t.Helper()
	var offers []CostOffer
	for _, c := range s.Calendars {
		offers = append(offers, CostOffer{c.CostType, c.Calendar.Values[0]})
	}
	if in == nil {
		return FilteredCostMap{NetworkMap: defaultMap, Offers: offers, CostCapabilities: s}
	}
	return EndpointCosts{Map: in, Offers: offers, CostCapabilities: s}
}

// rfc8896Configs are those of the examples of RFC 8896 Sections 4.3 and 5. The costs come
// out of schedules, at the time the clients ask.
func rfc8896Configs(t testing.TB) map[string]Config {
	sunday, hour := time.Date(2019, 6, 30, 0, 0, 0, 0, time.UTC), time.Date(2019, 7, 1, 13, 0, 0, 0, time.UTC)
	endpoints := []string{"ipv4:192.0.2.2", "ipv4:192.0.2.89", "ipv4:198.51.100.34", "ipv4:203.0.113.45", "ipv6:2001:db8::10"}
	pids := []string{"here", "a", "b", "c", "d"}
	places := networkMap(t, "", "here 192.0.2.2/32", "a 192.0.2.0/24", "b 198.51.100.0/24", "c 203.0.113.0/24", "d 2001:db8::/32", "rest 0.0.0.0/0 ::/0")

	rows := func(vector string, at int, names []string) [][]float64 {
		return calendarRows(t, readVector(t, "rfc8896/"+vector).response, at, names, names)
	}
	throughput := calendarSchedule(t, hour, 2*time.Hour, 1, threePIDs, rows("5.1.3", -1, threePIDs)...)
	routing := calendarSchedule(t, sunday, time.Hour, 4, pids, rows("5.2.3", -1, endpoints)...)
	delay := calendarSchedule(t, hour, 5*time.Minute, 1, pids, rows("5.2.4", 1, endpoints)...)
	minutes := calendarSchedule(t, hour, time.Minute, 1, pids[:1], make([]float64, 60))

	calendar := func(name string, s *CostSchedule, intervals int) CalendarOffer {
		return CalendarOffer{"num-" + name, s.Calendar(calendarNow, intervals)}
	}
	configs := make(map[string]Config)
	for name, c := range map[string]struct{ costMap, endpointCosts []CalendarOffer }{
		"4.3": {
			[]CalendarOffer{calendar("routingcost", throughput, 12), calendar("throughputrating", throughput, 12)},
			[]CalendarOffer{calendar("routingcost", routing, 24), calendar("owdelay", delay, 12), calendar("throughputrating", minutes, 60)},
		},
		"5.1.3": {[]CalendarOffer{calendar("throughputrating", throughput, 12)}, nil},
		"5.2.3": {nil, []CalendarOffer{calendar("routingcost", routing, 24)}},
		"5.2.4": {nil, []CalendarOffer{calendar("routingcost", routing, 24), calendar("owdelay", delay, 12)}},
	} {
		most := 2
		if name == "4.3" {
			most = 0
		}
		resources := []*Resource{{ID: defaultMap, Path: "networkmap", Service: FullNetworkMap{Map: rfcNetworkMap(t, "3ee2cb7e8d63d9fab71b9b34cbf764436315542e"), Default: true}}}
		if c.costMap != nil {
			resources = append(resources, &Resource{
				ID: "filtered-cost-map-calendar", Path: "calendar/costmap/filtered",
				Service: calendarOffers(t, CostCapabilities{Constraints: true, MaxCostTypes: most, Calendars: c.costMap}, nil),
			})
		}
		if c.endpointCosts != nil {
			resources = append(resources, &Resource{
				ID: "endpoint-cost-map-calendar", Path: "calendar/endpointcost/lookup",
				Service: calendarOffers(t, CostCapabilities{Constraints: true, MaxCostTypes: most, Calendars: c.endpointCosts}, places),
			})
		}
		configs[name] = Config{BaseURI: "https://custom.alto.example.com", Directory: "calendars-directory", CostTypes: calendarCostTypes, Resources: resources}
	}
	return configs
}

// TestRFC8896 replays the examples of RFC 8896 Sections 4.3 and 5.
func TestRFC8896(t *testing.T) {
	for name, c := range rfc8896Configs(t) {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc8896/"+name).check(t, serving(t, c)) })
	}
}
