package shortestpath

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

// square is four routers: a to b to d is cheap and long, a to c to d dear and short of
// delay; nothing leaves d, and e is alone. PID "A" has a and a2, which are not linked.
func square(t *testing.T) (*graph.Graph, *alto.NetworkMap) {
	t.Helper()
	var nodes []graph.Node
	var pids []alto.PID
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		prefix := netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i))
		nodes = append(nodes, graph.Node{Name: name, Prefixes: []netip.Prefix{prefix}})
		pids = append(pids, alto.PID{Name: strings.ToUpper(name), Prefixes: []netip.Prefix{prefix}})
	}
	second := netip.MustParsePrefix("10.0.9.0/24")
	nodes = append(nodes, graph.Node{Name: "a2", Prefixes: []netip.Prefix{second}})
	pids[0].Prefixes = append(pids[0].Prefixes, second)
	pids = append(pids, alto.PID{Name: "rest", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}})
	link := func(name string, metric, delay, bandwidth, loss float64) graph.Link {
		return graph.Link{Name: name, From: name[:1], To: name[1:], Metric: metric, Values: map[string]float64{"delay-ow": delay, "bw-residual": bandwidth, "lossrate": loss}}
	}
	g, err := graph.New(nodes, []graph.Link{
		link("ab", 1, 100, 5e9, 0.5), link("bd", 1, 100, 2e9, 0.5), link("ac", 5, 10, 9e9, 0), link("cd", 5, 10, 9e9, 0),
		{Name: "a2c", From: "a2", To: "c", Metric: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := alto.NewNetworkMap(pids)
	if err != nil {
		t.Fatal(err)
	}
	return g, m
}

func TestCosts(t *testing.T) {
	g, m := square(t)
	byMetric := map[string]*alto.CostMatrix{"routingcost": nil, "hopcount": nil, "delay-ow": nil, "bw-residual": nil, "lossrate": nil}
	if err := fill(t.Context(), byMetric, g, m); err != nil {
		t.Fatal(err)
	}
	none := math.NaN()
	for _, c := range []struct {
		from, to                           string
		routing, hops, delay, narrow, lost float64
	}{
		{"A", "A", 0, 0, 0, none, 0},
		{"A", "B", 1, 1, 100, 5e9, 0.5},
		{"A", "D", 2, 2, 200, 2e9, 0.75},
		{"A", "C", 1, 1, none, none, none}, // from a2, by a link of which nothing is known
		{"C", "D", 5, 1, 10, 9e9, 0},
		{"D", "A", none, none, none, none, none},
		{"E", "E", 0, 0, 0, none, 0},
		{"A", "rest", none, none, none, none, none},
	} {
		for metric, want := range map[string]float64{"routingcost": c.routing, "hopcount": c.hops, "delay-ow": c.delay, "bw-residual": c.narrow, "lossrate": c.lost} {
			got, ok := byMetric[metric].Cost(c.from, c.to)
			if ok == math.IsNaN(want) || ok && got != want {
				t.Errorf("%s from %s to %s: %v, %v, want %v", metric, c.from, c.to, got, ok, want)
			}
		}
	}
	if err := fill(t.Context(), map[string]*alto.CostMatrix{"priv:mood": nil}, g, m); err == nil || !strings.Contains(err.Error(), `tells nothing of metric "priv:mood"`) {
		t.Errorf("error %v", err)
	}
}

func TestCompute(t *testing.T) {
	g, m := square(t)
	source, id := "igp", "net"
	resource := &driver.Resource{AltoCostmapParams: &gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams{
		CostTypeName: []string{"num", "ord"},
		ShortestPath: &gen.IETFAlto_Alto_AltoServer_Resource_AltoCostmapParams_ShortestPath{Source: &source, NetworkMap: &id},
	}}
	a := algorithm{"alto-costmap-params/x", func(r *driver.Resource) params { return r.AltoCostmapParams.ShortestPath }}
	in := driver.Input{
		PlanInput: driver.PlanInput{Resource: resource, Kind: func(string) (driver.Kind, bool) { return driver.NetworkMap, true }},
		CostTypes: map[string]alto.CostType{"num": {Mode: "numerical", Metric: "routingcost"}, "ord": {Mode: "ordinal", Metric: "routingcost"}},
		Sources:   map[string]*driver.Data{"igp": {Graph: g}}, Outputs: map[string]*driver.Output{"net": {Map: m}},
	}
	out, err := a.compute(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"num": 5, "ord": 4} { // ranks of 0, 1, 2, 5
		if c, ok := out.Costs[name].Cost("C", "D"); !ok || c != want {
			t.Errorf("cost type %s: %v, %v, want %v", name, c, ok, want)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.compute(cancelled, in); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after cancellation", err)
	}
	in.Sources["igp"] = new(driver.Data)
	if _, err := a.compute(t.Context(), in); err == nil || err.Error() != `alto-costmap-params/x/source: source "igp" has no topology` {
		t.Errorf("error %v", err)
	}
}

// BenchmarkFill is a network of the largest deployment's size: 1 700 PIDs on as many
// routers with six links each.
func BenchmarkFill(b *testing.B) {
	const n = 1700
	random := rand.New(rand.NewPCG(1, 2))
	var nodes []graph.Node
	var links []graph.Link
	var pids []alto.PID
	for i := range n {
		prefix := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)
		nodes = append(nodes, graph.Node{Name: fmt.Sprint("r", i), Prefixes: []netip.Prefix{prefix}})
		pids = append(pids, alto.PID{Name: fmt.Sprint("p", i), Prefixes: []netip.Prefix{prefix}})
		for j := range 6 {
			links = append(links, graph.Link{Name: fmt.Sprint(i, "-", j), From: nodes[i].Name, To: fmt.Sprint("r", random.IntN(n)), Metric: float64(1 + random.IntN(100))})
		}
	}
	pids[0].Prefixes = append(pids[0].Prefixes, netip.MustParsePrefix("0.0.0.0/0"))
	g, err := graph.New(nodes, links)
	if err != nil {
		b.Fatal(err)
	}
	m, err := alto.NewNetworkMap(pids)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		if err := fill(b.Context(), map[string]*alto.CostMatrix{"routingcost": nil, "hopcount": nil}, g, m); err != nil {
			b.Fatal(err)
		}
	}
}
