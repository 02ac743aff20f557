package agent_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// TestRefuse has changes that YANG allows and that cannot be made, each with a twin
// that can.
func TestRefuse(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	dir := t.TempDir()
	malformed, fine := filepath.Join(dir, "malformed.json"), filepath.Join(dir, "fine.json")
	write(t, malformed, `{"network-map": {`)
	write(t, fine, `{"meta":{"vtag":{"resource-id":"x","tag":"t1"}},"network-map":{"p":{"ipv4":["0.0.0.0/0"]}}}`)

	resources := func(list ...any) object { return object{"resource": list} }
	open := static("open", object{"pid": list{pid("p", "192.0.2.0/24")}})
	for _, c := range []struct {
		name     string
		bad      object
		tag      rpcerr.Tag
		path     string
		words    string
		good     object
		goodPath string // answers then
	}{{
		name: "port taken", bad: object{"listen": object{"http": httpStack(port)}},
		tag: rpcerr.OperationFailed, path: "/listen/http/tcp-server-parameters/local-bind[local-address='127.0.0.1']/local-port", words: "cannot listen",
		good: object{"listen": object{"http": httpStack(0)}},
	}, {
		name: "base URI of another scheme", bad: object{"listen": object{"http": object{"alto-server-parameters": object{"base-uri": "ftp://example.com/"}}}},
		tag: rpcerr.InvalidValue, path: "/listen/http/alto-server-parameters/base-uri", words: "http",
		good: object{"listen": object{"http": object{"alto-server-parameters": object{"base-uri": "http://example.com"}}}},
	}, {
		name: "incomplete map", bad: object{"data-source": list{open}, "resource": list{networkMap("n2", "open", nil)}},
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='n2']/alto-networkmap-params/altoam-algorithm-from-source:from-source/default-pid", words: "incomplete",
		good: object{"data-source": list{open}, "resource": list{object{
			"resource-id": "n2", "resource-type": "ietf-alto:network-map",
			"alto-networkmap-params": object{"altoam-algorithm-from-source:from-source": object{"source": "open", "default-pid": "rest"}},
		}}}, goodPath: "networkmap/n2",
	}, {
		name: "prefix in two PIDs", bad: object{"data-source": list{static("two", object{"pid": list{pid("a", "192.0.2.0/24"), pid("b", "192.0.2.0/24")}})}},
		tag: rpcerr.OperationFailed, path: "/data-source[source-id='two']/source-params/altoam-source-static:static/pid[name='b']/prefix[.='192.0.2.0/24']", words: `PID "a"`,
		good: object{"data-source": list{static("two", object{"pid": list{pid("a", "192.0.2.0/24"), pid("b", "192.0.2.0/25")}})}},
	}, {
		name: "missing file", bad: object{"data-source": list{file("f", filepath.Join(dir, "none.json"))}},
		tag: rpcerr.OperationFailed, path: "/data-source[source-id='f']/source-params/altoam-source-file:file/path[.='" + filepath.Join(dir, "none.json") + "']", words: "no such file",
		good: object{"data-source": list{file("f", fine)}},
	}, {
		name: "malformed file", bad: object{"data-source": list{file("f", malformed)}},
		tag: rpcerr.OperationFailed, path: "/data-source[source-id='f']/source-params/altoam-source-file:file/path[.='" + malformed + "']", words: "",
		good:     object{"data-source": list{file("f", fine)}, "resource": list{networkMap("n2", "f", nil)}},
		goodPath: "networkmap/n2",
	}, {
		name: "two default maps", bad: resources(networkMap("n2", "campus", object{"is-default": true})),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='net']/alto-networkmap-params/is-default", words: `"n2"`,
		good: resources(networkMap("n2", "campus", object{"is-default": false})), goodPath: "networkmap/n2",
	}, {
		name: "second cost map of the same kind", bad: resources(costMap("rc2", "campus", "net", nil)),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='rc2']/alto-costmap-params/cost-type-name[.='num']", words: `"rc"`,
		good: resources(costMap("rc2", "campus", "net", object{"cost-type-name": list{"ord"}})), goodPath: "costmap/rc2",
	}, {
		name: "unfiltered cost map with two cost types", bad: resources(costMap("rc2", "campus", "net", object{"cost-type-name": list{"num", "ord"}})),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='rc2']/alto-costmap-params/cost-type-name", words: "exactly one",
		good: resources(costMap("rc2", "campus", "net", object{"cost-type-name": list{"num", "ord"}, "filtered": true})),
	}, {
		name: "testable cost types and constraints", bad: resources(costMap("rc2", "campus", "net", object{
			"cost-type-name": list{"num", "ord"}, "filtered": true, "cost-constraints": true, "max-cost-types": 2, "testable-cost-type-name": list{"num"},
		})),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='rc2']/alto-costmap-params/cost-constraints", words: "RFC 8189",
		good: resources(costMap("rc2", "campus", "net", object{
			"cost-type-name": list{"num", "ord"}, "filtered": true, "max-cost-types": 2, "testable-cost-type-name": list{"num"},
		})),
	}, {
		name: "testable cost type that is not offered", bad: resources(costMap("rc2", "campus", "net", object{
			"cost-type-name": list{"num"}, "filtered": true, "max-cost-types": 2, "testable-cost-type-name": list{"ord"},
		})),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='rc2']/alto-costmap-params/testable-cost-type-name[.='ord']", words: "not offered",
	}, {
		name: "costs that the source does not have", bad: object{
			"cost-type": list{costType("hops", "numerical", "hopcount")}, "resource": list{costMap("rc2", "campus", "net", object{"cost-type-name": list{"hops"}})},
		},
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='rc2']/alto-costmap-params/altoam-algorithm-from-source:from-source/source", words: "hopcount",
		good: object{
			"cost-type":   list{costType("hops", "numerical", "hopcount")},
			"data-source": list{static("campus", object{"cost-table": list{object{"metric": "hopcount", "mode": "numerical", "cost": list{cost("lan", "world", "3")}}}})},
			"resource":    list{costMap("rc2", "campus", "net", object{"cost-type-name": list{"hops"}})},
		}, goodPath: "costmap/rc2",
	}, {
		name: "circle of dependencies", bad: resources(dependent("a", "b"), dependent("b", "a")),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='b']/dependency[.='a']", words: "circle",
		good: resources(dependent("a", "b"), dependent("b", "net")), goodPath: "networkmap/a",
	}, {
		name: "resource that depends on itself", bad: resources(dependent("a", "a")),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='a']/dependency[.='a']", words: "circle",
	}, {
		name: "meta that is not JSON", bad: object{"meta": list{object{"meta-key": "k", "meta-value": "e30g"}, object{"meta-key": "l", "meta-value": "e3t9"}}},
		tag: rpcerr.InvalidValue, path: "/meta[meta-key='l']/meta-value", words: "JSON",
		good: object{"meta": list{object{"meta-key": "k", "meta-value": "e30g"}}},
	}, {
		name: "meta that is the server's own", bad: object{"meta": list{object{"meta-key": "cost-types", "meta-value": "e30="}}},
		tag: rpcerr.InvalidValue, path: "/meta[meta-key='cost-types']/meta-key", words: "not free",
	}, {
		name: "meta in place of the default map", bad: object{"meta": list{object{"meta-key": "default-alto-network-map", "meta-value": "e30="}}},
		tag: rpcerr.InvalidValue, path: "/meta[meta-key='default-alto-network-map']/meta-key", words: "not free",
	}, {
		name: "ID of a filtered variant", bad: resources(networkMap("net-filtered", "campus", nil)),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='net']/alto-networkmap-params/filtered", words: `"net-filtered"`,
		good: resources(networkMap("net-filtered2", "campus", nil)), goodPath: "networkmap/net-filtered2",
	}, {
		name: "use of what fewer may see", bad: object{"role": list{object{"role-name": "few"}}, "resource": list{
			with(networkMap("n2", "campus", nil), object{"accepted-role": list{"few"}}), costMap("rc2", "campus", "n2", nil),
		}},
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='rc2']/accepted-role", words: `"n2"`,
		good: object{"role": list{object{"role-name": "few"}}, "resource": list{
			with(networkMap("n2", "campus", nil), object{"accepted-role": list{"few"}}),
			with(costMap("rc2", "campus", "n2", nil), object{"accepted-role": list{"few"}}),
		}},
	}, {
		name: "delegation to no server", bad: resources(object{"resource-id": "d", "resource-type": "ietf-alto:ird", "alto-ird-params": object{"delegation": "urn:x:y"}}),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='d']/alto-ird-params/delegation", words: "http",
	}, {
		name: "footprint of no PID", bad: object{"data-source": list{advertising("nobody")}, "resource": list{cdni("cdn2", "cdn", "net")}},
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='cdn2']/alto-cdni-params", words: "nobody",
		good: object{"data-source": list{advertising("lan")}, "resource": list{cdni("cdn2", "cdn", "net")}}, goodPath: "cdni/cdn2",
	}, {
		name: "footprint of PIDs without a map", bad: object{"data-source": list{advertising("lan")}, "resource": list{cdni("cdn2", "cdn")}},
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='cdn2']/alto-cdni-params", words: "network map",
	}, {
		name: "stream without what its resources use", bad: resources(stream("s2", "rc")),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='s2']/alto-update-params", words: `"net"`,
		good: resources(stream("s2", "rc", "net")),
	}, {
		name: "stream about a stream", bad: resources(stream("s2", "stream")),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='s2']/dependency[.='stream']", words: "no updates",
	}, {
		name: "property without a map", bad: resources(object{
			"resource-id": "p2", "resource-type": "ietf-alto:endpoint-prop",
			"alto-endpointprop-params": object{"altoam-algorithm-from-source:from-source": object{}, "prop-type": list{"rc.pid"}},
		}),
		tag: rpcerr.InvalidValue, path: "/resource[resource-id='p2']/alto-endpointprop-params/prop-type[.='rc.pid']", words: "not a network map",
	}} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			l.must(l.merge(campusServer()))
			running, directory, base := l.store.Running().Tree, l.body("directory"), l.base()
			l.refusal(l.merge(c.bad), c.tag, c.path, c.words)
			if l.store.Running().Tree != running {
				t.Error("running has changed")
			}
			if l.base() != base || l.body("directory") != directory {
				t.Error("what is served has changed")
			}
			if c.good == nil {
				return
			}
			l.must(l.merge(c.good))
			if c.goodPath != "" {
				l.body(c.goodPath)
			}
		})
	}
}

// dependent is a network map that depends on another resource.
func dependent(id, on string) object {
	return with(networkMap(id, "campus", nil), object{"dependency": list{on}})
}

// file is a data source of one file in ALTO's own form.
func file(id, path string) object {
	return object{"source-id": id, "source-type": "altoam-source-file:file", "source-params": object{
		"altoam-source-file:file": object{"path": list{path}, "poll-interval": 1},
	}}
}

// advertising is a source of an advertisement for one PID.
func advertising(pid string) object {
	return static("cdn", object{"cdni-advertisement": list{object{
		"name": "a", "capability-type": "FCI.DeliveryProtocol", "capability-value": `{"delivery-protocols":["http/1.1"]}`,
		"footprint": list{object{"footprint-type": "altopid", "footprint-value": list{pid}}},
	}}})
}

func cdni(id, source string, dependency ...any) object {
	return object{"resource-id": id, "resource-type": "ietf-alto:cdni", "dependency": append(list{}, dependency...), "alto-cdni-params": object{
		"altoam-algorithm-from-source:from-source": object{"source": source},
	}}
}

func stream(id string, dependency ...any) object {
	return object{"resource-id": id, "resource-type": "ietf-alto:update", "dependency": append(list{}, dependency...), "alto-update-params": object{
		"altoam-algorithm-on-change:on-change": object{},
	}}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRefuseKind has a resource that becomes another kind: what was planned with the
// old one is planned anew.
func TestRefuseKind(t *testing.T) {
	l := newLab(t)
	server := func(kind object) object {
		kind["resource-id"] = "x"
		rc := costMap("rc", "campus", "net", nil)
		rc["dependency"] = list{"net", "x"}
		s := campusServer()
		s["resource"] = list{networkMap("net", "campus", nil), rc, kind}
		return s
	}
	ird := object{"resource-type": "ietf-alto:ird", "alto-ird-params": object{"delegation": "https://alto.example.net/"}}
	l.must(l.merge(server(ird)))
	l.refusal(l.replaceServer(server(networkMap("x", "campus", nil))), rpcerr.InvalidValue,
		"/resource[resource-id='rc']/alto-costmap-params/altoam-algorithm-from-source:from-source/network-map", `"x"`)
	l.must(l.replaceServer(server(cdni("x", "campus"))))
	l.body("costmap/rc")
}
