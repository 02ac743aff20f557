package restconf

import (
	"strings"
	"testing"
)

// TestCapabilitiesWork says that each capability is announced, and that what it stands
// for is there: a request, what the answer has to hold, and one that must be refused.
func TestCapabilitiesWork(t *testing.T) {
	f := newFixture(t, nil)
	f.must(201, "PUT /restconf/data/example-top:defaults/size"+jsonBody+`{"example-top:size":1}`)
	const defaults, operational = "/restconf/data/example-top:defaults", "/restconf/ds/ietf-datastores:operational/example-top:defaults"
	const stream = "/restconf/streams/NETCONF/json"
	const events, streams = "/restconf/data/example-top:machine/event", "/restconf/data/ietf-restconf-monitoring:restconf-state/streams/stream"
	const patch = "\nContent-Type: application/yang-patch+json\n\n"
	works := map[string]struct {
		request, holds, refused string
	}{
		"defaults:1.0?basic-mode=explicit": {"GET " + defaults, `{"size":1}`, "GET " + defaults + "?defaults=explicit"},
		"depth:1.0":                        {"GET " + defaults + "?depth=1", `{}`, "POST /restconf/operations/example-top:reset?depth=1"},
		"fields:1.0":                       {"GET " + defaults + "?fields=size", `{"size":1}`, "DELETE " + defaults + "?fields=size"},
		"with-defaults:1.0":                {"GET " + defaults + "?with-defaults=trim", `{"size":1}`, "PUT " + defaults + "?with-defaults=trim"},
		"with-operational-defaults:1.0":    {"GET " + operational + "?fields=colour", `{"colour":"grey"}`, "GET " + operational + "?with-defaults=some"},
		"with-origin:1.0":                  {"GET " + operational + "?with-origin", `"ietf-origin:default"`, "GET " + defaults + "?with-origin"},
		"filter:1.0": {
			"GET " + stream + "?filter=/event&start-time=2026-11-22T11:00:00Z&stop-time=2026-11-22T12:00:00Z", "Complete", "GET " + operational + "?filter=/event",
		},
		"replay:1.0": {
			"GET " + stream + "?start-time=2026-11-22T11:00:00Z&stop-time=2026-11-22T12:00:00Z", "replayComplete", "GET " + operational + "?start-time=2026-11-22T11:00:00Z",
		},
		"limit:1.0":         {"GET " + events + "?limit=1", `[{"@":{"ietf-list-pagination:remaining":1},"text":"started"}]`, "GET " + events + "?limit=0"},
		"offset:1.0":        {"GET " + events + "?offset=1", `[{"text":"stopped"}]`, "GET " + events + "?offset=x"},
		"cursor:1.0":        {"GET " + streams + "?cursor=TkVUQ09ORg==", `"NETCONF"`, "GET " + streams + "?cursor=TkVUQ09ORg==&offset=1"},
		"direction:1.0":     {"GET " + events + "?direction=backwards", `[{"text":"stopped"},{"text":"started"}]`, "GET " + events + "?direction=down"},
		"sort-by:1.0":       {"GET " + events + "?sort-by=text&direction=backwards&limit=1", `"text":"stopped"`, "GET " + events + "?sort-by=time"},
		"locale:1.0":        {"GET " + events + "?sort-by=text&locale=C", `"ietf-list-pagination:locale":"C"`, "GET " + events + "?locale=C"},
		"where:1.0":         {"GET " + events + "?where=text='stopped'", `[{"text":"stopped"}]`, "GET " + events + "?where=text='"},
		"sublist-limit:1.0": {"GET /restconf/data/example-top:machine?sublist-limit=1", `"event":[{"@":{"ietf-list-pagination:remaining":1},"text":"started"}]`, "GET " + events + "?sublist-limit=0"},
		"yang-patch:1.0": {
			"PATCH " + defaults + patch + `{"ietf-yang-patch:yang-patch":{"patch-id":"p"}}`, `"ok":[null]`, "PATCH " + defaults + "?insert=first" + patch + "{}",
		},
	}
	const prefix = "urn:ietf:params:restconf:capability:"
	text := f.must(200, "GET /restconf/data/ietf-restconf-monitoring:restconf-state/capabilities").Body.String()
	if got := strings.Count(text, prefix); got != len(works) {
		t.Errorf("%d capabilities are announced, want %d: %s", got, len(works), text)
	}
	for name, c := range works {
		if !strings.Contains(text, `"`+prefix+name+`"`) {
			t.Errorf("%s is not announced: %s", name, text)
		}
		if w := f.do(c.request); w.Code != 200 || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s: %s\n= %d %s", name, c.request, w.Code, w.Body)
		}
		if w := f.do(c.refused); w.Code != 400 || !strings.Contains(w.Body.String(), "invalid-value") {
			t.Errorf("%s: %s\n= %d %s", name, c.refused, w.Code, w.Body)
		}
	}
}
