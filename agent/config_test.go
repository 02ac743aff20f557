package agent_test

// listenHTTP is a plain HTTP stack on a free port of the loopback.
func listenHTTP() object { return object{"http": httpStack(0)} }

func httpStack(port int) object {
	return object{"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.1", "local-port": port}}}}
}

func costType(name, mode, metric string) object {
	return object{
		"cost-type-name": name, "cost-mode": "ietf-alto:" + mode, "cost-metric": "ietf-alto:" + metric,
		"cost-context": object{"cost-source": "ietf-alto:nominal"},
	}
}

// pid is a PID of a static source.
func pid(name string, prefixes ...string) object {
	l := list{}
	for _, p := range prefixes {
		l = append(l, p)
	}
	return object{"name": name, "prefix": l}
}

func placed(p object, latitude, longitude string) object {
	p["position"] = object{"latitude": latitude, "longitude": longitude}
	return p
}

// static is a data source with its data in the configuration.
func static(id string, content object) object {
	return object{"source-id": id, "source-type": "altoam-source-static:static", "source-params": object{"altoam-source-static:static": content}}
}

// cost is a cost of a static source's table.
func cost(source, destination, value string) object {
	return object{"source": source, "destination": destination, "value": value}
}

func networkMap(id, source string, more object) object {
	return object{"resource-id": id, "resource-type": "ietf-alto:network-map", "alto-networkmap-params": with(object{
		"altoam-algorithm-from-source:from-source": object{"source": source},
	}, more)}
}

// costMap is a cost map of a source's costs that depends on a network map.
func costMap(id, source, networkMap string, more object) object {
	return object{"resource-id": id, "resource-type": "ietf-alto:cost-map", "dependency": list{networkMap}, "alto-costmap-params": with(object{
		"altoam-algorithm-from-source:from-source": object{"source": source},
		"cost-type-name": list{"num"},
	}, more)}
}

// with returns o with the members of more.
func with(o, more object) object {
	for k, v := range more {
		o[k] = v
	}
	return o
}

// campus is a source with two PIDs, costs and properties.
func campus() object {
	return static("campus", object{
		"pid": list{
			placed(pid("lan", "192.0.2.0/24", "2001:db8::/32"), "50", "10"),
			placed(pid("world", "0.0.0.0/0", "::/0"), "40", "-70"),
		},
		"cost-table": list{object{"metric": "routingcost", "mode": "numerical", "cost": list{
			cost("lan", "lan", "1"), cost("lan", "world", "7.5"), cost("world", "lan", "8"),
		}}},
		"entity": list{
			object{"domain": "ipv4", "name": "192.0.2.1", "property": list{object{"name": "rack", "value": "r1"}}},
			object{"domain": "ipv6", "name": "2001:db8::/48", "property": list{object{"name": "rack", "json-value": "7"}}},
		},
		"cdni-advertisement": list{object{
			"name": "all", "capability-type": "FCI.DeliveryProtocol",
			"capability-value": `{"delivery-protocols":["http/1.1"]}`,
		}},
	})
}

// campusServer has a resource of each type that is served.
func campusServer() object {
	return object{
		"listen":      listenHTTP(),
		"cost-type":   list{costType("num", "numerical", "routingcost"), costType("ord", "ordinal", "routingcost")},
		"meta":        list{object{"meta-key": "vendor", "meta-value": "ImFsdG9hbSI="}},
		"data-source": list{campus()},
		"resource": list{
			networkMap("net", "campus", object{"is-default": true, "filtered": true}),
			costMap("rc", "campus", "net", object{"filtered": true, "cost-constraints": true}),
			costMap("both", "campus", "net", object{"filtered": true, "cost-type-name": list{"num", "ord"}, "max-cost-types": 2}),
			object{
				"resource-id": "km", "resource-type": "ietf-alto:endpoint-cost",
				"alto-endpointcost-params": object{"altoam-algorithm-geo-distance:geo-distance": object{"network-map": "net"}, "cost-type-name": list{"num"}},
			},
			object{
				"resource-id": "ec", "resource-type": "ietf-alto:endpoint-cost",
				"alto-endpointcost-params": object{"altoam-algorithm-from-map:from-map": object{"cost-map": list{"rc"}}, "cost-type-name": list{"num"}},
			},
			object{
				"resource-id": "props", "resource-type": "ietf-alto:endpoint-prop",
				"alto-endpointprop-params": object{"altoam-algorithm-from-source:from-source": object{"source": "campus"}, "prop-type": list{"net.pid", "rack"}},
			},
			object{
				"resource-id": "map", "resource-type": "ietf-alto:property-map",
				"alto-propmap-params": object{"altoam-algorithm-from-source:from-source": object{"source": "campus", "filtered": true}},
			},
			object{
				"resource-id": "elsewhere", "resource-type": "ietf-alto:ird",
				"alto-ird-params": object{"delegation": "https://alto.example.net/directory"},
			},
			object{
				"resource-id": "cdn", "resource-type": "ietf-alto:cdni",
				"alto-cdni-params": object{"altoam-algorithm-from-source:from-source": object{"source": "campus", "filtered": true}},
			},
			object{
				"resource-id": "stream", "resource-type": "ietf-alto:update", "dependency": list{"net", "rc"},
				"alto-update-params": object{"altoam-algorithm-on-change:on-change": object{}},
			},
		},
	}
}
