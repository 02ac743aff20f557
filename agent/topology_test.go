package agent_test

import (
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
	server := topologyServer()
	server["data-source"] = append(server["data-source"].(list), object{"source-id": "sites", "source-type": "altoam-source-static:static", "source-params": object{"altoam-source-static:static": object{
		"pid": list{
			object{"name": "a", "prefix": list{"192.0.2.0/24"}, "property": list{object{"name": "country", "value": "NL"}}},
			object{"name": "b", "prefix": list{"198.51.100.0/24"}, "property": list{object{"name": "country", "value": "NL"}}},
		},
	}}})
	l.must(l.merge(server))

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
