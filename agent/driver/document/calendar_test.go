package document

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/alto"
)

// calendarText is the answer to a request for a calendar.
func calendarText(mode, attributes, costs string) string {
	return fmt.Sprintf(`{"meta":{"cost-type":{"cost-mode":%q,"cost-metric":"routingcost"},"calendar-response-attributes":[%s]},"cost-map":%s}`, mode, attributes, costs)
}

const twoHours = `"time-interval-size":3600,"number-of-intervals":2`

// TestCalendarFiles puts two patterns of one calendar together.
func TestCalendarFiles(t *testing.T) {
	var c Collector
	for i, text := range []string{
		calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`,"repeated":3}`, `{"a":{"b":[1,null]}}`),
		calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 04:00:00 GMT",`+twoHours+`}`, `{"a":{"b":[7,8.5]},"b":{"b":[0,0]}}`),
		calendarText("ordinal", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`}`, `{"a":{"b":[1,2]}}`),
	} {
		p, err := Read(fmt.Sprint(i), []byte(text))
		if err == nil {
			err = c.Add(p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s := c.Data().CostCalendar(alto.ModeNumerical, "routingcost")
	if s == nil || c.Data().CostCalendar(alto.ModeOrdinal, "routingcost") == nil || len(c.Data().Calendars) != 2 {
		t.Fatalf("calendars %v", c.Data().Calendars)
	}
	for hour, want := range map[int]string{0: "1", 1: "-", 2: "1", 4: "7", 5: "8.5", 6: "none"} {
		got := "none"
		if m := s.At(time.Date(2026, 11, 23, hour, 30, 0, 0, time.UTC)); m != nil {
			v, ok := m.Cost("a", "b")
			if got = fmt.Sprint(v); !ok {
				got = "-"
			}
		}
		if got != want {
			t.Errorf("cost in hour %d is %s, want %s", hour, got, want)
		}
	}
	for name, x := range map[string]struct{ text, want string }{
		"no attributes":    {calendarText("numerical", ``, `{}`), "0 calendars"},
		"two":              {calendarText("numerical", `{},{}`, `{}`), "2 calendars"},
		"date":             {calendarText("numerical", `{"calendar-start-time":"2026-11-23T00:00:00Z",`+twoHours+`}`, `{}`), "a date as HTTP has it"},
		"number of values": {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`}`, `{"a":{"b":[1]}}`), "number-of-intervals is 2"},
		"single cost":      {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`}`, `{"a":{"b":1}}`), "in cost-map"},
		"no costs":         {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`}`, `{}`), "no costs"},
		"rank":             {calendarText("ordinal", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`}`, `{"a":{"b":[1,0.5]}}`), "expected a rank"},
		"never":            {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT",`+twoHours+`,"repeated":0}`, `{"a":{"b":[1,2]}}`), "less than once"},
		"interval":         {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT","time-interval-size":0,"number-of-intervals":1}`, `{"a":{"b":[1]}}`), "a second"},
		"another interval": {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 00:00:00 GMT","time-interval-size":60,"number-of-intervals":1}`, `{"a":{"b":[1]}}`), "earlier document"},
		"same start":       {calendarText("numerical", `{"calendar-start-time":"Mon, 23 Nov 2026 04:00:00 GMT",`+twoHours+`}`, `{"a":{"b":[1,2]}}`), "two patterns"},
	} {
		p, err := Read("f", []byte(x.text))
		if err == nil {
			err = c.Add(p)
		}
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: error %v, want %q", name, err, x.want)
		}
	}
}
