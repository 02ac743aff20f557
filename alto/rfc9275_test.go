package alto

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// pathMatrix builds paths from "SOURCE DESTINATION ANE…" lines.
func pathMatrix(t testing.TB, pids []string, lines ...string) *PathMatrix {
	t.Helper()
	b, err := NewPathBuilder(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		words := strings.Fields(line)
		if err := b.Add(words[0], words[1], words[2:]); err != nil {
			t.Fatal(err)
		}
	}
	return b.Build()
}

// rfc9275Config is the network of Sections 8.1 and 8.2. The second endpoint service
// aggregates NET1 with L1 and NET2 with L2, as the obfuscated response does.
func rfc9275Config(t testing.TB) Config {
	pids := []string{"PID1", "PID2", "PID3", "PID4"}
	m := networkMap(t, "c04bc5da49534274a6daeee8ea1dec62", "PID1 192.0.2.0/28", "PID2 192.0.2.16/28",
		"PID3 192.0.2.32/28 2001:db8:0:0:0:0:3:0/112", "PID4 192.0.2.48/28 2001:db8:0:0:0:0:4:0/112", "rest 0.0.0.0/0 ::/0")
	links := pathMatrix(t, pids, "PID1 PID3 L1", "PID1 PID4 L1 L2")
	whole := pathMatrix(t, pids, "PID3 PID1 NET3 L1 NET1", "PID3 PID4 NET3 L2 NET2")
	aggregated := pathMatrix(t, pids, "PID3 PID1 NET3 AGGR1", "PID3 PID4 NET3 AGGR2")
	cells := NewCosts(4)
	cells[2*4], cells[2*4+3] = 3, 2
	hops, err := NewCostMatrix(pids, cells)
	if err != nil {
		t.Fatal(err)
	}
	anes := properties(t, `.ane NET1 max-reservable-bandwidth=50000000000 persistent-entity-id="ane-props.ane:MEC1"`,
		`.ane NET2 max-reservable-bandwidth=50000000000 persistent-entity-id="ane-props.ane:MEC2"`,
		`.ane NET3 max-reservable-bandwidth=50000000000`, `.ane L1 max-reservable-bandwidth=10000000000`, `.ane L2 max-reservable-bandwidth=15000000000`,
		`.ane AGGR1 max-reservable-bandwidth=10000000000 persistent-entity-id="ane-props.ane:MEC1"`,
		`.ane AGGR2 max-reservable-bandwidth=15000000000 persistent-entity-id="ane-props.ane:MEC2"`)
	both := []string{"max-reservable-bandwidth", "persistent-entity-id"}
	endpoints := func(paths *PathMatrix) PathVectorEndpointCosts {
		return PathVectorEndpointCosts{EndpointCosts{Map: m}, PathVectors{"path-vector", paths, anes, both, true}}
	}
	multi := endpoints(aggregated)
	multi.Offers = []CostOffer{{"num-rc", hops}}
	multi.CostCapabilities = CostCapabilities{MaxCostTypes: 2, Testable: []string{"num-rc"}}
	return Config{
		BaseURI: "https://alto.example.com/",
		CostTypes: []CostType{
			{Name: "path-vector", Mode: ModeArray, Metric: MetricANEPath}, {Name: "num-rc", Mode: ModeNumerical, Metric: "routingcost"},
		},
		Resources: []*Resource{
			{ID: "my-default-networkmap", Path: "networkmap", Service: FullNetworkMap{Map: m}},
			{ID: "filtered-cost-map-pv", Path: "costmap/pv", Service: PathVectorCostMap{
				FilteredCostMap{NetworkMap: "my-default-networkmap"}, PathVectors{"path-vector", links, anes, both[:1], true},
			}},
			{ID: "ane-props", Path: "ane-props", Service: FilteredPropertyMap{Map: properties(t, `.ane MEC1 cpu=8`, `.ane MEC2 cpu=16`)}},
			{ID: "endpoint-cost-pv", Path: "endpointcost/pv", Service: endpoints(whole)},
			{ID: "endpoint-cost-agg", Path: "endpointcost/agg", Service: endpoints(aggregated)},
			{ID: "multicost-pv", Path: "endpointcost/mcpv", Service: multi},
		},
	}
}

// related reads a multipart response and checks what holds for all of them: two parts
// with Content-IDs, of which the second depends on the version of the first.
func related(t *testing.T, contentType, body string) (ids, media []string, objects []map[string]any) {
	t.Helper()
	base, params, err := mime.ParseMediaType(contentType)
	if err != nil || base != "multipart/related" {
		t.Fatalf("Content-Type %q: %v", contentType, err)
	}
	r := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		text, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		ids, media = append(ids, p.Header.Get("Content-ID")), append(media, p.Header.Get("Content-Type"))
		objects = append(objects, decode(t, string(text)).(map[string]any))
	}
	if len(objects) != 2 || params["type"] != media[0] {
		t.Fatalf("%d parts %v, type %q", len(objects), media, params["type"])
	}
	tag := objects[0]["meta"].(map[string]any)["vtag"]
	if depends := objects[1]["meta"].(map[string]any)["dependent-vtags"].([]any); !cmp.Equal(depends[0], tag) {
		t.Errorf("the properties depend on %v, the paths are %v", depends, tag)
	}
	return ids, media, objects
}

// withTags puts the tags of got, which no example can know, into want.
func withTags(want, got any) any {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for name := range w {
			if text, ok := g[name].(string); ok && name == "tag" {
				w[name] = text
			} else {
				w[name] = withTags(w[name], g[name])
			}
		}
	case []any:
		g, _ := got.([]any)
		for i := range min(len(w), len(g)) {
			w[i] = withTags(w[i], g[i])
		}
	}
	return want
}

// TestRFC9275 replays RFC 9275 Section 8. What is corrected stands at the head of a
// vector.
func TestRFC9275(t *testing.T) {
	s := serving(t, rfc9275Config(t))
	for _, name := range []string{"8.2"} {
		t.Run(name, func(t *testing.T) { readVector(t, "rfc9275/"+name).check(t, s) })
	}
	for _, name := range []string{"8.3", "8.4", "8.4-aggregated", "8.6"} {
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("testdata", "rfc9275", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			v := readVector(t, "rfc9275/"+name)
			w := exchange(s, v.method, v.path, v.header, v.body)
			if w.Code != http.StatusOK {
				t.Fatalf("status %d, body %s", w.Code, w.Body)
			}
			ids, media, objects := related(t, w.Header().Get("Content-Type"), w.Body.String())
			var parts []txtar.File
			for _, f := range archive.Files {
				if strings.HasPrefix(f.Name, "part ") {
					parts = append(parts, f)
				}
			}
			for i, f := range parts {
				if got := "part " + ids[i] + " " + media[i]; got != f.Name {
					t.Errorf("%s, want %s", got, f.Name)
				}
				var got any = objects[i]
				if diff := cmp.Diff(withTags(decode(t, string(f.Data)), got), got); diff != "" {
					t.Errorf("%s differs (-want +got):\n%s", f.Name, diff)
				}
			}
		})
	}
}
