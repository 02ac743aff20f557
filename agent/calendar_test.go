package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// costMapMedia is the type of the parameters of filtered cost maps, endpointCostMedia that
// of endpoint costs.
const (
	costMapMedia      = "application/alto-costmapfilter+json"
	endpointCostMedia = "application/alto-endpointcostparams+json"
	routingOverTime   = `{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"calendared":[true]`
)

func calendarRow(source, destination, values string) object {
	return object{"source": source, "destination": destination, "values": values}
}

// calendarServer has routing costs by the hour from noon on, three hours twice, with
// another value in the fifth hour; after that 7.5 to the world. Hop counts are by the
// half hour.
func calendarServer() object {
	s := campusServer()
	source := with(campus()["source-params"].(object)["altoam-source-static:static"].(object), object{"cost-calendar": list{
		object{
			"metric": "routingcost", "mode": "numerical", "time-interval-size": "3600.0",
			"pattern": list{
				object{"start": "2026-11-22T12:00:00Z", "iterations": 2, "cost": list{calendarRow("lan", "lan", "0 0 0"), calendarRow("lan", "world", "1 2.5 -")}},
				object{"start": "2026-11-22T17:00:00+01:00", "cost": list{calendarRow("lan", "world", "9")}},
			},
		},
		object{
			"metric": "hopcount", "mode": "numerical", "time-interval-size": "1800.0",
			"pattern": list{object{"start": "2026-11-22T12:00:00Z", "iterations": 96, "cost": list{calendarRow("lan", "world", "3 4")}}},
		},
	}})
	attributes := func(size string, number int, names ...any) object {
		return object{"cost-type-name": list(names), "time-interval-size": size, "number-of-intervals": number}
	}
	s["cost-type"] = append(s["cost-type"].(list), costType("hops", "numerical", "hopcount"))
	s["data-source"] = list{static("campus", source)}
	s["resource"] = append(
		s["resource"].(list),
		costMap("cal", "campus", "net", object{"filtered": true, "cost-type-name": list{"num", "ord"}, "calendar-attributes": attributes("3600.0", 3, "num")}),
		costMap("hops", "campus", "net", object{"cost-type-name": list{"hops"}}),
		object{
			"resource-id": "over-time", "resource-type": "ietf-alto:endpoint-cost",
			"alto-endpointcost-params": object{
				"altoam-algorithm-from-map:from-map": object{"cost-map": list{"rc", "hops"}}, "cost-type-name": list{"num", "hops"}, "max-cost-types": 2,
				"calendar-attributes":              attributes("3600.0", 2, "num"),
				"altoam-calendar:further-calendar": list{with(object{"name": "fine"}, attributes("1800.0", 4, "hops"))},
			},
		},
	)
	return s
}

// TestCalendars follows the costs of a day: as current costs in full maps, and over time.
func TestCalendars(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(calendarServer()))
	ird := l.body("directory")
	for _, want := range []string{
		`"calendar-attributes":[{"cost-type-names":["num"],"time-interval-size":3600,"number-of-intervals":3}]`,
		`"calendar-attributes":[{"cost-type-names":["num"],"time-interval-size":3600,"number-of-intervals":2},{"cost-type-names":["hops"],"time-interval-size":1800,"number-of-intervals":4}]`,
	} {
		if strings.Count(ird, want) != 1 {
			t.Errorf("the directory has not %s once: %s", want, ird)
		}
	}
	for _, c := range []struct {
		after               time.Duration
		full, map_, service string
	}{
		{
			0, `{"lan":{"lan":0,"world":1}}`,
			`"calendar-start-time":"Sun, 22 Nov 2026 12:00:00 GMT","time-interval-size":3600,"number-of-intervals":3}]},"cost-map":{"lan":{"lan":[0,0,0],"world":[1,2.5,null]}}`,
			`12:00:00 GMT","time-interval-size":3600,"number-of-intervals":2},{"cost-type-names":["hops"],"calendar-start-time":"Sun, 22 Nov 2026 12:00:00 GMT","time-interval-size":1800,"number-of-intervals":4,"repeated":48}]},"endpoint-cost-map":{"ipv4:192.0.2.9":{"ipv4:203.0.113.1":[[1,2.5],[3,4,3,4]]}}`,
		},
		{
			time.Hour, `{"lan":{"lan":0,"world":2.5}}`, `12:00:00 GMT","time-interval-size":3600,"number-of-intervals":3}]},"cost-map":{"lan":{"lan":[0,0,0],"world":[1,2.5,null]}}`, `[[1,2.5],[3,4,3,4]]`,
		},
		{3 * time.Hour, `{"lan":{"lan":0,"world":1}}`, `15:00:00 GMT","time-interval-size":3600,"number-of-intervals":3}]},"cost-map":{"lan":{"lan":[0,null,0],"world":[1,9,null]}}`, `[[null,1],[3,4,3,4]]`},
		{4 * time.Hour, `{"lan":{"world":9}}`, `16:00:00 GMT","time-interval-size":3600,"number-of-intervals":3}]},"cost-map":{"lan":{"lan":[null,0,null],"world":[9,null,null]}}`, `[[9,null],[3,4,3,4]]`},
		{7 * time.Hour, `{"lan":{"lan":1,"world":7.5},"world":{"lan":8}}`, `"cost-map":{}`, `[null,[3,4,3,4]]`},
	} {
		l.clock.advance(c.after - l.clock.Now().Sub(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)))
		l.eventually("current costs "+c.full, func() bool { return strings.Contains(l.body("costmap/rc"), c.full) })
		if status, body := l.request("POST", "costmapfilter/cal", costMapMedia, routingOverTime+`}`); status != 200 || !strings.Contains(body, c.map_) {
			t.Errorf("after %v: %d %s\nexpected …%s…", c.after, status, body, c.map_)
		}
		if status, body := l.request("POST", "costmapfilter/cal", costMapMedia, strings.Replace(routingOverTime, "true", "false", 1)+`}`); status != 200 || !strings.Contains(body, c.full) {
			t.Errorf("after %v: %d %s\nexpected …%s…", c.after, status, body, c.full)
		}
		both := `{"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"routingcost"},{"cost-mode":"numerical","cost-metric":"hopcount"}],"calendared":[true,true],"endpoints":{"srcs":["ipv4:192.0.2.9"],"dsts":["ipv4:203.0.113.1"]}}`
		if status, body := l.request("POST", "endpointcost/over-time", endpointCostMedia, both); status != 200 || !strings.Contains(body, c.service) {
			t.Errorf("after %v: %d %s\nexpected …%s…", c.after, status, body, c.service)
		}
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='cal']/alto-costmap-params/calendar-attributes"))
	if status, body := l.request("POST", "costmapfilter/cal", costMapMedia, routingOverTime+`}`); status != 200 || !strings.Contains(body, `"world":7.5`) {
		t.Errorf("without attributes: %d %s", status, body)
	}
}

// TestCalendarsApart: costs that cannot be served from some hour on stay as they were, and
// those of other resources turn, from then on too.
func TestCalendarsApart(t *testing.T) {
	l := newLab(t)
	s := calendarServer()
	hops := s["data-source"].(list)[0].(object)["source-params"].(object)["altoam-source-static:static"].(object)["cost-calendar"].(list)[1].(object)
	hops["pattern"] = list{object{"start": "2026-11-22T12:00:00Z", "iterations": 24, "cost": list{calendarRow("lan", "world", "3 5 4.5 6")}}}
	list := s["resource"].(list)
	s["resource"] = list[:len(list)-1] // the one that looks at all hop counts
	l.must(l.merge(s))
	cut := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after    time.Duration
		rc, hops string
	}{
		{0, `{"lan":{"lan":0,"world":1}}`, `{"lan":{"world":3}}`},
		{30 * time.Minute, `{"lan":{"lan":0,"world":1}}`, `{"lan":{"world":5}}`},
		{time.Hour, `{"lan":{"lan":0,"world":2.5}}`, `{"lan":{"world":5}}`}, // not half a hop
		{90 * time.Minute, `{"lan":{"lan":0,"world":2.5}}`, `{"lan":{"world":6}}`},
		{3 * time.Hour, `{"lan":{"lan":0,"world":1}}`, `{"lan":{"world":6}}`},
		{4 * time.Hour, `{"lan":{"world":9}}`, `{"lan":{"world":3}}`},
		{7 * time.Hour, `{"lan":{"lan":1,"world":7.5},"world":{"lan":8}}`, `{"lan":{"world":3}}`},
	} {
		l.clock.advance(c.after - l.clock.Now().Sub(cut))
		l.eventually("routing costs "+c.rc, func() bool { return strings.Contains(l.body("costmap/rc"), c.rc) })
		l.eventually("hop counts "+c.hops, func() bool { return strings.Contains(l.body("costmap/hops"), c.hops) })
	}
}

func TestCalendarsRefused(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(calendarServer()))
	const cal, ec = "/resource[resource-id='cal']/alto-costmap-params", "/resource[resource-id='over-time']/alto-endpointcost-params"
	params := func(more object) object {
		return object{"resource": list{object{"resource-id": "cal", "resource-type": "ietf-alto:cost-map", "alto-costmap-params": more}}}
	}
	source := func(id, start, values string) object {
		return object{"data-source": list{static(id, object{"cost-calendar": list{object{
			"metric": "hopcount", "mode": "numerical", "time-interval-size": "1800.0",
			"pattern": list{object{"start": start, "cost": list{calendarRow("lan", "world", "1 2"), calendarRow("world", "lan", values)}}},
		}}})}}
	}
	const calendar = "/data-source[source-id='other']/source-params/altoam-source-static:static/cost-calendar[metric='hopcount'][mode='numerical']"
	for _, c := range []struct {
		name        string
		change      object
		tag         rpcerr.Tag
		path, words string
	}{
		{"another interval", params(object{"calendar-attributes": object{"time-interval-size": "60.0"}}), rpcerr.InvalidValue, cal + "/calendar-attributes/time-interval-size", "intervals of 1h0m0s"},
		{"too many intervals", params(object{"calendar-attributes": object{"number-of-intervals": 10001}}), rpcerr.InvalidValue, cal + "/calendar-attributes/number-of-intervals", "10000 at most"},
		{"not offered", params(object{"calendar-attributes": object{"cost-type-name": list{"hops"}}}), rpcerr.InvalidValue, cal + "/calendar-attributes/cost-type-name[.='hops']", "not offered"},
		{"without data", params(object{"calendar-attributes": object{"cost-type-name": list{"ord"}}}), rpcerr.InvalidValue, cal + "/calendar-attributes/cost-type-name[.='ord']", "no calendar"},
		{"not filtered", params(object{"filtered": false}), rpcerr.InvalidValue, cal + "/filtered", "filtered cost map only"},
		{
			"two calendars", object{"resource": list{object{
				"resource-id": "over-time", "resource-type": "ietf-alto:endpoint-cost", "alto-endpointcost-params": object{"altoam-calendar:further-calendar": list{
					object{"name": "fine", "cost-type-name": list{"num"}},
				}},
			}}}, rpcerr.InvalidValue, ec + "/altoam-calendar:further-calendar[name='fine']/cost-type-name[.='num']", "another calendar",
		},
		{"rows of other lengths", source("other", "2026-11-22T12:00:00Z", "1 2 3"), rpcerr.OperationFailed, calendar + "/pattern[start='2026-11-22T12:00:00Z']/cost[source='world'][destination='lan']/values", "expected as many"},
		{"fewer values", source("other", "2026-11-22T12:00:00Z", "1"), rpcerr.OperationFailed, calendar + "/pattern[start='2026-11-22T12:00:00Z']/cost[source='world'][destination='lan']/values", "expected as many"},
		{"half a hop", source("campus", "2026-11-22T12:00:00Z", "1 2.5"), rpcerr.InvalidValue, "/resource[resource-id='over-time']/alto-endpointcost-params", "not a whole number"},
	} {
		t.Log(c.name)
		l.refusal(l.merge(c.change), c.tag, c.path, c.words)
	}
	err := l.delete("/ietf-alto:alto/alto-server" + cal + "/calendar-attributes/time-interval-size")
	if err == nil || !strings.Contains(err.Error(), "one is missing") {
		t.Errorf("incomplete attributes: %v", err)
	}
	l.must(l.merge(source("other", "2026-11-22T13:00:00Z", "1 2")))
}
