package agent_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestCostMetrics has a metric with a statistic and with parameters of its source (RFC 9439).
func TestCostMetrics(t *testing.T) {
	l := newLab(t)
	delay := with(costType("p95", "numerical", "delay-ow"), object{
		"altoam-cost-metric:statistic": "p95",
		"cost-context":                 object{"cost-source": "ietf-alto:sla", "parameters": object{"altoam-cost-metric:json-value": `{"link": "https://example.net/sla"}`}},
	})
	source := func(metric, value string) object {
		return static("delays", object{"cost-table": list{object{"metric": metric, "mode": "numerical", "cost": list{cost("lan", "world", value), cost("lan", "lan", "20")}}}})
	}
	s := campusServer()
	s["cost-type"] = append(s["cost-type"].(list), delay, costType("loss", "numerical", "lossrate"))
	s["data-source"] = append(s["data-source"].(list), source("delay-ow:p95", "1250.5"))
	s["resource"] = append(s["resource"].(list), costMap("delays", "delays", "net", object{"cost-type-name": list{"p95"}, "filtered": true, "cost-constraints": true}))
	l.must(l.merge(s))

	const context = `"cost-context":{"cost-source":"sla","parameters":{"link":"https://example.net/sla"}}`
	if ird := l.body("directory"); !strings.Contains(ird, `"p95":{"cost-mode":"numerical","cost-metric":"delay-ow:p95",`+context+`}`) {
		t.Errorf("directory %s", ird)
	}
	if full := l.body("costmap/delays"); !strings.Contains(full, `"cost-type":{"cost-mode":"numerical","cost-metric":"delay-ow:p95",`+context+`}},"cost-map":{"lan":{"lan":20,"world":1250.5}}`) {
		t.Errorf("cost map %s", full)
	}
	const request = `{"cost-type":{"cost-mode":"numerical","cost-metric":"delay-ow:p95"},"pids":{"srcs":[],"dsts":[]},"constraints":["gt 1000"]}`
	if status, body := l.request("POST", "costmapfilter/delays", costMapMedia, request); status != 200 || !strings.Contains(body, `"cost-map":{"lan":{"world":1250.5}}`) {
		t.Errorf("constraint: %d %s", status, body)
	}
	if status, body := l.request("POST", "costmapfilter/delays", costMapMedia, strings.Replace(request, ":p95", "", 1)); status != 400 || !strings.Contains(body, `"field":"cost-type/cost-metric","value":"delay-ow"`) {
		t.Errorf("without the statistic: %d %s", status, body)
	}

	change := func(more object) object {
		return object{"cost-type": list{with(object{"cost-type-name": "p95"}, more)}}
	}
	const at = "/cost-type[cost-type-name='p95']"
	parameters := object{"cost-context": object{"parameters": object{"altoam-cost-metric:json-value": `{"link":`}}}
	l.refusal(l.merge(change(parameters)), rpcerr.InvalidValue, at+"/cost-context/parameters/altoam-cost-metric:json-value", "not a JSON object")
	long := with(costType("loss", "numerical", "delay-variation"), object{"altoam-cost-metric:statistic": "p99.99999999999999"})
	l.refusal(l.merge(object{"cost-type": list{long}}), rpcerr.InvalidValue, "/cost-type[cost-type-name='loss']/cost-metric", "32")
	l.refusal(l.merge(change(object{"altoam-cost-metric:statistic": "p50"})), rpcerr.InvalidValue,
		"/resource[resource-id='delays']/alto-costmap-params/altoam-algorithm-from-source:from-source/source", `metric "delay-ow:p50"`)
	l.refusal(l.merge(object{"data-source": list{source("delay-ow:p95", "-1")}}), rpcerr.InvalidValue, "/resource[resource-id='delays']/alto-costmap-params", "is negative")
	l.must(l.merge(object{"data-source": list{source("delay-ow:p95", "0")}}))

	l.must(l.merge(with(change(object{"altoam-cost-metric:statistic": "max"}), object{"data-source": list{source("delay-ow:max", "7")}})))
	if full := l.body("costmap/delays"); !strings.Contains(full, `"delay-ow:max"`) || !strings.Contains(full, `"world":7`) {
		t.Errorf("another statistic: %s", full)
	}
}

// TestCostModes has a cost mode and a metric of a module that was loaded at start (RFC
// 9274 Section 3.2).
func TestCostModes(t *testing.T) {
	const module = `module m1 { yang-version 1.1; namespace "urn:m1"; prefix m; import ietf-alto { prefix alto; }
  identity mood { base alto:cost-mode; } }`
	s, err := compile(module)
	if err != nil {
		t.Fatal(err)
	}
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s)
	file := filepath.Join(t.TempDir(), "mood.json")
	if err := os.WriteFile(file, []byte(`{"meta":{"cost-type":{"cost-mode":"priv:mood","cost-metric":"routingcost"}},"cost-map":{"lan":{"world":-3.5}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	server := campusServer()
	server["cost-type"] = append(server["cost-type"].(list), with(costType("mood", "numerical", "routingcost"), object{"cost-mode": "m1:mood"}))
	server["data-source"] = append(server["data-source"].(list), object{
		"source-id": "moods", "source-type": "altoam-source-file:file", "source-params": object{"altoam-source-file:file": object{"path": list{file}}},
	})
	server["resource"] = append(server["resource"].(list), costMap("moods", "moods", "net", object{"cost-type-name": list{"mood"}, "filtered": true}))
	l.must(l.merge(server))
	if ird := l.body("directory"); !strings.Contains(ird, `"mood":{"cost-mode":"priv:mood"`) {
		t.Errorf("directory %s", ird)
	}
	for mode, want := range map[string]int{"priv:mood": 200, "mood": 400, "m1:mood": 400, "numerical": 400} {
		status, body := l.request("POST", "costmapfilter/moods", costMapMedia, `{"cost-type":{"cost-mode":"`+mode+`","cost-metric":"routingcost"}}`)
		if status != want || want == 200 && !strings.Contains(body, `{"lan":{"world":-3.5}}`) || want == 400 && !strings.Contains(body, `"field":"cost-type/cost-mode","value":"`+mode+`"`) {
			t.Errorf("mode %s: %d %s", mode, status, body)
		}
	}
}

// exampleOf reads an exchange of an RFC from the vectors of package alto.
func exampleOf(t *testing.T, name string) (request, response string) {
	t.Helper()
	a, err := txtar.ParseFile("../alto/testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		switch f.Name {
		case "request.json":
			request = string(f.Data)
		case "response.json":
			response = string(f.Data)
		}
	}
	return request, response
}

// withoutContexts decodes a response without the cost contexts, which the model demands
// and the examples of the RFCs lack.
func withoutContexts(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var strip func(any)
	strip = func(v any) {
		switch v := v.(type) {
		case object:
			delete(v, "cost-context")
			for _, each := range v {
				strip(each)
			}
		case list:
			for _, each := range v {
				strip(each)
			}
		}
	}
	strip(v)
	return v
}

// examplePlaces are the endpoints of the examples, each in a PID of its own.
var examplePlaces = map[string]string{
	"ipv4:192.0.2.2": "here4", "ipv4:192.0.2.89": "a", "ipv4:198.51.100.34": "b", "ipv4:203.0.113.45": "c",
	"ipv6:2001:db8::10": "d", "ipv6:2001:db8:100::1": "here6", "ipv6:2001:db8:100::2": "e", "ipv6:2001:db8:100::3": "f",
}

// exampleServer serves endpoint costs of these cost types and of a source with these costs.
func exampleServer(costTypes list, costs, params object) object {
	var pids list
	for _, endpoint := range slices.Sorted(maps.Keys(examplePlaces)) {
		family, address, _ := strings.Cut(endpoint, ":")
		pids = append(pids, pid(examplePlaces[endpoint], address+map[string]string{"ipv4": "/32", "ipv6": "/128"}[family]))
	}
	pids = append(pids, pid("rest", "0.0.0.0/0", "::/0"))
	var names, maps_ list
	resources := list{networkMap("net", "net", nil)}
	for _, c := range costTypes {
		name := c.(object)["cost-type-name"]
		names, maps_ = append(names, name), append(maps_, "of-"+name.(string))
		resources = append(resources, costMap("of-"+name.(string), "costs", "net", object{"cost-type-name": list{name}}))
	}
	return object{
		"listen": listenHTTP(), "cost-type": costTypes,
		"data-source": list{static("net", object{"pid": pids}), static("costs", costs)},
		"resource": append(resources, object{
			"resource-id": "ec", "resource-type": "ietf-alto:endpoint-cost",
			"alto-endpointcost-params": with(object{"altoam-algorithm-from-map:from-map": object{"cost-map": maps_}, "cost-type-name": names}, params),
		}),
	}
}

// exampleCosts calls f for each cost of a response.
func exampleCosts(t *testing.T, response string, f func(source, destination string, cost any)) {
	t.Helper()
	var v struct {
		Costs map[string]map[string]any `json:"endpoint-cost-map"`
	}
	if err := json.Unmarshal([]byte(response), &v); err != nil {
		t.Fatal(err)
	}
	for source, row := range v.Costs {
		for destination, cost := range row {
			f(examplePlaces[source], examplePlaces[destination], cost)
		}
	}
}

// TestRFC9439Configured replays the examples of RFC 9439 with the configuration that
// produces them.
func TestRFC9439Configured(t *testing.T) {
	vectors, err := filepath.Glob("../alto/testdata/rfc9439/*.txtar")
	if err != nil || len(vectors) != 9 {
		t.Fatalf("vectors %q, %v", vectors, err)
	}
	for _, path := range vectors {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			request, response := exampleOf(t, "rfc9439/"+name)
			metric := request[strings.Index(request, `"cost-metric": "`)+len(`"cost-metric": "`):]
			metric = metric[:strings.IndexByte(metric, '"')]
			var rows list
			exampleCosts(t, response, func(s, d string, c any) { rows = append(rows, cost(s, d, fmt.Sprint(c))) })
			l := newLab(t)
			l.must(l.merge(exampleServer(list{costType("x", "numerical", metric)}, object{"cost-table": list{object{"metric": metric, "mode": "numerical", "cost": rows}}}, nil)))
			status, body := l.request("POST", "endpointcost/ec", endpointCostMedia, request)
			if diff := cmp.Diff(withoutContexts(t, response), withoutContexts(t, body)); status != 200 || diff != "" {
				t.Errorf("status %d (-want +got):\n%s", status, diff)
			}
		})
	}
}

// TestRFC8896Configured replays the calendars of RFC 8896 Sections 5.2.3 and 5.2.4 with the
// configuration that produces them, at the time of the examples.
func TestRFC8896Configured(t *testing.T) {
	s, err := compile(`module m1 { yang-version 1.1; namespace "urn:m1"; prefix m; import ietf-alto { prefix alto; } identity owdelay { base alto:cost-metric; } }`)
	if err != nil {
		t.Fatal(err)
	}
	values := func(v any) string { return strings.Trim(fmt.Sprint(v), "[]") }
	one, answer := exampleOf(t, "rfc8896/5.2.3")
	two, both := exampleOf(t, "rfc8896/5.2.4")
	var routing, delays list
	exampleCosts(t, answer, func(s, d string, c any) { routing = append(routing, calendarRow(s, d, values(c))) })
	exampleCosts(t, both, func(s, d string, c any) { delays = append(delays, calendarRow(s, d, values(c.(list)[1]))) })
	calendar := func(metric, size, start string, iterations int, rows list) object {
		return object{
			"metric": metric, "mode": "numerical", "time-interval-size": size,
			"pattern": list{object{"start": start, "iterations": iterations, "cost": rows}},
		}
	}
	l := labOf(t, filepath.Join(t.TempDir(), "store"), s)
	l.clock.advance(time.Date(2019, 7, 1, 13, 15, 0, 0, time.UTC).Sub(l.clock.Now()))
	l.must(l.merge(exampleServer(
		list{costType("num-routingcost", "numerical", "routingcost"), with(costType("num-owdelay", "numerical", "routingcost"), object{"cost-metric": "m1:owdelay"})},
		object{"cost-calendar": list{
			calendar("routingcost", "3600.0", "2019-06-30T00:00:00Z", 4, routing),
			calendar("owdelay", "300.0", "2019-07-01T13:00:00Z", 1, delays),
		}},
		object{
			"max-cost-types": 2, "cost-constraints": true,
			"calendar-attributes": object{"cost-type-name": list{"num-routingcost"}, "time-interval-size": "3600.0", "number-of-intervals": 24},
			"altoam-calendar:further-calendar": list{
				object{"name": "delay", "cost-type-name": list{"num-owdelay"}, "time-interval-size": "300.0", "number-of-intervals": 12},
			},
		},
	)))
	for request, response := range map[string]string{one: answer, two: both} {
		status, body := l.request("POST", "endpointcost/ec", endpointCostMedia, request)
		if diff := cmp.Diff(withoutContexts(t, response), withoutContexts(t, body)); status != 200 || diff != "" {
			t.Errorf("status %d (-want +got):\n%s", status, diff)
		}
	}
}
