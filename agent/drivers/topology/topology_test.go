package topology

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/gen"
)

func openedFile(t *testing.T, path, network string) (driver.Source, error) {
	t.Helper()
	interval := uint32(1)
	p := &params{Path: &path, PollInterval: &interval}
	if network != "" {
		p.NetworkId = &network
	}
	return open(t.Context(), driver.SourceConfig{ID: "test", Params: &driver.SourceParams{Topology: p}})
}

func TestFile(t *testing.T) {
	s, err := openedFile(t, "testdata/topology.json", "isp")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := s.Snapshot()
	g := d.Graph
	if len(g.Nodes()) != 3 || len(g.Links()) != 2 || d.Records() != 5 {
		t.Fatalf("nodes %v, links %v", g.Nodes(), g.Links())
	}
	first := g.Nodes()[0]
	if first.Name != "10.0.0.1" || len(first.Prefixes) != 2 || first.Place == nil || first.Place.Latitude != 52.37 || first.Place.Longitude != 4.9 {
		t.Errorf("first node: %+v", first)
	}
	if second := g.Nodes()[1]; len(second.Prefixes) != 1 || second.Prefixes[0].String() != "192.0.2.128/25" {
		t.Errorf("second node: %+v", second)
	}
	if a, b := g.Links()[0], g.Links()[1]; a.Metric != 30 || a.Values["delay-ow"] != 1500.5 || b.Metric != 1 || b.Values != nil {
		t.Errorf("links: %+v, %+v", a, b)
	}
	var reasons []string
	for _, x := range d.Skipped {
		reasons = append(reasons, x.Reason)
	}
	want := []string{
		`"192.0.2.300/25" is not an IP prefix`, "the position is not on the earth", "the node has no node-id, or that of another one",
		"the link has no link-id, or that of another one", `the link leads from "10.0.0.2" to "10.0.0.9", which are not both nodes`, "the metric of the link is negative",
	}
	if got := strings.Join(reasons, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("skipped:\n%s", got)
	}
}

func TestFileErrors(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct{ text, network, want string }{
		"missing":     {"", "", "path: stat "},
		"empty":       {"\n", "", "path: "},
		"cut":         {`{"ietf-network:networks": {"network": [`, "", "path: "},
		"other":       {`{"network-map": {}}`, "", "path: the file has no member ietf-network:networks"},
		"no network":  {`{"ietf-network:networks": {}}`, "", "network-id: not the network: the file has 0 networks, so one must be named"},
		"which":       {`{"ietf-network:networks": {"network": [{"network-id": "a"}, {"network-id": "b"}]}}`, "", "network-id: not the network: the file has 2 networks"},
		"unknown":     {`{"ietf-network:networks": {"network": [{"network-id": "a"}]}}`, "x", `network-id: not the network: the file has no network "x"`},
		"no node":     {`{"ietf-network:networks": {"network": [{"network-id": "a"}]}}`, "", `path: network "a" has no node`},
		"wrong kind":  {`{"ietf-network:networks": {"network": 7}}`, "", "path: /ietf-network:networks/network holds a JSON value of kind number"},
		"not numeric": {`{"ietf-network:networks": {"network": [{"node": [{"node-id": "a", "altoam-source-topology:position": {"latitude": "north"}}]}]}}`, "", "latitude: \"north\" is not a number"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, strings.ReplaceAll(name, " ", "-"))
			if c.text != "" {
				if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := openedFile(t, path, c.network); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestFileChanges: a file that changes is read again; the last good topology outlives a bad
// one.
func TestFileChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	put := func(text string) {
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	put(`{"ietf-network:networks": {"network": [{"node": [{"node-id": "a"}]}]}}`)
	s, err := openedFile(t, path, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended, changed := make(chan error, 1), make(chan struct{}, 10)
	go func() { ended <- s.Run(ctx, func() { changed <- struct{}{} }) }()
	put(`{"ietf-network:networks": {"network": [{"node": [{"node-id": "a"}, {"node-id": "b"}]}]}}`)
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("the change was not seen")
	}
	if d, _ := s.Snapshot(); len(d.Graph.Nodes()) != 2 {
		t.Errorf("nodes: %v", d.Graph.Nodes())
	}
	put(`{"ietf-network:networks": {"netw`)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		d, status := s.Snapshot()
		if len(d.Graph.Nodes()) != 2 {
			t.Fatalf("nodes: %v", d.Graph.Nodes())
		}
		if status.Stale() {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the bad file was not seen")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestInline(t *testing.T) {
	text := func(s string) *string { return &s }
	number := func(n uint64) *uint64 { return &n }
	value := 7.5
	type (
		node = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Topology_Node
		link = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Topology_Link
	)
	p := &params{
		Node: map[string]*node{"a": {Name: text("a"), Prefix: []string{"192.0.2.1/24"}}, "b": {
			Name: text("b"), Position: &gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Topology_Node_Position{Latitude: &value, Longitude: &value},
		}},
		Link: map[string]*link{"ab": {
			Name: text("ab"), From: text("a"), To: text("b"), Metric: number(4),
			Value: map[string]*gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Topology_Link_Value{"delay-ow": {CostMetric: text("delay-ow"), Value: &value}},
		}},
	}
	s, err := open(t.Context(), driver.SourceConfig{Params: &driver.SourceParams{Topology: p}})
	if err != nil {
		t.Fatal(err)
	}
	d, _ := s.Snapshot()
	if g := d.Graph; len(g.Nodes()) != 2 || g.Nodes()[0].Prefixes[0].String() != "192.0.2.0/24" ||
		g.Nodes()[1].Place == nil || g.Nodes()[1].Place.Latitude != 7.5 || g.Links()[0].Metric != 4 || g.Links()[0].Values["delay-ow"] != 7.5 {
		t.Errorf("graph: %+v", g)
	}
	p.Node["b"].Prefix = []string{"x"}
	if _, err := open(t.Context(), driver.SourceConfig{Params: &driver.SourceParams{Topology: p}}); err == nil ||
		!strings.HasPrefix(err.Error(), `source-params/altoam-source-topology:topology/node[name='b']/prefix[.='x']: "x" is not an IP prefix`) {
		t.Errorf("error %v", err)
	}
}

func FuzzTopology(f *testing.F) {
	text, err := os.ReadFile("testdata/topology.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, "isp")
	f.Add([]byte(`{"ietf-network:networks":{"network":[{"network-id":"a","node":[{"node-id":"n"}],"ietf-network-topology:link":[{"link-id":"l","source":{"source-node":"n"},"destination":{"dest-node":"n"}}]}]}}`), "")
	f.Fuzz(func(t *testing.T, text []byte, id string) {
		g, _, err := parse(text, id)
		if (g == nil) != (err != nil) {
			t.Fatalf("graph %v and error %v", g, err)
		}
	})
}
