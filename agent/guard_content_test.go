package agent_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entitiesOf is a file with a property map of entities with one property.
func entitiesOf(value int, hosts ...int) string {
	var list []string
	for _, h := range hosts {
		list = append(list, fmt.Sprintf(`"ipv4:192.0.2.%d":{"rack":%d}`, h, value))
	}
	return `{"meta":{},"property-map":{` + strings.Join(list, ",") + `}}`
}

// objectsOf is a file with a CDNI advertisement of protocols.
func objectsOf(protocols ...string) string {
	var list []string
	for _, p := range protocols {
		list = append(list, fmt.Sprintf(`{"capability-type":"FCI.DeliveryProtocol","capability-value":{"delivery-protocols":[%q]}}`, p))
	}
	return `{"meta":{},"cdni-advertisement":{"capabilities-with-footprints":[` + strings.Join(list, ",") + `]}}`
}

// TestGuardContent: the guard judges property maps, endpoint properties and CDNI
// advertisements: what changes more than it may is held back until it is accepted.
func TestGuardContent(t *testing.T) {
	params := func(more object) object {
		return with(object{"altoam-algorithm-from-source:from-source": object{"source": "files"}}, more)
	}
	propertyMap := object{"resource-id": "x", "resource-type": "ietf-alto:property-map", "alto-propmap-params": params(nil)}
	endpoints := object{"resource-id": "x", "resource-type": "ietf-alto:endpoint-prop", "alto-endpointprop-params": params(object{"prop-type": list{"rack"}})}
	for name, c := range map[string]struct {
		resource                    object
		leaf                        string
		start, within, beyond       string
		before, after, changed, per string
	}{
		"property map":        {propertyMap, "entities", entitiesOf(1, 1, 2, 3, 4), entitiesOf(1, 1, 2, 3), entitiesOf(2, 1, 2, 3), "3", "3", "3", "100.0"},
		"endpoint properties": {endpoints, "entities", entitiesOf(1, 1, 2, 3, 4), entitiesOf(1, 1, 2, 3), entitiesOf(1, 3, 4, 5), "3", "3", "4", "80.0"},
		"advertisement":       {cdni("x", "files"), "objects", objectsOf("http/1.1", "https/1.1"), objectsOf("https/1.1"), objectsOf("http/1.1"), "1", "1", "2", "100.0"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			path := filepath.Join(t.TempDir(), "content.json")
			write(t, path, c.start)
			l.must(l.merge(object{
				"listen": listenHTTP(), "data-source": list{file("files", path)},
				"altoam-guard:guard": object{"max-changed-share": object{"entities": "1", "objects": "1"}}, // the resource's own counts
				"resource":           list{with(c.resource, object{"altoam-guard:guard": object{"max-changed-share": object{c.leaf: "50"}}})},
			}))
			replaceFile(t, path, c.within)
			l.eventually("data within the limit", func() bool { return l.sourceState("files", "records") != "" && l.served("x") == c.before })
			replaceFile(t, path, c.beyond)
			l.alarmed("/resource[resource-id='x']", "guard-tripped", "major ")
			got := map[string]string{}
			for _, leaf := range []string{"before", "after", "changed", "share"} {
				got[leaf] = l.held("x", c.leaf+"/"+leaf)
			}
			if diff := cmp.Diff(map[string]string{"before": c.before, "after": c.after, "changed": c.changed, "share": c.per}, got); diff != "" {
				t.Error(diff)
			}
			out, err := l.call(fmt.Sprintf(resourceAt, "x"), "accept", nil)
			l.must(err)
			if out.Root().Leaf("in-use").String() != "true" || l.served("x") != c.after {
				t.Errorf("what was accepted is not in use: %s are served", l.served("x"))
			}
		})
	}
}

// served is how many entries or objects a resource has.
func (l *lab) served(id string) string {
	l.Helper()
	at := "/ietf-alto:alto/alto-server/resource[resource-id='" + id + "']/ietf-alto-stats:resource-level-stats/"
	for _, leaf := range []string{"property-map-stats/num-map-entry", "endpoint-prop-stats/num-map-entry", "cdni-stats/num-base-obj"} {
		if n := l.operational(at + leaf); n != "" {
			return n
		}
	}
	return ""
}

// TestCDNIEffects: a dry run tells how many objects come and go, whatever their order.
func TestCDNIEffects(t *testing.T) {
	l := newLab(t)
	object1 := func(name, value string) object {
		return object{"name": name, "capability-type": "FCI.DeliveryProtocol", "capability-value": `{"delivery-protocols":["` + value + `"]}`}
	}
	source := func(objects ...any) object {
		return static("c", object{"cdni-advertisement": append(list{}, objects...)})
	}
	l.must(l.merge(object{"listen": listenHTTP(), "data-source": list{source(object1("a", "http/1.1"), object1("b", "https/1.1"))}, "resource": list{cdni("x", "c")}}))
	got, _ := l.effects(object{"data-source": list{source(object1("b", "http/2"), object1("c", "http/1.1"), object1("d", "quic"))}})["x"]["altoam-map-change:cdni"].(object)
	if diff := cmp.Diff(object{"objects-before": 2.0, "objects-after": 4.0, "objects-added": 3.0, "objects-removed": 1.0}, got); diff != "" {
		t.Error(diff)
	}
	if e := l.effects(object{"resource": list{with(cdni("x", "c"), object{"description": "other"})}})["x"]; e["altoam-map-change:cdni"] != nil {
		t.Errorf("effect of a description: %v", e)
	}
}
