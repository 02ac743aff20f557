package agent_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ird is the root IRD as a client reads it.
type ird struct {
	Meta      map[string]json.RawMessage `json:"meta"`
	Resources map[string]struct {
		URI          string                     `json:"uri"`
		Capabilities map[string]json.RawMessage `json:"capabilities"`
		Uses         []string                   `json:"uses"`
	} `json:"resources"`
}

func (l *lab) ird(with ...func(*http.Request)) (list ird) {
	l.Helper()
	status, body := l.get("directory", with...)
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 {
		l.Fatalf("IRD: %d %s", status, body)
	}
	return list
}

// TestEffectOfNodes changes one node after the other and looks at what a client sees.
func TestEffectOfNodes(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	capability := func(resource, name string) string { return string(l.ird().Resources[resource].Capabilities[name]) }
	for _, c := range []struct {
		node   string
		change object
		sees   func() string
		before string
		after  string
	}{{
		"server-name",
		object{"listen": object{"http": object{"http-server-parameters": object{"server-name": "lab/1"}}}},
		func() string {
			r, err := http.Get(l.base() + "directory")
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			return r.Header.Get("Server")
		}, "", "lab/1",
	}, {
		"description",
		object{"cost-type": list{object{"cost-type-name": "num", "description": "in euros"}}},
		func() string { return string(l.ird().Meta["cost-types"]) }, "", `"description":"in euros"`,
	}, {
		"cost-source",
		object{"cost-type": list{object{"cost-type-name": "num", "cost-context": object{"cost-source": "ietf-alto:sla"}}}},
		func() string { return string(l.ird().Meta["cost-types"]) }, `"cost-context":{"cost-source":"nominal"}`, `"cost-context":{"cost-source":"sla"}`,
	}, {
		"meta",
		object{"meta": list{object{"meta-key": "site", "meta-value": "ImxhYiI="}}},
		func() string { return string(l.ird().Meta["site"]) }, "", `"lab"`,
	}, {
		"cost-constraints",
		object{"resource": list{costMap("both", "campus", "net", object{"cost-constraints": true})}},
		func() string { return capability("both", "cost-constraints") }, "", "true",
	}, {
		"max-cost-types",
		object{"resource": list{costMap("both", "campus", "net", object{"max-cost-types": 7})}},
		func() string { return capability("both", "max-cost-types") }, "2", "7",
	}, {
		"testable-cost-type-name",
		object{"resource": list{costMap("both", "campus", "net", object{"cost-constraints": false, "testable-cost-type-name": list{"num"}})}},
		func() string { return capability("both", "testable-cost-type-names") }, "", `["num"]`,
	}, {
		"cost-constraints of endpoint costs",
		object{"resource": list{with(object{
			"resource-id": "km", "resource-type": "ietf-alto:endpoint-cost",
		}, object{"alto-endpointcost-params": object{"cost-constraints": true, "max-cost-types": 3}})}},
		func() string { return capability("km", "cost-constraints") + capability("km", "max-cost-types") }, "", "true3",
	}, {
		"description of a resource",
		object{"resource": list{object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "description": "of the campus"}}},
		func() string {
			if _, text := l.get("directory"); strings.Contains(text, "of the campus") {
				return text
			}
			if n := l.store.Running().Tree.Find(l.path("/ietf-alto:alto/alto-server/resource[resource-id='net']/description")); n != nil {
				return n.Value().String()
			}
			return ""
		}, "", "of the campus",
	}} {
		if got := c.sees(); !strings.Contains(got, c.before) || strings.Contains(got, c.after) {
			t.Errorf("%s: before the change a client sees %s", c.node, got)
		}
		l.must(l.merge(c.change))
		if got := c.sees(); !strings.Contains(got, c.after) {
			t.Errorf("%s: after the change a client sees %s, expected %s", c.node, got, c.after)
		}
	}
}

// TestURIsStay demands that a resource keeps its URI whatever else changes, that URIs
// start with the base URI as it is configured, and that ':' and '@' are encoded in them.
func TestURIsStay(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(object{
		"listen":   object{"http": object{"alto-server-parameters": object{"base-uri": "https://alto.example.com:8443/v1/maps"}}},
		"resource": list{networkMap("a:b@c", "campus", object{"filtered": true})},
	}))
	const base = "https://alto.example.com:8443/v1/maps/"
	want := map[string]string{
		"net": base + "networkmap/net", "a:b@c": base + "networkmap/a%3Ab%40c", "a:b@c-filtered": base + "networkmapfilter/a%3Ab%40c", "stream": base + "updates/stream",
	}
	check := func(after string) {
		t.Helper()
		list := l.ird()
		for id, uri := range want {
			if got := list.Resources[id].URI; got != uri {
				t.Errorf("after %s: %s is at %s, expected %s", after, id, got, uri)
			}
		}
		l.body("networkmap/a%3Ab%40c")
	}
	check("the start")
	for after, change := range map[string]object{
		"another default map":   {"resource": list{networkMap("net", "campus", object{"is-default": false}), networkMap("a:b@c", "campus", object{"is-default": true})}},
		"a description":         {"resource": list{with(networkMap("a:b@c", "campus", nil), object{"description": "other"})}},
		"another dependency":    {"resource": list{dependent("a:b@c", "net")}},
		"a new resource before": {"resource": list{networkMap("a", "campus", nil)}},
		"other data":            {"data-source": list{static("campus", object{"pid": list{pid("lan", "198.51.100.0/24")}})}},
	} {
		l.must(l.merge(change))
		check(after)
	}
	l.must(l.delete("/ietf-alto:alto/alto-server/resource[resource-id='a']"))
	check("the removal of another one")
}

// TestDefaultMap demands that the IRD of each client names exactly one default map, one
// that the client may use: the configured one where it may.
func TestDefaultMap(t *testing.T) {
	l := newLab(t)
	user := func(id string) object {
		return object{"user-id": id, "basic": object{"username": id, "password": object{"hashed-password": hashOf(id)}}}
	}
	stack := httpStack(0)
	stack["http-server-parameters"] = object{"client-authentication": object{"users": object{"user": list{user("anne"), user("bert")}}}}
	l.must(l.merge(object{
		"listen": object{"http": stack}, "data-source": list{campus()},
		"auth-client": list{
			object{"client-id": "anne", "http-auth-client": object{"user-id": "anne"}},
			object{"client-id": "bert", "http-auth-client": object{"user-id": "bert"}},
		},
		"role": list{object{"role-name": "inner", "client": list{"anne"}}, object{"role-name": "outer", "client": list{"bert"}}},
		"resource": list{
			with(networkMap("fine", "campus", object{"is-default": true}), object{"accepted-role": list{"inner"}}),
			with(networkMap("coarse", "campus", nil), object{"accepted-role": list{"outer"}}),
			networkMap("open", "campus", nil),
		},
	}))
	for name, want := range map[string]string{"": `"open"`, "anne": `"fine"`, "bert": `"coarse"`} {
		list := l.ird(func(r *http.Request) {
			if name != "" {
				r.SetBasicAuth(name, name)
			}
		})
		if got := string(list.Meta["default-alto-network-map"]); got != want {
			t.Errorf("%q: default map %s, expected %s", name, got, want)
		}
	}
	l.refusal(l.merge(object{"resource": list{networkMap("open", "campus", object{"is-default": true})}}),
		"invalid-value", "/resource[resource-id='open']/alto-networkmap-params/is-default", `"fine"`)
}

// TestTagStays demands that a refresh which brings the same map, written otherwise, keeps
// its version tag, and that another map gets another one.
func TestTagStays(t *testing.T) {
	l := newLab(t)
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, `{"meta":{"vtag":{"resource-id":"x","tag":"t1"}},"network-map":{"p":{"ipv4":["192.0.2.0/24"]},"q":{"ipv4":["0.0.0.0/0"],"ipv6":["::/0"]}}}`)
	source := file("f", path)
	l.must(l.merge(object{"listen": listenHTTP(), "data-source": list{source}, "resource": list{networkMap("n", "f", nil)}}))
	read := func() string {
		return l.operational("/ietf-alto:alto/alto-server/data-source[source-id='f']/altoam-source:source-state/last-success")
	}
	tag, before := l.vtag("networkmap/n"), read()
	time.Sleep(20 * time.Millisecond)
	write(t, path, `{"network-map": {"q": {"ipv6":["::/0"], "ipv4":["0.0.0.0/0"]}, "p":{"ipv4":["192.0.2.0/24"]}}, "meta":{"vtag":{"tag":"t1", "resource-id":"x"}}}`)
	l.eventually("the file is read again", func() bool { return read() != before })
	if now := l.vtag("networkmap/n"); now != tag {
		t.Errorf("the same map has tag %s, before %s", now, tag)
	}
	write(t, path, `{"meta":{"vtag":{"resource-id":"x","tag":"t2"}},"network-map":{"p":{"ipv4":["192.0.2.0/25"]},"q":{"ipv4":["0.0.0.0/0"],"ipv6":["::/0"]}}}`)
	l.eventually("another map has another tag", func() bool { return l.vtag("networkmap/n") != tag })
}
