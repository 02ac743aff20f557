package openapi

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

const (
	restconfModule = "ietf-restconf"
	patchModule    = "ietf-yang-patch"
	historyModule  = "altoam-commit"
)

const (
	mediaJSON = "application/yang-data+json"
	mediaXML  = "application/yang-data+xml"
	// several entries (draft-ietf-netconf-list-pagination-rc-10 Section 2.2)
	mediaXMLList = "application/yang-data+xml-list"
	patchJSON    = "application/yang-patch+json"
	patchXML     = "application/yang-patch+xml"
	mediaEvent   = "text/event-stream"
)

// document is a description in the making.
type document struct {
	o      Options
	wanted map[*yang.Module]bool // empty: all
	components
	paths  object
	shapes map[*yang.Node]string // component by node
	wholes map[*yang.Node]string // complete component by node
	types  map[*yang.Node]object // schema of leafs and leaf-lists
	// patterns are translated patterns, "" for those that cannot be.
	patterns map[string]string
	tags     map[string]bool
}

func newDocument(o Options, wanted map[*yang.Module]bool) *document {
	return &document{
		o: o, wanted: wanted, shapes: map[*yang.Node]string{}, wholes: map[*yang.Node]string{},
		types: map[*yang.Node]object{}, patterns: map[string]string{}, tags: map[string]bool{},
	}
}

// wants tells whether the module is to be described.
func (d *document) wants(m *yang.Module) bool { return len(d.wanted) == 0 || d.wanted[m] }

// implements tells whether the schema implements the module.
func (d *document) implements(name string) bool {
	m := d.o.Schema.Module(name)
	return m != nil && m.Implemented
}

// whole is the OpenAPI Object (OpenAPI 3.1.1 Section 4.8.1).
func (d *document) whole() object {
	info := object{
		{"title", "altoam RESTCONF"},
		{"version", d.o.Version},
		{"description", "YANG data over HTTP (RFC 8040), generated from the YANG modules. HEAD goes where GET does, OPTIONS everywhere. " +
			"Schemas are those of JSON (RFC 7951) in canonical form; XML is RFC 7950. The schemas named complete hold for what is created or replaced, " +
			"the others for all that can be read or merged."},
	}
	var tags []object
	for _, m := range d.o.Schema.Modules {
		if d.tags[m.Name] {
			tags = append(tags, object{{"name", m.Name}, {"description", m.Namespace}})
		}
	}
	tags = append(tags, object{{"name", apiTag}, {"description", "Resources of the API itself"}})
	schemes := object{
		{"basic", object{{"type", "http"}, {"scheme", "basic"}}},
		{"bearer", object{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
		{"certificate", object{{"type", "mutualTLS"}}},
	}
	parts := d.components.object()
	parts.set("securitySchemes", schemes)
	return object{
		{"openapi", "3.1.1"},
		{"info", info},
		{"jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema"},
		{"security", []object{{{"basic", []any{}}}, {{"bearer", []any{}}}, {{"certificate", []any{}}}}},
		{"tags", tags},
		{"paths", d.paths},
		{"components", parts},
	}
}

// below tells whether something at or below n is to be described.
func (d *document) below(n *yang.Node) bool {
	return d.wants(n.Module) || slices.ContainsFunc(n.Data, d.below) || slices.ContainsFunc(actions(n), func(a *yang.Node) bool { return d.wants(a.Module) })
}

// actions are the actions of n.
func actions(n *yang.Node) (out []*yang.Node) {
	for _, c := range n.Children {
		switch c.Kind {
		case yang.Action:
			out = append(out, c)
		case yang.Choice, yang.Case:
			out = append(out, actions(c)...)
		}
	}
	return out
}
