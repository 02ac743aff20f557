package agent_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// topologyServer serves a line of three routers, ams to fra to zrh, with maps made of it.
func topologyServer() object {
	link := func(name, from, to string, metric string) object {
		return object{"name": name, "from": from, "to": to, "metric": metric, "value": list{object{"cost-metric": "delay-ow", "value": "10"}}}
	}
	return object{
		"listen": object{"http": object{"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.1", "local-port": 0}}}}},
		"cost-type": list{
			object{"cost-type-name": "num", "cost-mode": "ietf-alto:numerical", "cost-metric": "ietf-alto:routingcost", "cost-context": object{"cost-source": "ietf-alto:nominal"}},
			object{"cost-type-name": "ord", "cost-mode": "ietf-alto:ordinal", "cost-metric": "ietf-alto:routingcost", "cost-context": object{"cost-source": "ietf-alto:nominal"}},
			object{"cost-type-name": "hops", "cost-mode": "ietf-alto:numerical", "cost-metric": "ietf-alto:hopcount", "cost-context": object{"cost-source": "ietf-alto:nominal"}},
		},
		"data-source": list{object{"source-id": "igp", "source-type": "altoam-source-topology:topology", "source-params": object{"altoam-source-topology:topology": object{
			"node": list{
				object{"name": "ams", "prefix": list{"192.0.2.0/25", "192.0.2.128/25"}},
				object{"name": "fra", "prefix": list{"198.51.100.0/24"}},
				object{"name": "zrh", "prefix": list{"203.0.113.0/24"}},
			},
			"link": list{link("1", "ams", "fra", "10"), link("2", "fra", "zrh", "7"), link("3", "zrh", "fra", "7"), link("4", "fra", "ams", "10")},
		}}}, object{"source-id": "sites", "source-type": "altoam-source-static:static", "source-params": object{"altoam-source-static:static": object{
			"pid": list{
				object{"name": "a", "prefix": list{"192.0.2.0/24"}, "property": list{object{"name": "country", "value": "NL"}}},
				object{"name": "b", "prefix": list{"198.51.100.0/24"}, "property": list{object{"name": "country", "value": "NL"}}},
			},
		}}}},
		"resource": list{
			object{"resource-id": "net", "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
				"is-default": true, "altoam-algorithm-cluster:l3-unicast-cluster": object{"source": "igp", "default-pid": "rest"},
			}},
			object{"resource-id": "costs", "resource-type": "ietf-alto:cost-map", "dependency": list{"net"}, "alto-costmap-params": object{
				"filtered": true, "max-cost-types": 2, "cost-type-name": list{"num", "hops"}, "altoam-algorithm-shortest-path:shortest-path": object{"source": "igp"},
			}},
			object{"resource-id": "endpoints", "resource-type": "ietf-alto:endpoint-cost", "dependency": list{"net"}, "alto-endpointcost-params": object{
				"cost-type-name": list{"hops"}, "altoam-algorithm-shortest-path:shortest-path": object{"source": "igp"},
			}},
			object{"resource-id": "short", "resource-type": "ietf-alto:network-map", "dependency": list{"net"}, "alto-networkmap-params": object{
				"altoam-algorithm-from-map:from-map": object{"map": list{object{"network-map": "net"}}, "ipv4-max-length": 24, "merge-prefixes": true},
			}},
			object{"resource-id": "coarse", "resource-type": "ietf-alto:cost-map", "dependency": list{"short", "costs"}, "alto-costmap-params": object{
				"cost-type-name": list{"num"}, "altoam-algorithm-from-map:from-map": object{"map": list{object{"cost-map": "costs"}}, "step": "5"},
			}},
			object{"resource-id": "ranks", "resource-type": "ietf-alto:cost-map", "dependency": list{"net", "costs"}, "alto-costmap-params": object{
				"cost-type-name": list{"ord"}, "altoam-algorithm-from-map:from-map": object{"map": list{object{"cost-map": "costs"}}},
			}},
			object{"resource-id": "blocks", "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
				"altoam-algorithm-cluster:prefix-cluster": object{"source": "sites", "property": "country", "default-pid": "rest"},
			}},
		},
	}
}

func TestTopology(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(topologyServer()))

	ask := func(what string) (answer string) {
		t.Helper()
		switch what {
		case "costs":
			_, answer = l.request("POST", "costmapfilter/costs", "application/alto-costmapfilter+json",
				`{"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"routingcost"},{"cost-mode":"numerical","cost-metric":"hopcount"}],"pids":{"srcs":["ams"],"dsts":["zrh","fra","rest"]}}`)
		case "endpoints":
			_, answer = l.request("POST", "endpointcost/endpoints", "application/alto-endpointcostparams+json",
				`{"cost-type":{"cost-mode":"numerical","cost-metric":"hopcount"},"endpoints":{"srcs":["ipv4:203.0.113.1"],"dsts":["ipv4:192.0.2.7"]}}`)
		default:
			_, answer = l.get(what)
		}
		return answer
	}
	expect := func(what, want string) {
		t.Helper()
		if got := ask(what); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want …%s…", what, got, want)
		}
	}
	expect("networkmap/net", `"network-map":{"ams":{"ipv4":["192.0.2.0/25","192.0.2.128/25"]},"fra":{"ipv4":["198.51.100.0/24"]},"rest":{"ipv4":["0.0.0.0/0"],"ipv6":["::/0"]},"zrh":{"ipv4":["203.0.113.0/24"]}}`)
	expect("costs", `"cost-map":{"ams":{"zrh":[17,2],"fra":[10,1]}}`)
	expect("endpoints", `"endpoint-cost-map":{"ipv4:203.0.113.1":{"ipv4:192.0.2.7":2}}`)
	expect("networkmap/short", `"ams":{"ipv4":["192.0.2.0/24"]}`)
	expect("costmap/coarse", `"ams":{"ams":0,"fra":10,"zrh":20}`)
	expect("costmap/ranks", `"ams":{"ams":1,"fra":3,"zrh":4}`)
	expect("networkmap/blocks", `"NL":{"ipv4":["192.0.2.0/24","198.51.100.0/24"]}`)

	source := func(link object) object {
		return object{"data-source": list{object{"source-id": "igp", "source-params": object{"altoam-source-topology:topology": object{"link": list{link}}}}}}
	}
	l.must(l.merge(source(object{"name": "2", "metric": "1"})))
	expect("costs", `"cost-map":{"ams":{"zrh":[11,2],"fra":[10,1]}}`)
	expect("costmap/coarse", `"ams":{"ams":0,"fra":10,"zrh":15}`)

	l.refusal(l.merge(object{"resource": list{object{"resource-id": "costs", "alto-costmap-params": object{"altoam-algorithm-shortest-path:shortest-path": object{"source": "sites"}}}}}),
		rpcerr.InvalidValue, "/resource[resource-id='costs']/alto-costmap-params/altoam-algorithm-shortest-path:shortest-path/source", `source "sites" has no topology`)
	l.refusal(l.merge(object{"resource": list{object{"resource-id": "short", "dependency": list{}, "alto-networkmap-params": object{
		"altoam-algorithm-from-map:from-map": object{"map": list{object{"network-map": "short"}}},
	}}}}), rpcerr.InvalidValue, "/resource[resource-id='short']/alto-networkmap-params", "closes a circle")
}

// TestTopologyParameters has what the algorithms and the source can be told besides.
func TestTopologyParameters(t *testing.T) {
	l := newLab(t)
	at := func(latitude, longitude string) object { return object{"latitude": latitude, "longitude": longitude} }
	file := filepath.Join(t.TempDir(), "topology.json")
	text, err := json.Marshal(object{"ietf-network:networks": object{"network": list{
		object{"network-id": "other"},
		object{"network-id": "isp", "node": list{object{"node-id": "par", "ietf-l3-unicast-topology:l3-node-attributes": object{"prefix": list{object{"prefix": "2001:db8:1:2::/64"}}}}}},
	}}})
	l.must(err)
	l.must(os.WriteFile(file, text, 0o600))
	l.must(l.merge(topologyServer()))
	l.must(l.merge(object{
		"data-source": list{
			object{"source-id": "igp", "source-params": object{"altoam-source-topology:topology": object{"node": list{
				object{"name": "ams", "position": at("52.4", "4.9")}, object{"name": "fra", "position": at("50.1", "8.7")},
			}}}},
			object{"source-id": "file", "source-type": "altoam-source-topology:topology", "source-params": object{"altoam-source-topology:topology": object{
				"path": file, "network-id": "isp", "poll-interval": 1,
			}}},
		},
		"resource": list{
			object{"resource-id": "distances", "resource-type": "ietf-alto:cost-map", "dependency": list{"net"}, "alto-costmap-params": object{
				"cost-type-name": list{"num"}, "altoam-algorithm-geo-distance:geo-distance": object{"fraction-digits": 0},
			}},
			object{"resource-id": "near", "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
				"altoam-algorithm-cluster:l3-unicast-cluster": object{"source": "igp", "depth": 2, "default-pid": "rest"},
			}},
			object{"resource-id": "blocks", "alto-networkmap-params": object{
				"altoam-algorithm-cluster:prefix-cluster": object{"source": "sites", "ipv4-length": 8, "ipv6-length": 32, "pid-prefix": "B", "default-pid": "rest"},
			}},
			object{"resource-id": "paris", "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
				"altoam-algorithm-cluster:l3-unicast-cluster": object{"source": "file", "default-pid": "rest"},
			}},
			object{"resource-id": "both", "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
				"altoam-algorithm-from-map:from-map": object{"map": list{object{"network-map": "net"}, object{"network-map": "paris", "pid-prefix": "f-"}}, "ipv6-max-length": 48},
			}},
			object{"resource-id": "both-costs", "resource-type": "ietf-alto:cost-map", "dependency": list{"both", "coarse"}, "alto-costmap-params": object{
				"cost-type-name": list{"num"}, "altoam-algorithm-from-map:from-map": object{"network-map": "both", "map": list{object{"cost-map": "coarse"}, object{"cost-map": "paris-costs", "pid-prefix": "f-"}}},
			}},
			object{"resource-id": "paris-costs", "resource-type": "ietf-alto:cost-map", "dependency": list{"paris"}, "alto-costmap-params": object{
				"cost-type-name": list{"num"}, "altoam-algorithm-shortest-path:shortest-path": object{"source": "file", "network-map": "paris"},
			}},
		},
	}))
	for what, want := range map[string]string{
		"costmap/distances":  `"ams":{"ams":0,"fra":368}`,
		"networkmap/near":    `"fra":{"ipv4":["192.0.2.0/25","192.0.2.128/25","198.51.100.0/24","203.0.113.0/24"]}`,
		"networkmap/blocks":  `"B192-0-0-0-8":{"ipv4":["192.0.2.0/24"]}`,
		"networkmap/paris":   `"par":{"ipv6":["2001:db8:1:2::/64"]}`,
		"networkmap/both":    `"f-par":{"ipv6":["2001:db8:1::/48"]}`,
		"costmap/both-costs": `"f-par":{"f-par":0}`,
	} {
		if _, got := l.get(what); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want …%s…", what, got, want)
		}
	}
}
