package shortestpath

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

func TestPaths(t *testing.T) {
	g, m := square(t)
	p, anes, err := paths(t.Context(), g, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		want     []string
		ok       bool
	}{
		{"A", "D", []string{"ab", "bd"}, true},
		{"A", "C", []string{"a2c"}, true}, // from the nearer of two routers
		{"C", "D", []string{"cd"}, true},
		{"A", "A", nil, true},
		{"D", "A", nil, false},
		{"A", "rest", nil, false},
	} {
		if got, ok := p.Path(c.from, c.to); ok != c.ok || !slices.Equal(got, c.want) {
			t.Errorf("from %s to %s: %v, %v, want %v", c.from, c.to, got, ok, c.want)
		}
	}
	var got []string
	for _, x := range anes.Mappings() {
		got = append(got, x.Domain+" "+strings.Join(x.Properties, " "))
	}
	if want := ".ane bw-residual delay-ow lossrate max-reservable-bandwidth"; len(got) != 1 || got[0] != want {
		t.Errorf("elements have %q, want %q", got, want)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := paths(cancelled, g, m); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after cancellation", err)
	}
}

// TestElementNames: what ALTO cannot name gets a name that stays the same.
func TestElementNames(t *testing.T) {
	prefix := netip.MustParsePrefix("10.0.0.0/8")
	g, err := graph.New([]graph.Node{{Name: "a", Prefixes: []netip.Prefix{prefix}}, {Name: "b"}}, []graph.Link{
		{Name: "a,b", From: "a", To: "b"}, {Name: "a:b", From: "a", To: "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	names := elementNames(g)
	for _, name := range names {
		if err := alto.CheckPIDName(name); err != nil {
			t.Error(err)
		}
	}
	if names[0] == names[1] || names[1] != "a:b" || !slices.Equal(names, elementNames(g)) {
		t.Errorf("names %q", names)
	}
}

// TestComputePaths: paths and numbers come from the same routes.
func TestComputePaths(t *testing.T) {
	g, m := square(t)
	source, id := "igp", "net"
	in := driver.Input{
		PlanInput: driver.PlanInput{
			Resource: &driver.Resource{AltoCostmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams{
				CostTypeName: []string{"pv", "num"},
				ShortestPath: &gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams_ShortestPath{Source: &source, NetworkMap: &id},
			}},
			Kind: func(string) (driver.Kind, bool) { return driver.NetworkMap, true },
		},
		CostTypes: map[string]alto.CostType{"num": {Mode: "numerical", Metric: "hopcount"}, "pv": {Mode: "array", Metric: "ane-path"}},
		Sources:   map[string]*driver.Data{"igp": {Graph: g}}, Outputs: map[string]*driver.Output{"net": {Map: m}},
	}
	a := algorithm{"alto-costmap-params/x", func(r *driver.Resource) params { return r.AltoCostmapParams.ShortestPath }}
	out, err := a.compute(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if out.Paths["pv"] == nil || out.Costs["pv"] != nil || out.ANEs == nil {
		t.Fatalf("output %+v", out)
	}
	for _, s := range m.Names() {
		for _, d := range m.Names() {
			path, ok := out.Paths["pv"].Path(s, d)
			hops, also := out.Costs["num"].Cost(s, d)
			if ok != also || ok && float64(len(path)) != hops {
				t.Errorf("from %s to %s: path %v (%v), %v hops (%v)", s, d, path, ok, hops, also)
			}
		}
	}
}
