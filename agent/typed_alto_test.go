package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	_ "github.com/altoam/altoam/agent/drivers/all"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/gen"
	"github.com/altoam/altoam/yang"
)

// altoSchema is the schema of the ALTO server with all drivers.
var altoSchema = sync.OnceValues(func() (*yang.Schema, error) {
	o := yang.Options{Implement: []yang.ModuleSpec{{Name: "ietf-alto"}, {Name: "ietf-alto-stats"}, {Name: "altoam-source"}}}
	for _, name := range driver.ModuleNames() {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: name})
	}
	return yang.Compile(yang.Builtin().With(driver.Modules()...), o)
})

func serverOf(t *testing.T, text string) *gen.IETFAlto_Alto_AltoServer {
	t.Helper()
	s, err := altoSchema()
	if err != nil {
		t.Fatal(err)
	}
	d := instance.JSON(t, s, text)
	root := new(gen.IETFAlto_Alto)
	if err := Fill(root, d.Root().Child(s.Root.Child("ietf-alto", "alto"))); err != nil {
		t.Fatal(err)
	}
	return root.AltoServer
}

// pipeline computes resources as the agent does, in the order in which they need
// each other.
type pipeline struct {
	server  *gen.IETFAlto_Alto_AltoServer
	sources map[string]*driver.Data
	outputs map[string]*driver.Output
}

func newPipeline(t *testing.T, server *gen.IETFAlto_Alto_AltoServer) *pipeline {
	t.Helper()
	p := &pipeline{server, map[string]*driver.Data{}, map[string]*driver.Output{}}
	identities := map[gen.E_IETFAlto_SourceType]string{gen.IETFAlto_SourceType_static: "altoam-source-static:static"}
	for id, c := range server.DataSource {
		s, err := driver.SourceTypeOf(identities[c.SourceType]).New(t.Context(), driver.SourceConfig{ID: id, Params: c.SourceParams})
		if err != nil {
			t.Fatal(err)
		}
		p.sources[id], _ = s.Snapshot()
	}
	return p
}

func (p *pipeline) compute(id string) (*driver.Output, error) {
	if out := p.outputs[id]; out != nil {
		return out, nil
	}
	r := p.server.Resource[id]
	a := driver.AlgorithmOf(r)
	if a == nil {
		return nil, fmt.Errorf("resource %s has no algorithm", id)
	}
	in := driver.Input{PlanInput: driver.PlanInput{Resource: r, Kind: func(id string) (driver.Kind, bool) {
		if other := p.server.Resource[id]; other != nil && driver.AlgorithmOf(other) != nil {
			return driver.AlgorithmOf(other).Kind, true
		}
		return 0, false
	}}}
	needs, err := a.Plan(in.PlanInput)
	if err != nil {
		return nil, err
	}
	in.Sources, in.Outputs = p.sources, map[string]*driver.Output{}
	in.CostTypes = map[string]alto.CostType{
		"num": {Name: "num", Mode: alto.ModeNumerical, Metric: "routingcost"},
		"ord": {Name: "ord", Mode: alto.ModeOrdinal, Metric: "routingcost"},
		"hop": {Name: "hop", Mode: alto.ModeNumerical, Metric: "hopcount"},
	}
	for _, need := range needs.Resources {
		if in.Outputs[need], err = p.compute(need); err != nil {
			return nil, err
		}
	}
	out, err := a.Compute(context.Background(), in)
	p.outputs[id] = &out
	return &out, err
}

func TestAlgorithms(t *testing.T) {
	text, err := os.ReadFile("testdata/algorithms.json")
	if err != nil {
		t.Fatal(err)
	}
	p := newPipeline(t, serverOf(t, string(text)))
	must := func(id string) *driver.Output {
		t.Helper()
		out, err := p.compute(id)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return out
	}
	cost := func(out *driver.Output, name, s, d string, want float64) {
		t.Helper()
		if got, ok := out.Costs[name].Cost(s, d); !ok || got != want {
			t.Errorf("cost %s from %s to %s is %v, %v, want %v", name, s, d, got, ok, want)
		}
	}

	network := must("map")
	if got := strings.Join(network.Map.Names(), " "); got != "east rest west" || network.Map.NumPrefixes() != 5 || len(network.Positions) != 2 {
		t.Errorf("network map has PIDs %s, %d prefixes, %d positions", got, network.Map.NumPrefixes(), len(network.Positions))
	}
	costs := must("costs")
	cost(costs, "num", "east", "west", 7.5)
	cost(costs, "ord", "east", "west", 3)
	cost(costs, "ord", "east", "east", 1)
	if costs.NetworkMap != "map" || costs.Map != network.Map {
		t.Errorf("costs are about %q", costs.NetworkMap)
	}
	distances := must("distances")
	cost(distances, "num", "east", "west", 10008)
	cost(distances, "num", "east", "east", 0)
	cost(distances, "ord", "east", "west", 2)
	if _, ok := distances.Costs["num"].Cost("east", "rest"); ok {
		t.Error("a PID without position has a distance")
	}
	cost(must("endpoint-costs"), "num", "east", "west", 7.5)
	cost(must("endpoint-distances"), "num", "west", "east", 10008)
	if m := must("endpoint-costs").Map; m != network.Map {
		t.Error("endpoint costs have another network map")
	}
	if values := must("endpoint-properties").Properties; values.NumEntities() != 4 {
		t.Errorf("%d entities with endpoint properties, want the endpoint and three prefixes", values.NumEntities())
	}
	properties := must("properties").Properties.Mappings()
	if got := fmt.Sprint(properties); got != "[{ipv4 [isp]} {map.pid [isp]}]" {
		t.Errorf("property map has %s", got)
	}
	if got := len(must("cdn").Advertisements); got != 1 {
		t.Errorf("%d advertisement objects, want 1", got)
	}
	if got := strings.Join(must("stream").Covers, " "); got != "costs map" {
		t.Errorf("stream covers %s", got)
	}
}

// TestAlgorithmsRefuse: each change gives a configuration that validation would
// accept and an algorithm refuses, at the leaf that is to be mended.
func TestAlgorithmsRefuse(t *testing.T) {
	const (
		fromSource  = "altoam-algorithm-from-source:from-source/"
		geoDistance = "altoam-algorithm-geo-distance:geo-distance/"
		fromMap     = "altoam-algorithm-from-map:from-map/"
	)
	text, err := os.ReadFile("testdata/algorithms.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, resource string
		change         func(*gen.IETFAlto_Alto_AltoServer)
		leaf, message  string
	}{
		{"incomplete map", "map", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["map"].AltoNetworkmapParams.FromSource.DefaultPid = nil
		}, "alto-networkmap-params/" + fromSource + "default-pid", "incomplete"},
		{"no such costs", "costs", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["costs"].AltoCostmapParams.CostTypeName = []string{"hop"}
		}, "alto-costmap-params/" + fromSource + "source", `metric "hopcount"`},
		{"unknown PID", "costs", func(s *gen.IETFAlto_Alto_AltoServer) {
			delete(s.DataSource["lab"].SourceParams.Static.Pid, "west")
		}, "alto-costmap-params/" + fromSource + "source", `PID "west"`},
		{"no network map", "costs", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["costs"].Dependency = nil
		}, "alto-costmap-params/" + fromSource + "network-map", "expected one"},
		{"no network map for distances", "endpoint-distances", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["endpoint-distances"].Dependency = []string{"costs"}
		}, "alto-endpointcost-params/" + geoDistance + "network-map", "expected one"},
		{"no positions", "distances", func(s *gen.IETFAlto_Alto_AltoServer) {
			for _, p := range s.DataSource["lab"].SourceParams.Static.Pid {
				p.Position = nil
			}
		}, "alto-costmap-params/" + geoDistance + "network-map", "has a position"},
		{"cost type not in the cost map", "endpoint-costs", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["endpoint-costs"].AltoEndpointcostParams.CostTypeName = []string{"hop"}
		}, "alto-endpointcost-params/" + fromMap + "cost-map", `cost type "hop"`},
		{"not a cost map", "endpoint-costs", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["endpoint-costs"].AltoEndpointcostParams.FromMap.CostMap = []string{"map"}
		}, "alto-endpointcost-params/" + fromMap + "cost-map[.='map']", "not a cost map"},
		{"property without source", "endpoint-properties", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["endpoint-properties"].AltoEndpointpropParams.FromSource.Source = nil
		}, "alto-endpointprop-params/" + fromSource + "source", `property "isp"`},
		{"PID of no network map", "endpoint-properties", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["endpoint-properties"].AltoEndpointpropParams.PropType = []string{"costs.pid"}
		}, "alto-endpointprop-params/prop-type[.='costs.pid']", "not a network map"},
		{"PID of whatever map", "endpoint-properties", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["endpoint-properties"].AltoEndpointpropParams.PropType = []string{"pid"}
		}, "alto-endpointprop-params/prop-type[.='pid']", "RESOURCE-ID.pid"},
		{"stream of nothing", "stream", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["stream"].Dependency = nil
		}, "dependency", "at least one"},
		{"stream of a stream", "stream", func(s *gen.IETFAlto_Alto_AltoServer) {
			s.Resource["stream"].Dependency = []string{"stream"}
		}, "dependency[.='stream']", "has no updates"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := serverOf(t, string(text))
			c.change(server)
			_, err := newPipeline(t, server).compute(c.resource)
			var fault *driver.ParamError
			if !errors.As(err, &fault) || fault.Leaf != c.leaf || !strings.Contains(fault.Message, c.message) {
				t.Errorf("error %v, want one at %s that says %q", err, c.leaf, c.message)
			}
		})
	}
}
