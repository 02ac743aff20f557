package openapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/yang"
)

// place is where a resource is: a path template with its parameters.
type place struct {
	template string
	params   []object // references
	names    []string // of the parameters
	id       string   // for operationIds
	view     view
}

// view is how resources look at the data: the name of the datastore they are of, below
// {+restconf}/ds (RFC 8527 Section 3.1); "" below {+restconf}/data.
type view string

// place is where the view's datastore resource is.
func (v view) place() place {
	if v == "" {
		return place{template: "/data", id: "data"}
	}
	return place{template: "/ds/ietf-datastores:" + string(v), id: "ds." + string(v), view: v}
}

// edits tells whether the view can be edited, and invokes whether it has the actions
// (RFC 8527 Sections 3.1 and 3.2).
func (v view) edits() bool   { return v != "intended" && v != "operational" }
func (v view) invokes() bool { return v == "" || v == "operational" }

func (p place) segment(text string) place {
	p.template += "/" + text
	p.id += "." + strings.ReplaceAll(text, ":", ".")
	return p
}

// data describes the datastores, and the data resources (RFC 8040 Section 3.5) of the
// view that was asked for.
func (d *document) data() {
	views := append([]string{""}, d.o.Datastores...)
	for _, name := range views {
		p := view(name).place()
		d.path(p, d.datastoreItem(p))
		if name != d.o.Datastore {
			continue
		}
		for _, n := range d.o.Schema.Root.Data {
			d.resource(p, n, false)
		}
	}
}

// resource describes the resources of n and of what is below; all tells that a node above is wanted.
func (d *document) resource(p place, n *yang.Node, all bool) {
	all = all || d.wants(n.Module)
	if !all && !d.below(n) {
		return
	}
	parent, name := n.DataParent, n.QName()
	if parent.Kind != yang.Root {
		name = memberName(parent, n)
	}
	at := p.segment(name)
	if n.Kind == yang.List || n.Kind == yang.LeafList {
		if all {
			d.path(at, d.severalItem(at, n))
		}
		if n.Kind == yang.List && len(n.Keys) == 0 || n.Kind == yang.LeafList && !n.Config {
			return
		}
		at = d.keyed(at, n)
	}
	if all {
		d.path(at, d.dataItem(at, n))
	}
	for _, c := range n.Data {
		d.resource(at, c, all)
	}
	for _, a := range actions(n) {
		if p.view.invokes() && (all || d.wants(a.Module)) {
			d.action(at, a)
		}
	}
}

// keyed is the place of an entry of n.
func (d *document) keyed(p place, n *yang.Node) place {
	keys := n.Keys
	if n.Kind == yang.LeafList {
		keys = []*yang.Node{n}
	}
	p.params, p.names = slices.Clone(p.params), slices.Clone(p.names)
	var templates []string
	for _, k := range keys {
		name := k.Name
		if slices.Contains(p.names, name) {
			name = n.Name + "-" + k.Name
		}
		for i := 2; slices.Contains(p.names, name); i++ {
			name = n.Name + "-" + k.Name + "-" + strconv.Itoa(i)
		}
		p.names = append(p.names, name)
		s := d.valueOf(k.Type, true)
		if !slices.ContainsFunc(s, func(m member) bool { return m.name == "const" }) && !hasEmpty(k.Type) {
			s = d.leafType(k)
		}
		param := object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", s}}
		p.params = append(p.params, ref(parameters, d.share(parameters, param, append([]string{n.Module.Name + "." + name}, namesOf(k, "")...)...)))
		templates = append(templates, "{"+name+"}")
	}
	p.template += "=" + strings.Join(templates, ",")
	p.id += ".one"
	return p
}

// hasEmpty tells whether a value of type empty may be among those of t.
func hasEmpty(t *yang.Type) bool {
	if t.Real != nil {
		t = t.Real
	}
	return t.Base == yang.Empty || slices.ContainsFunc(t.Members, hasEmpty)
}

// path adds a Path Item Object below {+restconf}.
func (d *document) path(p place, item object) {
	if len(p.params) > 0 {
		item = append(object{{"parameters", p.params}}, item...)
	}
	d.paths.set(d.o.Root+p.template, item)
}
