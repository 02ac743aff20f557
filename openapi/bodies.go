package openapi

import (
	"github.com/altoam/altoam/yang"
)

// body is the name of the schema of the representation of one instance of n.
func (d *document) body(n *yang.Node) string {
	return d.share(schemas, wrapped(n, d.single(n, d.instance(n), d.shape(n))), namesOf(n, ".body")...)
}

// content is body for what is to be created or replaced.
func (d *document) content(n *yang.Node) string {
	entry := d.instance(n)
	if n.Kind == yang.List {
		entry = ref(schemas, d.completed(n))
	}
	return d.share(schemas, wrapped(n, d.single(n, entry, d.complete(n))), namesOf(n, ".content")...)
}

// entries is body for the entries of a list or leaf-list, all or a page of them.
func (d *document) entries(n *yang.Node) string {
	return d.share(schemas, wrapped(n, d.shape(n)), namesOf(n, ".entries")...)
}

// single is the schema of the member for one instance of n: an array of one where
// n is a list or leaf-list, else other.
func (d *document) single(n *yang.Node, entry, other object) object {
	if n.Kind != yang.List && n.Kind != yang.LeafList {
		return other
	}
	return object{{"type", "array"}, {"items", entry}, {"minItems", 1}, {"maxItems", 1}}
}

func wrapped(n *yang.Node, s object) object {
	return closed(object{{"type", "object"}, {"properties", object{{n.QName(), s}}}, {"required", []string{n.QName()}}})
}

// child is the name of the schema of one configuration child of n, as POST takes
// it; "" where n has none.
func (d *document) child(n *yang.Node) string {
	var properties object
	for _, c := range n.Data {
		if !c.Config || c.IsKey || n.Kind == yang.Root && !d.below(c) {
			continue
		}
		entry := d.instance(c)
		if c.Kind == yang.List {
			entry = ref(schemas, d.completed(c))
		}
		properties.set(c.QName(), d.single(c, entry, d.complete(c)))
	}
	if len(properties) == 0 {
		return ""
	}
	s := object{{"type", "object"}, {"properties", properties}, {"minProperties", 1}, {"maxProperties", 1}, {"additionalProperties", false}}
	if n.Kind == yang.Root {
		return d.share(schemas, s, "data.child")
	}
	return d.share(schemas, s, namesOf(n, ".child")...)
}

// datastore are the names of the schemas of all data: as it is read or merged, and as it is
// replaced.
func (d *document) datastore() (body, content string) {
	root := d.o.Schema.Root
	var list []*yang.Node
	for _, c := range root.Data {
		if d.below(c) {
			list = append(list, c)
		}
	}
	name := func(c *yang.Node) string { return c.QName() }
	d.put(schemas, "data", d.members(root, list, name))
	d.put(schemas, "data.complete", append(ref(schemas, "data"), d.completion(root, list, name)...))
	d.put(schemas, "data.body", enveloped("data", "data"))
	d.put(schemas, "data.content", enveloped("data", "data.complete"))
	return "data.body", "data.content"
}

// enveloped is the schema of an object with one member of ietf-restconf.
func enveloped(name, component string) object {
	name = restconfModule + ":" + name
	return closed(object{{"type", "object"}, {"properties", object{{name, ref(schemas, component)}}}, {"required", []string{name}}})
}

// structure is the name of the component of a structure of a module.
func (d *document) structure(module, name string) string {
	for _, n := range d.o.Schema.Module(module).Structures {
		if n.Name == name {
			return d.share(schemas, d.members(n, n.Data, func(c *yang.Node) string { return c.QName() }), module+"."+name+".body")
		}
	}
	panic("openapi: " + module + " has no structure " + name)
}
