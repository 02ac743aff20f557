package openapi

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// operation is the Operation Object of a method on the resource at p, in the making.
type operation struct {
	id, tag string
	params  []string // components
	body    object   // Request Body Object
	answers object   // Responses Object, without errors
	errors  []string
	patch   bool // PATCH
}

func (d *document) operation(o operation) object {
	d.tags[o.tag] = true
	s := object{{"tags", []string{o.tag}}, {"operationId", o.id}}
	var params []object
	for _, name := range o.params {
		if d.has(parameters, name) {
			params = append(params, ref(parameters, name))
		}
	}
	if len(params) > 0 {
		s.set("parameters", params)
	}
	if o.body != nil {
		s.set("requestBody", o.body)
	}
	answers := o.answers[:len(o.answers):len(o.answers)]
	name := func(code string) string { return code }
	if o.patch {
		name = patchError
	}
	for _, code := range o.errors {
		answers.set(code, ref(responses, name(code)))
	}
	answers.set("default", ref(responses, name("error")))
	s.set("responses", answers)
	return s
}

// The codes of errors that say something of the resource; others are the default answer.
var (
	readErrors = []string{"400", "401", "403", "404"}
	editErrors = []string{"400", "401", "403", "404", "409", "412"}
)

var (
	readParams  = []string{"content", "depth", "fields", "with-defaults", "sublist-limit", "If-None-Match", "If-Modified-Since"}
	pageParams  = []string{"limit", "offset", "cursor", "direction", "sort-by", "locale", "where"}
	editHeaders = []string{"If-Match", "If-Unmodified-Since", headerComment, headerLabel, headerBase}
)

// encoded is a Media Type Object for each encoding of YANG data with that schema.
func encoded(schema string) object {
	return object{{mediaJSON, object{{"schema", ref(schemas, schema)}}}, {mediaXML, object{}}}
}

// datastoreItem is the Path Item Object of a datastore resource (RFC 8040 Section 3.4).
func (d *document) datastoreItem(p place) object {
	body, content := "data.body", "data.content"
	if !d.has(schemas, body) {
		body, content = d.datastore()
	}
	item := object{{"get", d.read(p, apiTag, body, true)}}
	if !p.view.edits() {
		return item
	}
	if child := d.child(d.o.Schema.Root); child != "" {
		item.set("post", d.create(p, apiTag, child, false))
	}
	item.set("put", d.replace(p, apiTag, content, false))
	item.set("patch", d.merge(p, apiTag, body))
	return item
}

// dataItem is the Path Item Object of the resource of one instance of n, with the
// methods that RFC 8040 Section 4 gives it.
func (d *document) dataItem(p place, n *yang.Node) object {
	tag, body := n.Module.Name, d.body(n)
	item := object{{"get", d.read(p, tag, body, n.Config)}}
	if !n.Config || n.IsKey || !p.view.edits() {
		return item
	}
	if n.Kind == yang.Container || n.Kind == yang.List {
		if child := d.child(n); child != "" {
			item.set("post", d.create(p, tag, child, hasOrdered(n)))
		}
	}
	item.set("put", d.replace(p, tag, d.content(n), n.OrderedByUser))
	item.set("patch", d.merge(p, tag, body))
	item.set("delete", d.remove(p, tag))
	return item
}

// severalItem is the Path Item Object of a whole list or leaf-list. In plain XML there
// can be one entry only.
func (d *document) severalItem(p place, n *yang.Node) object {
	media := append(encoded(d.entries(n)), member{mediaXMLList, object{}})
	return object{{"get", d.readAs(p, n.Module.Name, media, n.Config, pageParams...)}}
}

func hasOrdered(n *yang.Node) bool {
	for _, c := range n.Data {
		if c.Config && c.OrderedByUser {
			return true
		}
	}
	return false
}

func (d *document) read(p place, tag, schema string, config bool) object {
	return d.readAs(p, tag, encoded(schema), config)
}

// readAs is GET of a resource in some media types.
func (d *document) readAs(p place, tag string, content object, config bool, params ...string) object {
	ok := object{{"description", "The resource"}}
	o := operation{id: "get." + p.id, tag: tag, params: slices.Concat(params, readParams), errors: readErrors}
	if p.view == "operational" {
		o.params = append(o.params, "with-origin")
	}
	if config {
		ok.set("headers", tagHeaders())
		o.errors = append([]string{"304"}, readErrors...)
	}
	ok.set("content", content)
	o.answers = object{{"200", ok}}
	return d.operation(o)
}

// edit is a method that changes the resource at p.
func (d *document) edit(method string, p place, tag string, params ...string) operation {
	o := operation{id: method + "." + p.id, tag: tag, params: slices.Concat(params, editHeaders), errors: editErrors}
	if d.tries(p) {
		o.params = append(o.params, "dry-run")
		o.answers.set("200", ref(responses, "tried"))
	}
	return o
}

// tries tells whether edits of the resource at p can be tried.
func (d *document) tries(p place) bool { return d.o.DryRun && (p.view == "" || p.view == "running") }

func (d *document) create(p place, tag, schema string, ordered bool) object {
	o := d.edit("post", p, tag, placing(ordered)...)
	o.body = object{{"required", true}, {"content", encoded(schema)}}
	o.answers.set("201", ref(responses, "created"))
	return d.operation(o)
}

func (d *document) replace(p place, tag, schema string, ordered bool) object {
	o := d.edit("put", p, tag, append(placing(ordered), "If-None-Match")...)
	o.body = object{{"required", true}, {"content", encoded(schema)}}
	o.answers.set("201", ref(responses, "replaced"))
	o.answers.set("204", ref(responses, "done"))
	return d.operation(o)
}

func (d *document) merge(p place, tag, schema string) object {
	o, media := d.edit("patch", p, tag), encoded(schema)
	if d.implements(patchModule) {
		media.set(patchJSON, object{{"schema", ref(schemas, patchBody)}})
		media.set(patchXML, object{})
		done := "patched"
		if d.tries(p) {
			done = "patched-or-tried"
		}
		o.answers = object{{"200", ref(responses, done)}}
	}
	o.patch, o.body = true, object{{"required", true}, {"content", media}}
	o.answers.set("204", ref(responses, "done"))
	return d.operation(o)
}

func (d *document) remove(p place, tag string) object {
	o := d.edit("delete", p, tag)
	o.answers.set("204", ref(responses, "done"))
	return d.operation(o)
}

// placing are the parameters that say where an entry goes.
func placing(ordered bool) []string {
	if !ordered {
		return nil
	}
	return []string{"insert", "point"}
}
