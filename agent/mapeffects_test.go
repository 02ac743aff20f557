package agent_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/history"
	"github.com/google/go-cmp/cmp"
)

// effects are those that dry-run tells of a change, in JSON, by resource.
func (l *lab) effects(server object) map[string]object {
	l.Helper()
	x := l.session()
	out := x.TryEdit(ctx, l.change(edit.Merge, server), datastore.EditOptions{})
	tree, err := history.Report(l.store)(ctx, x, out)
	l.must(err)
	var text bytes.Buffer
	l.must(codec.EncodeJSON(&text, tree, codec.EncodeOptions{}))
	var content struct {
		Effect []object `json:"effect"`
	}
	if err := json.Unmarshal(text.Bytes(), &content); err != nil {
		l.Fatalf("%v: %s", err, text.Bytes())
	}
	by := make(map[string]object)
	for _, e := range content.Effect {
		id, _ := e["resource"].(string)
		by[id] = e
	}
	return by
}

// TestMapEffects has a dry run tell what becomes of the maps.
func TestMapEffects(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	body := l.body("networkmap/net")
	got := l.effects(object{"data-source": list{static("campus", object{
		"pid": list{pid("branch", "198.51.100.0/24"), pid("lan", "203.0.113.0/24")},
		"cost-table": list{object{"metric": "routingcost", "mode": "numerical", "cost": list{
			cost("lan", "world", "9"), cost("branch", "lan", "2"), cost("world", "lan", "7.75"),
		}}},
		"entity": list{object{"domain": "ipv4", "name": "192.0.2.1", "property": list{object{"name": "rack", "value": "r2"}}}},
	})}})
	want := map[string]object{
		"net": {"altoam-map-change:network-map": object{
			"pids-before": 2.0, "pids-after": 3.0, "pids-added": 1.0, "pids-removed": 0.0, "pids-changed": 1.0,
			"prefixes-before": 4.0, "prefixes-after": 6.0, "prefixes-added": 2.0, "prefixes-removed": 0.0, "prefixes-moved": 0.0,
			"pid": list{
				object{"name": "branch", "operation": "added", "prefixes-after": 1.0},
				object{"name": "lan", "operation": "changed", "prefixes-before": 2.0, "prefixes-after": 3.0},
			},
			"prefix": list{
				object{"prefix": "198.51.100.0/24", "operation": "added", "pid-before": "world", "pid-after": "branch"},
				object{"prefix": "203.0.113.0/24", "operation": "added", "pid-before": "world", "pid-after": "lan"},
			},
		}},
		"rc": {"altoam-map-change:costs": list{object{
			"cost-type-name": "num", "pairs-before": "3", "pairs-after": "4", "pairs-added": "1", "pairs-removed": "0", "pairs-changed": "2",
			"share": "75.0", "least": "-0.25", "most": "1.5", "mean": "0.625",
			"pair": list{
				object{"source": "branch", "destination": "lan", "operation": "added", "after": "2"},
				object{"source": "lan", "destination": "world", "operation": "changed", "before": "7.5", "after": "9"},
				object{"source": "world", "destination": "lan", "operation": "changed", "before": "8", "after": "7.75"},
			},
		}}},
		"map": {"altoam-map-change:property-map": object{
			"entities-before": 2.0, "entities-after": 2.0, "entities-added": 0.0, "entities-removed": 0.0, "entities-changed": 1.0,
			"entity": list{object{"name": "ipv4:192.0.2.1", "operation": "changed"}},
		}},
		"props": {"altoam-map-change:property-map": object{
			"entities-before": 2.0, "entities-after": 2.0, "entities-added": 0.0, "entities-removed": 0.0, "entities-changed": 1.0,
			"entity": list{object{"name": "ipv4:192.0.2.1", "operation": "changed"}},
		}},
		"net-filtered": {}, "rc-filtered": {}, "map-filtered": {},
	}
	for id, want := range want {
		e := got[id]
		if e == nil {
			t.Errorf("no effect on %s", id)
		}
		delete(e, "action")
		delete(e, "resource")
		delete(e, "detail")
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("effect on %s (-want +got):\n%s", id, diff)
		}
	}
	costs, _ := got["both"]["altoam-map-change:costs"].(list)
	if len(costs) != 2 {
		t.Errorf("%d cost types of a cost map with two differ: %v", len(costs), costs)
	}
	if now := l.body("networkmap/net"); now != body {
		t.Errorf("the dry run changed the map: %s", now)
	}
}

// TestNoMapEffects has changes that leave the maps as they are, and new and deleted maps.
func TestNoMapEffects(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	got := l.effects(object{"resource": list{
		object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "description": "x"},
		networkMap("second", "campus", nil),
	}})
	if e := got["net"]; e == nil || e["altoam-map-change:network-map"] != nil {
		t.Errorf("effect of a description: %v", e)
	}
	made, _ := got["second"]["altoam-map-change:network-map"].(object)
	if made["pids-added"] != 2.0 || made["prefixes-added"] != 4.0 || made["pids-before"] != 0.0 {
		t.Errorf("effect of a new map: %v", got["second"])
	}
}
