package agent_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/alto/client"
)

// extensionsLab serves examples/extensions.json.
func extensionsLab(t *testing.T) *lab {
	t.Helper()
	text, err := os.ReadFile("../examples/extensions.json")
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]struct {
		Server object `json:"alto-server"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	server := config["ietf-alto:alto"].Server
	server["listen"] = object{"http": httpStack(0)}
	l := newLab(t)
	l.must(l.merge(server))
	return l
}

// extensionInputs are what clients ask of the resources of examples/extensions.json that
// take parameters.
var extensionInputs = map[string]object{
	"my-default-network-map-filtered":     {"pids": list{"PID1"}},
	"numerical-routing-cost-map-filtered": {"cost-type": costOf("routingcost"), "constraints": list{"le 5"}},
	"multi":                               {"multi-cost-types": list{costOf("hopcount"), costOf("delay-ow:p95")}, "testable-cost-types": list{costOf("routingcost")}, "or-constraints": list{list{"[0] le 1"}, list{"[0] ge 15"}}},
	"day-filtered":                        {"cost-type": costOf("delay-rt"), "calendared": list{true}},
	"paths":                               {"multi-cost-types": list{pathCosts, costOf("routingcost")}, "ane-property-names": list{"persistent-entity-id"}},
	"endpoint-property":                   {"properties": list{"ISP"}, "endpoints": list{"ipv4:192.0.2.3"}},
	"endpoint-cost":                       {"multi-cost-types": list{costOf("hopcount"), costOf("delay-rt")}, "calendared": list{false, true}, "endpoints": extensionEndpoints},
	"endpoint-paths":                      {"cost-type": pathCosts, "endpoints": extensionEndpoints, "ane-property-names": list{"max-reservable-bandwidth"}},
	"entities-filtered":                   {"entities": list{"ipv4:192.0.2.3"}, "properties": list{"ISP", "state"}},
	"footprints-filtered":                 {"entities": list{"ipv4:192.0.2.7"}, "properties": list{"cdn.cdni-capabilities"}},
	"cdn-filtered":                        {"cdni-capabilities": list{}},
}

var (
	pathCosts          = object{"cost-mode": "array", "cost-metric": "ane-path"}
	extensionEndpoints = object{"srcs": list{"ipv4:192.0.2.1"}, "dsts": list{"ipv4:198.51.100.200"}}
)

func costOf(metric string) object { return object{"cost-mode": "numerical", "cost-metric": metric} }

// TestExtensionsExample has a client go through everything that examples/extensions.json
// offers: each resource, a stream of updates to all of them and a view of each.
func TestExtensionsExample(t *testing.T) {
	l := extensionsLab(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := &client.Client{HTTP: http.DefaultClient}
	results, err := c.Walk(ctx, l.base()+"directory", func(client.Entry) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil || r.Skipped != (r.ID == "updates") {
			t.Errorf("%s: skipped %t, %v", r.ID, r.Skipped, r.Err)
		}
	}
	d, err := c.Directory(ctx, l.base()+"directory")
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, e := range d.Entries {
		if e.Accepts != "" && e.ID != "updates" && e.ID != "views" {
			asked = append(asked, e.ID)
		}
	}
	if known := slices.Sorted(maps.Keys(extensionInputs)); !slices.Equal(known, asked) {
		t.Errorf("%q take parameters, the test knows them of %q", asked, known)
	}
	l.streamExtensions(ctx, c, d)
	l.viewExtensions(ctx, c, d)
}

func extensionOf(id string) client.Substream {
	s := client.Substream{Resource: id}
	if input, ok := extensionInputs[id]; ok {
		s.Input = input
	}
	return s
}

// streamExtensions opens a stream about all resources, and changes a cost.
func (l *lab) streamExtensions(ctx context.Context, c *client.Client, d *client.Directory) {
	l.Helper()
	updates, _ := d.Entry("updates")
	add := make(map[string]client.Substream)
	for _, id := range updates.Uses {
		add[id] = extensionOf(id)
	}
	if len(add) != len(d.Entries)-2 {
		l.Errorf("updates to %q of %d resources", updates.Uses, len(d.Entries))
	}
	s, err := c.Stream(ctx, updates, add)
	if err != nil {
		l.Fatal(err)
	}
	defer s.Close()
	next := func() client.Event {
		e, err := s.Next()
		if err != nil {
			l.Fatal(err)
		}
		return e
	}
	for len(add) > 0 {
		delete(add, next().ID)
	}
	l.must(l.merge(object{"data-source": list{static("lab", object{
		"cost-table": list{object{"metric": "hopcount", "mode": "numerical", "cost": list{cost("PID1", "PID2", "7")}}},
	})}}))
	for _, want := range []string{"endpoint-cost"} {
		if e := next(); e.ID != want || !strings.Contains(string(e.Data), "7") {
			l.Errorf("%s %s, want %s with 7", e.ID, e.Data, want)
		}
	}
}

// viewExtensions takes the snapshot of each view.
func (l *lab) viewExtensions(ctx context.Context, c *client.Client, d *client.Directory) {
	l.Helper()
	views, _ := d.Entry("views")
	for _, id := range views.Uses {
		v, err := c.View(ctx, views, extensionOf(id))
		if err != nil {
			l.Errorf("%s: %v", id, err)
			continue
		}
		e, ok := d.Entry(id)
		if got, err := v.Next(ctx); err != nil || !ok || got.Media != e.Media {
			l.Errorf("%s: %s, %v", id, got.Media, err)
		}
	}
	if len(views.Uses) != len(d.Entries)-4 { // all but paths, updates and views
		l.Errorf("views of %q of %d resources", views.Uses, len(d.Entries))
	}
}
