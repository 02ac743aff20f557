package deployment

import "fmt"

// document is the configuration file of a server.
func (p *plan) document(server object) File {
	server["listen"] = object{"http": object{
		"tcp-server-parameters":  object{"local-bind": []object{{"local-address": p.host, "local-port": p.port}}},
		"alto-server-parameters": object{"base-uri": fmt.Sprintf("http://%s:%d/alto/", p.host, p.port)},
		"http-server-parameters": p.httpServer(server),
	}}
	return File{Configuration, marshal(object{"ietf-alto:alto": object{"alto-server": server}})}
}

// users is the member that the clients' users are put in before the document is made.
const users = "users"

// httpServer has the users, if there are any.
func (p *plan) httpServer(server object) object {
	list, ok := server[users]
	if !ok {
		return object{}
	}
	delete(server, users)
	return object{"client-authentication": object{"users": object{"user": list}}}
}

// costType is one of mode numerical or ordinal.
func costType(name, mode, metric string) object {
	return object{
		"cost-type-name": name, "cost-mode": "ietf-alto:" + mode, "cost-metric": "ietf-alto:" + metric,
		"cost-context": object{"cost-source": "ietf-alto:estimation"},
	}
}

// fileSource reads files.
func (p *plan) fileSource(id string, names ...string) object {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = p.path(name)
	}
	return object{"source-id": id, "source-type": "altoam-source-file:file", "source-params": object{"altoam-source-file:file": object{"path": paths}}}
}

// fromSource is the algorithm that shows what a source has.
func fromSource(source string, more ...any) object {
	o := object{"source": source}
	for i := 0; i < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return object{"altoam-algorithm-from-source:from-source": o}
}

// with adds members to an object and returns it.
func with(o object, more ...any) object {
	for i := 0; i < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

func resource(id, kind string, params object, dependency ...string) object {
	o := object{"resource-id": id, "resource-type": "ietf-alto:" + kind, paramsOf[kind]: params}
	if dependency != nil {
		o["dependency"] = dependency
	}
	return o
}

var paramsOf = map[string]string{
	"network-map": "alto-networkmap-params", "cost-map": "alto-costmap-params", "property-map": "alto-propmap-params",
	"endpoint-cost": "alto-endpointcost-params", "endpoint-prop": "alto-endpointprop-params", "update": "alto-update-params", "cdni": "alto-cdni-params",
}

// endpointCosts is an endpoint cost service over cost maps, with multi-cost requests
// where there is more than one type (RFC 8189).
func endpointCosts(id, net string, types, maps []string) object {
	params := object{
		"cost-type-name": types, "cost-constraints": true,
		"altoam-algorithm-from-map:from-map": object{"cost-map": maps},
	}
	if len(types) > 1 {
		with(params, "max-cost-types", len(types), "cost-constraints", false, "testable-cost-type-name", types)
	}
	return resource(id, "endpoint-cost", params, append([]string{net}, maps...)...)
}

// updates is an update stream over resources.
func updates(id string, covered ...string) object {
	return resource(id, "update", object{"altoam-algorithm-on-change:on-change": object{}}, covered...)
}

// views is TIPS over resources (RFC 9569).
func views(id string, covered ...string) object {
	return object{"resource-id": id, "resource-type": "altoam-tips:tips", "dependency": covered, "altoam-tips:alto-tips-params": object{}}
}
