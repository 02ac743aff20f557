package agent

import (
	"net/netip"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/go-json-experiment/json/jsontext"
)

// TestKeptData keeps data with every field set: what is read is what was written. A field
// that is added to driver.Data has to be kept too.
func TestKeptData(t *testing.T) {
	costs, err := alto.NewCostMatrix([]string{"a", "b"}, []float64{1, alto.NoCost(), 2.5, 0})
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.New([]graph.Node{{Name: "r1"}, {Name: "r2", Place: &graph.Place{Latitude: 1}}},
		[]graph.Link{{Name: "l", From: "r1", To: "r2", Metric: 3, Values: map[string]float64{"delay-ow": 7}}})
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := alto.NewCostSchedule(time.Hour, alto.CostPattern{Start: time.Unix(3600, 0).UTC(), Iterations: 2, Values: []*alto.CostMatrix{costs, costs}})
	if err != nil {
		t.Fatal(err)
	}
	paths, err := driver.NewPaths([]driver.Path{{Source: "a", Destination: "b", ANEs: []string{"n1", "n2"}}, {Source: "b", Destination: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &driver.Data{
		Paths:     paths,
		Calendars: []driver.CostCalendar{{Mode: "numerical", Metric: "routingcost", Costs: schedule}},
		PIDs: []driver.PID{{
			Name: "a", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
			Position: &driver.Position{Latitude: 50, Longitude: -1}, Properties: []alto.Property{{Name: "asn", Value: jsontext.Value(`64496`)}},
		}},
		NetworkMapTag: "t", Costs: []driver.CostTable{{Mode: "numerical", Metric: "routingcost", Costs: costs}},
		Entities:       []alto.Entity{{Domain: "ipv4", Name: "192.0.2.1", Properties: []alto.Property{{Name: "p", Value: jsontext.Value(`{"a":[1]}`)}}}},
		Advertisements: []jsontext.Value{jsontext.Value(`{"capability-type":"x"}`)}, Graph: g, Path: []string{"a"},
		Conflicts: []driver.Conflict{{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Claimants: []string{"a", "b"}, Winner: "a"}},
		Skipped:   []driver.Skipped{{Location: "l", Value: "v", Reason: "r"}},
	}
	for v, i := reflect.ValueOf(want).Elem(), 0; i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("the test has no %s", v.Type().Field(i).Name)
		}
	}
	k := &keeping{dir: filepath.Join(t.TempDir(), "state")}
	config, at := [32]byte{1}, time.Unix(1_700_000_000, 0)
	if err := k.saveData("s/../x", config, at, want); err != nil {
		t.Fatal(err)
	}
	got, when, err := k.loadData("s/../x", config)
	if err != nil || !when.Equal(at) {
		t.Fatalf("%v, read at %s", err, when)
	}
	if got.Costs[0].Costs.Tag() != costs.Tag() {
		t.Error("other costs")
	}
	if got.Calendars[0].Costs.Tag() != schedule.Tag() {
		t.Error("another calendar")
	}
	if got.Paths.Tag() != paths.Tag() {
		t.Error("other paths")
	}
	got.Costs[0].Costs, got.Calendars[0].Costs, got.Paths = costs, schedule, paths
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	for _, x := range []struct {
		id     string
		config [32]byte
	}{{"s", config}, {"s/../x", [32]byte{2}}} {
		if got, _, err := k.loadData(x.id, x.config); got != nil || err != nil {
			t.Errorf("%q: %v %v, want nothing of another source or configuration", x.id, got, err)
		}
	}
}
