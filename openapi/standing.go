package openapi

// apiTag groups what is of no module.
const apiTag = "RESTCONF"

// standing describes the resources that every server has.
func (d *document) standing() {
	d.get("", "api", []string{"depth", "fields"}, encoded(d.structure(restconfModule, "yang-api")))
	if d.implements("ietf-yang-library") {
		version := object{{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}
		d.put(schemas, "yang-library-version", version)
		d.put(schemas, "yang-library-version.body", enveloped("yang-library-version", "yang-library-version"))
		d.get("/yang-library-version", "yang-library-version", nil, encoded("yang-library-version.body"))
	}
	d.put(schemas, "operations", object{{"type", "object"}, {"additionalProperties", object{{"const", []any{nil}}}}})
	d.put(schemas, "operations.body", enveloped("operations", "operations"))
	d.get("/operations", "operations", nil, encoded("operations.body"))
	d.streams()
	d.put(parameters, "module", pathParameter("module", "NAME or NAME@REVISION of a module or submodule", object{{"type", "string"}}))
	d.get("/yang/{module}", "yang", nil, object{{"application/yang", object{{"schema", object{{"type", "string"}}}}}}, ref(parameters, "module"))
	d.put(parameters, "of-module", object{
		{"name", "module"},
		{"in", "query"},
		{"description", "The module to describe; without it, all that are implemented"},
		{"schema", object{{"type", "string"}}},
	})
	d.put(parameters, "of-datastore", object{
		{"name", "datastore"},
		{"in", "query"},
		{"description", "Describe the data resources of this datastore below ds, instead of those below data"},
		{"schema", names(d.o.Datastores)},
	})
	d.get("/openapi.json", "openapi", []string{"of-module", "of-datastore", "If-None-Match"}, object{{"application/json", object{{"schema", object{{"type", "object"}}}}}})
	d.hostMeta()
}

func pathParameter(name, description string, schema object) object {
	return object{{"name", name}, {"in", "path"}, {"required", true}, {"description", description}, {"schema", schema}}
}

// get describes a resource that can only be read.
func (d *document) get(path, id string, params []string, content object, inPath ...object) {
	o := operation{id: "get." + id, tag: apiTag, params: params, errors: readErrors}
	o.answers = object{{"200", object{{"description", "The resource"}, {"content", content}}}}
	d.path(place{template: path, params: inPath}, object{{"get", d.operation(o)}})
}

// streams describes the event streams (RFC 8040 Section 6.3): the data of an event is
// a notification.
func (d *document) streams() {
	properties := object{{"eventTime", object{{"type", "string"}, {"format", "date-time"}}}}
	for _, m := range d.o.Schema.Modules {
		if !m.Implemented || !d.wants(m) {
			continue
		}
		for _, n := range m.Notifications {
			properties.set(n.QName(), ref(schemas, d.component(n)))
		}
	}
	d.put(schemas, "notification", object{{"type", "object"}, {"properties", properties}, {"required", []string{"eventTime"}}})
	d.put(schemas, "notification.body", enveloped("notification", "notification"))
	d.put(parameters, "stream", pathParameter("stream", "The name of an event stream, from ietf-restconf-monitoring", object{{"type", "string"}}))
	d.put(parameters, "encoding", pathParameter("encoding", "How the data of events is encoded", names([]string{"json", "xml"})))
	d.put(parameters, "Last-Event-ID", object{
		{"name", "Last-Event-ID"},
		{"in", "header"},
		{"description", "The id of the last event that the client has"},
		{"schema", object{{"type", "string"}, {"pattern", "^[0-9]+$"}}},
	})
	events := object{{"schema", object{{"type", "string"}}}, {"x-event-data", ref(schemas, "notification.body")}}
	d.get("/streams/{stream}/{encoding}", "stream", []string{"filter", "start-time", "stop-time", "Last-Event-ID"},
		object{{mediaEvent, events}}, ref(parameters, "stream"), ref(parameters, "encoding"))
}

// hostMeta describes the document that leads to the API (RFC 8040 Section 3.1), for anybody
// and outside of {+restconf}.
func (d *document) hostMeta() {
	xrd, json := member{"application/xrd+xml", object{}}, member{"application/json", object{}}
	for _, r := range []struct {
		path    string
		content object
	}{{"/.well-known/host-meta", object{xrd, json}}, {"/.well-known/host-meta.json", object{json}}} {
		o := object{
			{"tags", []string{apiTag}},
			{"operationId", "get" + r.path[len("/.well-known"):]},
			{"security", []any{}},
			{"responses", object{{"200", object{{"description", "Links, one of them to the API"}, {"content", r.content}}}}},
		}
		d.paths.set(r.path, object{{"get", o}})
	}
}
