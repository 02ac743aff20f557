package agent_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/google/go-cmp/cmp"
)

// protocols is an object of an advertisement about delivery or acquisition at footprints.
func protocols(name, kind, list string, footprints ...any) object {
	return object{
		"name": name, "capability-type": "FCI." + kind + "Protocol", "capability-value": `{"` + strings.ToLower(kind) + `-protocols":[` + list + `]}`,
		"footprint": footprints,
	}
}

func footprint(kind string, values ...any) object {
	return object{"footprint-type": kind, "footprint-value": values}
}

// cdnServer is the configuration of RFC 9241 Section 6.3.
func cdnServer(objects ...any) object {
	if objects == nil {
		objects = list{
			protocols("a", "Delivery", `"http/1.1"`, footprint("countrycode", "us"), footprint("ipv4cidr", "192.0.2.0/24"), footprint("ipv6cidr", "2001:db8::/32")),
			protocols("b", "Delivery", `"https/1.1","http/1.1"`, footprint("ipv4cidr", "198.51.100.0/24"), footprint("asn", "as64496")),
			protocols("c", "Acquisition", `"http/1.1"`, footprint("ipv4cidr", "203.0.113.0/24")),
		}
	}
	propertyMap := func(id string, params object) object {
		return object{"resource-id": id, "resource-type": "ietf-alto:property-map", "alto-propmap-params": object{"altoam-algorithm-from-cdni:from-cdni": params}}
	}
	advertisement := cdni("my-default-cdnifci", "cdn", "my-default-networkmap")
	return object{
		"listen": listenHTTP(),
		"data-source": list{static("cdn", object{
			"pid":                list{pid("pid1", "192.0.2.0/24", "203.0.113.0/25"), pid("pid3", "2001:db8::/32")},
			"cdni-advertisement": append(list{}, objects...),
		})},
		"resource": list{
			networkMap("my-default-networkmap", "cdn", object{"is-default": true, "altoam-algorithm-from-source:from-source": object{"source": "cdn", "default-pid": "rest"}}),
			advertisement,
			propertyMap("cdnifci-property-map", object{"cdni": "my-default-cdnifci"}),
			propertyMap("cdnifci-pid", object{"cdni": "my-default-cdnifci", "pid-of": list{"my-default-networkmap"}, "filtered": true}),
			stream("update-my-props", "my-default-networkmap", "my-default-cdnifci", "cdnifci-pid"),
		},
	}
}

// entitiesAt asks for a property map, filtered where there is a body.
func (l *lab) entitiesAt(path, body string) (entities map[string]any, uses []string) {
	l.Helper()
	method := "GET"
	if body != "" {
		method = "POST"
	}
	status, text := l.request(method, path, "application/alto-propmapparams+json", body)
	var answer struct {
		Meta struct {
			Uses []struct {
				ID string `json:"resource-id"`
			} `json:"dependent-vtags"`
		} `json:"meta"`
		Map map[string]any `json:"property-map"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != 200 {
		l.Fatalf("%s: %d %v %s", path, status, err, text)
	}
	for _, u := range answer.Meta.Uses {
		uses = append(uses, u.ID)
	}
	return answer.Map, uses
}

// TestFootprintProperties gets the answers of RFC 9241 Section 6.3 from their configuration,
// and others when what they are made of changes.
func TestFootprintProperties(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(cdnServer()))
	capability := func(kind string, protocols ...any) []any {
		return []any{map[string]any{"capability-type": "FCI." + kind + "Protocol", "capability-value": map[string]any{strings.ToLower(kind) + "-protocols": protocols}}}
	}
	const property, ofPID = "my-default-cdnifci.cdni-capabilities", "my-default-networkmap.pid"
	one, two := map[string]any{property: capability("Delivery", "http/1.1")}, map[string]any{property: capability("Delivery", "https/1.1", "http/1.1")}
	got, uses := l.entitiesAt("propmap/cdnifci-property-map", "")
	if diff := cmp.Diff(map[string]any{
		"countrycode:us": one, "ipv4:192.0.2.0/24": one, "ipv6:2001:db8::/32": one, "ipv4:198.51.100.0/24": two, "asn:as64496": two,
		"ipv4:203.0.113.0/24": map[string]any{property: capability("Acquisition", "http/1.1")},
	}, got); diff != "" || fmt.Sprint(uses) != "[my-default-cdnifci]" {
		t.Errorf("property map (-want +got), uses %v:\n%s", uses, diff)
	}
	const ask = `{"entities":["ipv4:192.0.2.0/24","ipv6:2001:db8::/32"],"properties":["my-default-cdnifci.cdni-capabilities","my-default-networkmap.pid"]}`
	got, uses = l.entitiesAt("propmapfilter/cdnifci-pid", ask)
	if diff := cmp.Diff(map[string]any{
		"ipv4:192.0.2.0/24":  map[string]any{property: capability("Delivery", "http/1.1"), ofPID: "pid1"},
		"ipv6:2001:db8::/32": map[string]any{property: capability("Delivery", "http/1.1"), ofPID: "pid3"},
	}, got); diff != "" || fmt.Sprint(uses) != "[my-default-cdnifci my-default-networkmap]" {
		t.Errorf("filtered (-want +got), uses %v:\n%s", uses, diff)
	}
	_, directory := l.get("directory")
	for _, want := range []string{
		`"capabilities":{"mappings":{"asn":["` + property + `"],"countrycode":["` + property + `"],"ipv4":["` + property + `"],"ipv6":["` + property + `"]}},"uses":["my-default-cdnifci"]`,
		`"mappings":{"asn":["` + property + `"],"countrycode":["` + property + `"],"ipv4":["` + property + `","` + ofPID + `"]`,
	} {
		if !strings.Contains(directory, want) {
			t.Errorf("IRD lacks %s: %s", want, directory)
		}
	}
	before := l.vtag("cdni/my-default-cdnifci")
	l.must(l.merge(object{"data-source": list{static("cdn", object{"cdni-advertisement": list{
		protocols("a", "Delivery", `"http/1.1","https/1.1"`, footprint("altopid", "pid1")),
	}})}}))
	got, _ = l.entitiesAt("propmap/cdnifci-property-map", "")
	if diff := cmp.Diff(map[string]any{property: capability("Delivery", "http/1.1", "https/1.1")}, got["my-default-networkmap.pid:pid1"]); diff != "" || before == l.vtag("cdni/my-default-cdnifci") {
		t.Errorf("PID (-want +got):\n%s", diff)
	}
	l.must(l.merge(object{"data-source": list{static("cdn", object{"pid": list{pid("pid1", "198.18.0.0/15")}})}}))
	if got, _ = l.entitiesAt("propmap/cdnifci-property-map", ""); got["ipv4:198.18.0.0/15"] == nil {
		t.Errorf("a new prefix of the PID: %v", got)
	}
}

func TestRefuseFootprintProperties(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(cdnServer()))
	from := func(cdni string, more object) object {
		return object{"resource": list{object{"resource-id": "x", "resource-type": "ietf-alto:property-map", "alto-propmap-params": object{
			"altoam-algorithm-from-cdni:from-cdni": with(object{"cdni": cdni}, more),
		}}}}
	}
	for name, edit := range map[string]object{
		"cdni":   from("my-default-networkmap", nil),
		"pid-of": from("my-default-cdnifci", object{"pid-of": list{"my-default-cdnifci"}}),
	} {
		if err := l.merge(edit); err == nil || !strings.Contains(err.Error(), "The resource is not a") {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.must(l.merge(from("my-default-cdnifci", object{"pid-of": list{"my-default-networkmap"}})))
	const at = "/resource[resource-id='my-default-cdnifci']/alto-cdni-params"
	for value, footprint := range map[string]object{
		`"US"`: footprint("countrycode", "US"), `"64496"`: footprint("asn", "64496"), `"us"`: footprint("subdivisioncode", "us"), `"pid9"`: footprint("altopid", "pid9"),
	} {
		l.refusal(l.merge(object{"data-source": list{static("cdn", object{"cdni-advertisement": list{protocols("d", "Delivery", `"x"`, footprint)}})}}), rpcerr.InvalidValue, at, value)
	}
}
