package agent_test

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/google/go-cmp/cmp"
)

// bottlenecks is the network of RFC 9275 Section 8.1 as data of a static source.
func bottlenecks() object {
	pid := func(name string, prefixes ...any) object { return object{"name": name, "prefix": prefixes} }
	path := func(source, destination string, anes ...any) object {
		return object{"source": source, "destination": destination, "ane": anes}
	}
	ane := func(name, bandwidth, mec string) object {
		properties := list{object{"name": "max-reservable-bandwidth", "json-value": bandwidth}}
		if mec != "" {
			properties = append(properties, object{"name": "persistent-entity-id", "value": "ane-props.ane:" + mec})
		}
		return object{"domain": ".ane", "name": name, "property": properties}
	}
	return staticSource("net", object{
		"pid": list{
			pid("PID1", "192.0.2.0/28"), pid("PID2", "192.0.2.16/28"), pid("PID3", "192.0.2.32/28", "2001:db8::3:0/112"), pid("PID4", "192.0.2.48/28", "2001:db8::4:0/112"),
		},
		"path":   list{path("PID3", "PID1", "NET3", "L1", "NET1"), path("PID3", "PID4", "NET3", "L2", "NET2")},
		"entity": list{ane("NET1", "50000000000", "MEC1"), ane("NET2", "50000000000", "MEC2"), ane("NET3", "50000000000", ""), ane("L1", "10000000000", ""), ane("L2", "15000000000", "")},
	})
}

func staticSource(id string, data object) object {
	return object{"source-id": id, "source-type": "altoam-source-static:static", "source-params": object{"altoam-source-static:static": data}}
}

func pathType() object { return costType("path-vector", "array", "ane-path") }

// pathServer is the configuration of RFC 9275 Section 8.2 in so far as it is about paths.
func pathServer(costMap, endpointCost object) object {
	return object{
		"listen":    listenHTTP(),
		"cost-type": list{pathType(), costType("num-rc", "numerical", "routingcost")},
		"data-source": list{bottlenecks(), staticSource("edges", object{"entity": list{
			object{"domain": ".ane", "name": "MEC1", "property": list{object{"name": "cpu", "json-value": "8"}}},
			object{"domain": ".ane", "name": "MEC2", "property": list{object{"name": "cpu", "json-value": "16"}}},
		}})},
		"resource": list{
			networkMap("my-default-networkmap", "net", object{"is-default": true, "altoam-algorithm-from-source:from-source": object{"source": "net", "default-pid": "rest"}}),
			object{"resource-id": "filtered-cost-map-pv", "resource-type": "ietf-alto:cost-map", "dependency": list{"my-default-networkmap"}, "alto-costmap-params": with(object{
				"filtered": true, "cost-type-name": list{"path-vector"}, "altoam-algorithm-from-source:from-source": object{"source": "net"},
				"altoam-path-vector:ane-property-name": list{"max-reservable-bandwidth"}, "altoam-path-vector:given-ane-names": true,
			}, costMap)},
			object{"resource-id": "ane-props", "resource-type": "ietf-alto:property-map", "alto-propmap-params": object{
				"altoam-algorithm-from-source:from-source": object{"source": "edges", "filtered": true},
			}},
			object{"resource-id": "endpoint-cost-pv", "resource-type": "ietf-alto:endpoint-cost", "dependency": list{"ane-props"}, "alto-endpointcost-params": with(object{
				"cost-type-name": list{"path-vector"}, "altoam-algorithm-from-map:from-map": object{"cost-map": list{"filtered-cost-map-pv"}},
				"altoam-path-vector:ane-property-name": list{"max-reservable-bandwidth", "persistent-entity-id"}, "altoam-path-vector:given-ane-names": true,
			}, endpointCost)},
			object{
				"resource-id": "update-pv", "resource-type": "ietf-alto:update", "dependency": list{"my-default-networkmap", "ane-props", "endpoint-cost-pv", "filtered-cost-map-pv"},
				"alto-update-params": object{"altoam-algorithm-on-change:on-change": object{}},
			},
		},
	}
}

// paths asks for paths and returns the data of both parts.
func (l *lab) paths(path, media, content string) (costs, properties map[string]any) {
	l.Helper()
	resp, err := http.Post(l.base()+path, media, strings.NewReader(content))
	if err != nil {
		l.Fatal(err)
	}
	defer resp.Body.Close()
	_, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		l.Fatalf("%s: %d %v %s", path, resp.StatusCode, err, text)
	}
	parts := multipart.NewReader(resp.Body, params["boundary"])
	var data []map[string]any
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			l.Fatal(err)
		}
		var object map[string]any
		if err := json.NewDecoder(p).Decode(&object); err != nil {
			l.Fatal(err)
		}
		delete(object, "meta")
		for _, member := range object {
			data = append(data, member.(map[string]any))
		}
	}
	if len(data) != 2 {
		l.Fatalf("%d parts", len(data))
	}
	return data[0], data[1]
}

const askPaths = `"cost-type":{"cost-mode":"array","cost-metric":"ane-path"}`

// TestPathVectors gets the answer of RFC 9275 Section 8.4 from its configuration.
func TestPathVectors(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(pathServer(nil, nil)))
	costs, properties := l.paths("pathvector/endpoint-cost-pv", "application/alto-endpointcostparams+json", `{`+askPaths+`,
		"endpoints":{"srcs":["ipv4:192.0.2.34","ipv6:2001:db8::3:1"],"dsts":["ipv4:192.0.2.2","ipv4:192.0.2.50","ipv6:2001:db8::4:1"]},
		"ane-property-names":["max-reservable-bandwidth","persistent-entity-id"]}`)
	path := func(anes ...any) []any { return anes }
	if diff := cmp.Diff(map[string]any{
		"ipv4:192.0.2.34":    map[string]any{"ipv4:192.0.2.2": path("NET3", "L1", "NET1"), "ipv4:192.0.2.50": path("NET3", "L2", "NET2")},
		"ipv6:2001:db8::3:1": map[string]any{"ipv6:2001:db8::4:1": path("NET3", "L2", "NET2")},
	}, costs); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	with := func(bandwidth float64, mec string) map[string]any {
		m := map[string]any{"max-reservable-bandwidth": bandwidth}
		if mec != "" {
			m["persistent-entity-id"] = "ane-props.ane:" + mec
		}
		return m
	}
	if diff := cmp.Diff(map[string]any{
		".ane:NET1": with(5e10, "MEC1"), ".ane:NET2": with(5e10, "MEC2"), ".ane:NET3": with(5e10, ""), ".ane:L1": with(1e10, ""), ".ane:L2": with(1.5e10, ""),
	}, properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if _, body := l.request("POST", "propmapfilter/ane-props", "application/alto-propmapparams+json", `{"entities":[".ane:MEC2"]}`); !strings.Contains(body, `".ane:MEC2":{}`) {
		t.Errorf("the persistent element: %s", body)
	}
	status, body := l.get("directory")
	var ird struct {
		Resources map[string]any `json:"resources"`
	}
	if err := json.Unmarshal([]byte(body), &ird); err != nil || status != 200 {
		t.Fatal(body)
	}
	if diff := cmp.Diff(map[string]any{
		"uri":        ird.Resources["endpoint-cost-pv"].(map[string]any)["uri"],
		"media-type": "multipart/related;type=application/alto-endpointcost+json", "accepts": "application/alto-endpointcostparams+json",
		"capabilities": map[string]any{"cost-type-names": path("path-vector"), "ane-property-names": path("max-reservable-bandwidth", "persistent-entity-id")},
		"uses":         path("ane-props"),
	}, ird.Resources["endpoint-cost-pv"]); diff != "" {
		t.Errorf("IRD (-want +got):\n%s", diff)
	}
}

// TestPathNames: unless they are given, names of elements are made for each answer; a
// commit changes what the server does.
func TestPathNames(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(pathServer(nil, nil)))
	const ask = `{` + askPaths + `,"pids":{"srcs":["PID3"],"dsts":["PID1"]}`
	first := func(more string) string {
		costs, _ := l.paths("pathvector/filtered-cost-map-pv", "application/alto-costmapfilter+json", ask+more+`}`)
		return fmt.Sprint(costs["PID3"].(map[string]any)["PID1"])
	}
	if got := first(""); got != "[NET3 L1 NET1]" {
		t.Errorf("given names: %s", got)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='filtered-cost-map-pv']/alto-costmap-params/altoam-path-vector:given-ane-names"))
	one, other := first(""), first(`,"ane-property-names":[]`)
	if strings.Contains(one, "[NET3 ") || strings.Contains(one, " L1 ") || len(strings.Fields(one)) != 3 || one == other {
		t.Errorf("made names: %s and %s", one, other)
	}
}

// TestPathsBesideCosts: one service offers paths and numbers, by multi-cost too.
func TestPathsBesideCosts(t *testing.T) {
	l := newLab(t)
	server := pathServer(object{"cost-type-name": list{"path-vector", "num-rc"}, "max-cost-types": 2, "testable-cost-type-name": list{"num-rc"}}, nil)
	data := server["data-source"].(list)[0].(object)["source-params"].(object)["altoam-source-static:static"].(object)
	data["cost-table"] = list{object{"metric": "routingcost", "mode": "numerical", "cost": list{
		object{"source": "PID3", "destination": "PID1", "value": "3"}, object{"source": "PID3", "destination": "PID4", "value": "2"},
	}}}
	l.must(l.merge(server))
	costs, _ := l.paths("pathvector/filtered-cost-map-pv", "application/alto-costmapfilter+json",
		`{"multi-cost-types":[{"cost-mode":"array","cost-metric":"ane-path"},{"cost-mode":"numerical","cost-metric":"routingcost"}],"or-constraints":[["[1] gt 2"]]}`)
	if diff := cmp.Diff(map[string]any{"PID3": map[string]any{"PID1": []any{[]any{"NET3", "L1", "NET1"}, 3.0}}}, costs); diff != "" {
		t.Error(diff)
	}
}

// TestPathsOfFiles: both parts of an answer, each a file, are a source.
func TestPathsOfFiles(t *testing.T) {
	folder := t.TempDir()
	var files list
	for name, text := range map[string]string{
		"map":   `{"meta":{},"network-map":{"a":{"ipv4":["10.0.0.0/8"]},"b":{"ipv4":["0.0.0.0/0"],"ipv6":["::/0"]}}}`,
		"paths": `{"meta":{"cost-type":{"cost-mode":"array","cost-metric":"ane-path"}},"cost-map":{"a":{"b":["x","y"]}}}`,
		"anes":  `{"meta":{},"property-map":{".ane:x":{"max-reservable-bandwidth":7}}}`,
	} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	slices.SortFunc(files, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	l := newLab(t)
	server := pathServer(nil, nil)
	server["data-source"] = list{object{"source-id": "net", "source-type": "altoam-source-file:file", "source-params": object{"altoam-source-file:file": object{"path": files}}}}
	resources := server["resource"].(list)
	resources[0] = networkMap("my-default-networkmap", "net", nil)
	server["resource"] = resources[:2]
	l.must(l.merge(server))
	costs, properties := l.paths("pathvector/filtered-cost-map-pv", "application/alto-costmapfilter+json", `{`+askPaths+`,"ane-property-names":["max-reservable-bandwidth"]}`)
	if got := fmt.Sprint(costs, properties); got != "map[a:map[b:[x y]]] map[.ane:x:map[max-reservable-bandwidth:7] .ane:y:map[]]" {
		t.Errorf("got %s", got)
	}
}

func TestRefusePaths(t *testing.T) {
	const costs, endpoints = "/resource[resource-id='filtered-cost-map-pv']/alto-costmap-params", "/resource[resource-id='endpoint-cost-pv']/alto-endpointcost-params"
	for _, tt := range []struct {
		name          string
		costs         object
		endpoints     object
		change        func(server object)
		path, message string
	}{
		{"not filtered", object{"filtered": false}, nil, nil, costs + "/filtered", "paths are offered by the filtered service alone"},
		{"constraints", object{"cost-constraints": true}, nil, nil, costs + "/cost-constraints", "paths cannot be tested"},
		{"properties without paths", nil, object{"cost-type-name": list{"num-rc"}}, func(s object) {
			r := s["resource"].(list)[3].(object)["alto-endpointcost-params"].(object)
			delete(r, "altoam-algorithm-from-map:from-map")
			r["altoam-algorithm-geo-distance:geo-distance"] = object{"network-map": "my-default-networkmap"}
			data := s["data-source"].(list)[0].(object)["source-params"].(object)["altoam-source-static:static"].(object)
			data["pid"].(list)[0].(object)["position"] = object{"latitude": "1", "longitude": "1"}
		}, endpoints + "/altoam-path-vector:ane-property-name", "no cost type that is offered has paths"},
		{"persistent without dependency", nil, nil, func(s object) { delete(s["resource"].(list)[3].(object), "dependency") }, endpoints + "/altoam-path-vector:ane-property-name[.='persistent-entity-id']", `property map "ane-props", which is not among the dependencies`},
		{"no paths", object{"altoam-algorithm-from-source:from-source": object{"source": "edges"}}, nil, nil, costs + "/altoam-algorithm-from-source:from-source/source", "there are no paths"},
		{"not a bandwidth", nil, nil, func(s object) {
			data := s["data-source"].(list)[0].(object)["source-params"].(object)["altoam-source-static:static"].(object)
			data["entity"].(list)[3].(object)["property"] = list{object{"name": "max-reservable-bandwidth", "value": "much"}}
		}, costs + "/altoam-path-vector:ane-property-name", "expected a number"},
		{"paths of a strange PID", nil, nil, func(s object) {
			data := s["data-source"].(list)[0].(object)["source-params"].(object)["altoam-source-static:static"].(object)
			data["path"] = append(data["path"].(list), object{"source": "PID9", "destination": "PID1"})
		}, costs + "/altoam-algorithm-from-source:from-source/source", `"PID9"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			server := pathServer(tt.costs, tt.endpoints)
			server["resource"] = server["resource"].(list)[:4]
			if tt.change != nil {
				tt.change(server)
			}
			if strings.HasPrefix(tt.path, costs) {
				server["resource"] = server["resource"].(list)[:2]
			}
			l.refusal(l.merge(server), rpcerr.InvalidValue, tt.path, tt.message)
		})
	}
}

// TestMappings: what a property map has is what its mappings say (RFC 9240 Section 7.4).
func TestMappings(t *testing.T) {
	entity := func(domain, name string, properties ...string) object {
		var list list
		for _, p := range properties {
			list = append(list, object{"name": p, "value": "v"})
		}
		return object{"domain": domain, "name": name, "property": list}
	}
	server := func(mappings ...any) object {
		return object{
			"listen": listenHTTP(),
			"data-source": list{staticSource("s", object{"entity": list{
				entity("ipv4", "192.0.2.0/24", "ISP", "ASN"), entity("ipv6", "2001:db8::/32", "ASN"), entity(".ane", "x", "cpu"),
			}})},
			"resource": list{object{"resource-id": "m", "resource-type": "ietf-alto:property-map", "alto-propmap-params": object{
				"altoam-algorithm-from-source:from-source": object{"source": "s", "filtered": true}, "altoam-propmap:mapping": append(list{}, mappings...),
			}}},
		}
	}
	mapping := func(domain string, properties ...any) object {
		return object{"entity-domain": domain, "property": properties}
	}
	l := newLab(t)
	l.must(l.merge(server()))
	if _, body := l.get("directory"); strings.Count(body, `{"mappings":{".ane":["cpu"],"ipv4":["ASN","ISP"],"ipv6":["ASN"]}}`) != 2 {
		t.Errorf("without mappings: %s", body)
	}
	l.must(l.merge(server(mapping("ipv4", "ISP", "state"), mapping(".ane", "cpu"))))
	if _, body := l.get("directory"); strings.Count(body, `{"mappings":{".ane":["cpu"],"ipv4":["ISP","state"]}}`) != 2 {
		t.Errorf("with mappings: %s", body)
	}
	if _, body := l.get("propmap/m"); !strings.Contains(body, `"property-map":{".ane:x":{"cpu":"v"},"ipv4:192.0.2.0/24":{"ISP":"v"}}}`) {
		t.Errorf("map: %s", body)
	}
	ask := func(body string) (int, string) {
		return l.request("POST", "propmapfilter/m", "application/alto-propmapparams+json", body)
	}
	if status, body := ask(`{"entities":["ipv4:192.0.2.7"],"properties":["ISP","state"]}`); status != 200 || !strings.Contains(body, `"ipv4:192.0.2.7":{"ISP":"v"}`) {
		t.Errorf("filtered: %d %s", status, body)
	}
	if status, body := ask(`{"entities":["ipv6:::1"]}`); status != 400 || !strings.Contains(body, `"field":"entities","value":"ipv6:::1"`) {
		t.Errorf("a domain that is not mapped: %d %s", status, body)
	}
	const at = "/resource[resource-id='m']/alto-propmap-params/altoam-propmap:mapping[entity-domain='%s']"
	l.refusal(l.merge(server(mapping("a:b", "ISP"))), rpcerr.InvalidValue, fmt.Sprintf(at, "a:b")+"/entity-domain", "letters, digits")
	l.refusal(l.merge(server(mapping("ipv4", "priv:"))), rpcerr.InvalidValue, fmt.Sprintf(at, "ipv4")+"/property[.='priv:']", "priv:")
}
