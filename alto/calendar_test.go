package alto

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// calendarServer has costs of three types, two of them with a calendar, between two PIDs;
// the cost from PID1 to PID2 is missing now and then, that within PID2 always.
func calendarServer(t testing.TB) *Server {
	t.Helper()
	pids := threePIDs[:2]
	routing := calendarSchedule(t, at(0), time.Hour, 3, pids, []float64{1, 2}, []float64{-1, 5}, []float64{3, 4}, []float64{-1, -1})
	hops := calendarSchedule(t, at(0), 90*time.Second, 1, pids, []float64{1, 2, 3}, []float64{4, 5, 6}, []float64{7, 8, 9}, []float64{1, 1, 1})
	now := at(0.01)
	offers := []CostOffer{{"num-routing", routing.At(now)}, {"num-hop", hops.At(now)}, {"ord-hop", hops.At(now)}}
	c := CostCapabilities{
		Constraints: true, MaxCostTypes: 3,
		Calendars: []CalendarOffer{{"num-hop", hops.Calendar(now, 3)}, {"num-routing", routing.Calendar(now, 2)}},
	}
	places := networkMap(t, "", "PID1 192.0.2.0/24", "PID2 198.51.100.0/24", "rest 0.0.0.0/0")
	return serving(t, Config{MaxPairs: 20, CostTypes: rfcCostTypes, Resources: []*Resource{
		{ID: defaultMap, Service: FullNetworkMap{Map: rfcNetworkMap(t, "t")}},
		{ID: "cal", Path: "cal", Service: FilteredCostMap{defaultMap, offers, c}},
		{ID: "ecs", Path: "ecs", Service: EndpointCosts{Map: places, Offers: offers, CostCapabilities: c}},
		{ID: "none", Path: "none", Service: FilteredCostMap{defaultMap, offers, CostCapabilities{Constraints: true, MaxCostTypes: 3}}},
		{ID: "full", Path: "full", Service: FullCostMap{defaultMap, "num-routing", offers[0].Costs}},
	}})
}

const (
	hopsChosen    = `"cost-type":{"cost-mode":"numerical","cost-metric":"hopcount"}`
	ordinalChosen = `"cost-type":{"cost-mode":"ordinal","cost-metric":"hopcount"}`
	bothChosen    = `"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"routingcost"},{"cost-mode":"numerical","cost-metric":"hopcount"}]`
	routingTimes  = `"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT","time-interval-size":3600,"number-of-intervals":2,"repeated":3`
	hopTimes      = `"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT","time-interval-size":90,"number-of-intervals":3`
)

func TestCalendarRequests(t *testing.T) {
	s := calendarServer(t)
	head := func(rest string) string {
		return `{"meta":{"dependent-vtags":[{"resource-id":"my-default-network-map","tag":"t"}],` + rest
	}
	plain := head(routingType + `},"cost-map":{"PID1":{"PID1":1},"PID2":{"PID1":3}}}`)
	calendar := head(routingType + `,"calendar-response-attributes":[{` + routingTimes + `}]},"cost-map":{"PID1":{"PID1":[1,2],"PID2":[null,5]},"PID2":{"PID1":[3,4]}}}`)
	for _, c := range []struct{ name, path, body, want string }{
		{"legacy", "cal", routingType, plain},
		{"false", "cal", routingType + `,"calendared":[false]`, plain},
		{"true", "cal", routingType + `,"calendared":[true]`, calendar},
		{"some PIDs", "cal", routingType + `,"calendared":[true],"pids":{"srcs":["PID2"],"dsts":[]}`, head(routingType + `,"calendar-response-attributes":[{` + routingTimes + `}]},"cost-map":{"PID2":{"PID1":[3,4]}}}`)},
		{"constraints are not looked at", "cal", routingType + `,"calendared":[true],"constraints":["gt 2","nonsense"]`, calendar},
		{"constraints of current costs", "cal", routingType + `,"calendared":[false],"constraints":["gt 2"]`, head(routingType + `},"cost-map":{"PID2":{"PID1":3}}}`)},
		{"a cost type without", "cal", ordinalChosen + `,"calendared":[true],"constraints":["eq 7"]`, head(ordinalChosen + `},"cost-map":{"PID2":{"PID1":7}}}`)},
		{"a service without", "none", routingType + `,"calendared":[true]`, plain},
		{"a service without, and nonsense", "none", routingType + `,"calendared":7`, plain},
		{
			"two, both", "cal", bothChosen + `,"calendared":[true,true],"pids":{"srcs":["PID1"],"dsts":["PID2"]}`,
			head(`"cost-type":{},` + bothChosen + `,"calendar-response-attributes":[{"cost-type-names":["num-routing"],` + routingTimes + `},{"cost-type-names":["num-hop"],` + hopTimes + `}]},"cost-map":{"PID1":{"PID2":[[null,5],[4,5,6]]}}}`),
		},
		{
			"two, one", "cal", bothChosen + `,"calendared":[false,true],"pids":{"srcs":["PID1","PID2"],"dsts":["PID2"]}`,
			head(`"cost-type":{},` + bothChosen + `,"calendar-response-attributes":[{"cost-type-names":["num-hop"],` + hopTimes + `}]},"cost-map":{"PID1":{"PID2":[null,[4,5,6]]},"PID2":{"PID2":[null,[1,1,1]]}}}`),
		},
		{
			"the other", "cal", bothChosen + `,"calendared":[true,false],"pids":{"srcs":["PID2"],"dsts":["PID2"]}`,
			head(`"cost-type":{},` + bothChosen + `,"calendar-response-attributes":[{"cost-type-names":["num-routing"],` + routingTimes + `}]},"cost-map":{"PID2":{"PID2":[null,1]}}}`),
		},
		{
			"endpoints", "ecs", hopsChosen + `,"calendared":[true],"endpoints":{"srcs":["ipv4:192.0.2.1","ipv4:203.0.113.1"],"dsts":["ipv4:198.51.100.1"]}`,
			`{"meta":{` + hopsChosen + `,"calendar-response-attributes":[{` + hopTimes + `}]},"endpoint-cost-map":{"ipv4:192.0.2.1":{"ipv4:198.51.100.1":[4,5,6]}}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			media := map[string]string{"ecs": MediaEndpointCostParams}[c.path]
			if media == "" {
				media = MediaCostMapFilter
			}
			if w := post(s, "/"+c.path, media, "{"+c.body+"}"); w.Code != http.StatusOK || w.Body.String() != c.want {
				t.Errorf("status %d\ngot  %s\nwant %s", w.Code, w.Body, c.want)
			}
		})
	}
	if got, want := get(s, "/full").Body.String(), plain; got != want {
		t.Errorf("full cost map\ngot  %s\nwant %s", got, want)
	}
	want := `"calendar-attributes":[{"cost-type-names":["num-hop"],"time-interval-size":90,"number-of-intervals":3},{"cost-type-names":["num-routing"],"time-interval-size":3600,"number-of-intervals":2}]`
	if got := get(s, "/directory").Body.String(); strings.Count(got, want) != 2 || strings.Count(got, "calendar-attributes") != 2 {
		t.Errorf("directory %s\nwant %s twice", got, want)
	}
}

// TestCalendarErrors: RFC 8896 Section 5.1.1 says what is wrong, RFC 7285 Section 8.5.2
// how that is told.
func TestCalendarErrors(t *testing.T) {
	s := calendarServer(t)
	for body, want := range map[string]string{
		routingType + `,"calendared":true`:                        `"E_INVALID_FIELD_TYPE","field":"calendared"}}`,
		routingType + `,"calendared":null`:                        `"E_INVALID_FIELD_TYPE","field":"calendared"}}`,
		routingType + `,"calendared":[]`:                          `"E_INVALID_FIELD_VALUE","field":"calendared","value":"[]"}}`,
		routingType + `,"calendared":[true,true]`:                 `"E_INVALID_FIELD_VALUE","field":"calendared","value":"[true,true]"}}`,
		routingType + `,"calendared":["true"]`:                    `"E_INVALID_FIELD_VALUE","field":"calendared","value":"true"}}`,
		routingType + `,"calendared":[1]`:                         `"E_INVALID_FIELD_VALUE","field":"calendared","value":"1"}}`,
		bothChosen + `,"calendared":[true]`:                       `"E_INVALID_FIELD_VALUE","field":"calendared","value":"[true]"}}`,
		bothChosen + `,"calendared":[true,null]`:                  `"E_INVALID_FIELD_VALUE","field":"calendared","value":"null"}}`,
		bothChosen + `,"calendared":[true,true],` + routingType:   `"E_INVALID_FIELD_VALUE","field":"cost-type",`,
		bothChosen + `,"cost-type":7`:                             `"E_INVALID_FIELD_TYPE","field":"cost-type"}}`,
		routingType + `,"calendared":[false],"constraints":["x"]`: `"E_INVALID_FIELD_VALUE","field":"constraints","value":"x"}}`,
	} {
		if w := post(s, "/cal", MediaCostMapFilter, "{"+body+"}"); w.Code != http.StatusBadRequest || !strings.HasPrefix(w.Body.String(), `{"meta":{"code":`+want) {
			t.Errorf("%s: status %d, %s, want %s", body, w.Code, w.Body, want)
		}
	}
	three := `"calendared":[true,true],"pids":{"srcs":[],"dsts":["PID2"]}`
	if w := post(s, "/cal", MediaCostMapFilter, "{"+bothChosen+","+three+"}"); w.Code != http.StatusOK {
		t.Errorf("9 values: status %d, the limit is 20", w.Code)
	}
	if w := post(s, "/cal", MediaCostMapFilter, "{"+bothChosen+`,"calendared":[true,true]}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("27 values: status %d, the limit is 20", w.Code)
	}
}

func TestCalendarConfigErrors(t *testing.T) {
	pids := threePIDs[:1]
	c := calendarSchedule(t, at(0), time.Hour, 1, pids, []float64{1, 2}).Calendar(at(0), 2)
	halves := calendarSchedule(t, at(0), time.Hour, 1, pids, []float64{1, 2.5}).Calendar(at(0), 2)
	stranger := calendarSchedule(t, at(0), time.Hour, 1, []string{"PID9"}, []float64{1, 2}).Calendar(at(0), 2)
	offers := []CostOffer{{"num-routing", c.Values[0]}, {"num-hop", c.Values[0]}}
	for name, tt := range map[string]struct {
		calendars []CalendarOffer
		want      ConfigError
	}{
		"good":            {[]CalendarOffer{{"num-routing", halves}, {"num-hop", c}}, ConfigError{}},
		"not offered":     {[]CalendarOffer{{"ord-hop", c}}, ConfigError{Resource: "x", Field: FieldCalendars, Value: "ord-hop"}},
		"twice":           {[]CalendarOffer{{"num-hop", c}, {"num-hop", c}}, ConfigError{Resource: "x", Field: FieldCalendars, Value: "num-hop"}},
		"none":            {[]CalendarOffer{{"num-hop", nil}}, ConfigError{Resource: "x", Field: FieldCalendars, Value: "num-hop"}},
		"half a hop":      {[]CalendarOffer{{"num-hop", halves}}, ConfigError{Resource: "x", Field: FieldCosts, Value: "num-hop"}},
		"PID of no map":   {[]CalendarOffer{{"num-hop", stranger}}, ConfigError{Resource: "x", Field: FieldCosts, Value: "PID9"}},
		"too many values": {[]CalendarOffer{{"num-hop", &CostCalendar{Interval: time.Hour, Values: make([]*CostMatrix, MaxIntervals+1)}}}, ConfigError{Resource: "x", Field: FieldCalendars, Value: "num-hop"}},
	} {
		for _, s := range []Service{
			FilteredCostMap{defaultMap, offers, CostCapabilities{Calendars: tt.calendars}},
			EndpointCosts{Map: rfcNetworkMap(t, ""), Offers: offers, CostCapabilities: CostCapabilities{Calendars: tt.calendars}},
		} {
			_, err := NewSnapshot(nil, Config{CostTypes: rfcCostTypes, Resources: []*Resource{
				{ID: defaultMap, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}}, {ID: "x", Service: s},
			}})
			var got *ConfigError
			if errors.As(err, &got) != (tt.want != ConfigError{}) || got != nil && (got.Resource != tt.want.Resource || got.Field != tt.want.Field || got.Value != tt.want.Value) {
				t.Errorf("%s: error %v, want %v", name, err, tt.want)
			}
		}
	}
}

// TestCalendarVersions: what a calendar holds makes the version of its resource, and its
// matrices count as memory once.
func TestCalendarVersions(t *testing.T) {
	pids := threePIDs[:1]
	schedule := calendarSchedule(t, at(0), time.Hour, 2, pids, []float64{1, 1, 2})
	service := func(c *CostCalendar) *Snapshot {
		return snapshot(t, Config{CostTypes: rfcCostTypes, Resources: []*Resource{
			{ID: defaultMap, Service: FullNetworkMap{Map: rfcNetworkMap(t, "")}},
			{ID: "x", Service: FilteredCostMap{defaultMap, []CostOffer{{"num-hop", schedule.At(at(0))}}, CostCapabilities{Calendars: []CalendarOffer{{"num-hop", c}}}}},
		}})
	}
	first := service(schedule.Calendar(at(0), 3))
	if again := service(schedule.Calendar(at(4), 3)); again.byID.At("x").version != first.byID.At("x").version {
		t.Error("a repetition makes another version")
	}
	if other := service(schedule.Calendar(at(0), 2)); other.byID.At("x").version == first.byID.At("x").version {
		t.Error("another calendar makes the same version")
	}
	if n := len(heldBy([]*served{first.byID.At("x")})); n != 2 {
		t.Errorf("%d pieces of data, want two matrices", n)
	}
}

// FuzzCalendared sends anything as "calendared".
func FuzzCalendared(f *testing.F) {
	s := calendarServer(f)
	for _, seed := range []string{`[true,false]`, `[true]`, `true`, `[1,null]`, `[[]]`, `{}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, types := range []string{routingType, bothChosen} {
			w := post(s, "/cal", MediaCostMapFilter, "{"+types+`,"calendared":`+value+`,"pids":{"srcs":["PID1"],"dsts":[]}}`)
			if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
				t.Fatalf("status %d", w.Code)
			}
			decode(t, w.Body.String())
		}
	})
}
