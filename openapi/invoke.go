package openapi

import (
	"github.com/altoam/altoam/yang"
)

// operations describes the RPCs (RFC 8040 Section 3.6).
func (d *document) operations() {
	p := place{template: "/operations", id: "operations"}
	for _, m := range d.o.Schema.Modules {
		if !m.Implemented || !d.wants(m) {
			continue
		}
		for _, rpc := range m.RPCs {
			if d.handles(rpc) {
				at := p.segment(rpc.QName())
				d.path(at, d.invocation(at, rpc))
			}
		}
	}
}

func (d *document) handles(n *yang.Node) bool { return d.o.Handles == nil || d.o.Handles(n) }

// action describes an action on the node at p.
func (d *document) action(p place, a *yang.Node) {
	if d.handles(a) {
		at := p.segment(memberName(a.DataParent, a))
		d.path(at, d.invocation(at, a))
	}
}

// invocation is the Path Item Object of an RPC or action.
func (d *document) invocation(p place, op *yang.Node) object {
	o := operation{id: "post." + p.id, tag: op.Module.Name, errors: editErrors}
	if in := op.Input(); len(in.Data) > 0 {
		name := d.share(schemas, part(op, in, d.completed(in)), namesOf(op, ".input.body")...)
		o.body = object{{"required", needs(in)}, {"content", encoded(name)}}
	}
	if out := op.Output(); len(out.Data) > 0 {
		name := d.share(schemas, part(op, out, d.component(out)), namesOf(op, ".output.body")...)
		o.answers.set("200", object{{"description", "The output"}, {"content", encoded(name)}})
	}
	o.answers.set("204", ref(responses, "no-output"))
	s := d.operation(o)
	return object{{"post", s}}
}

// part is the schema of an object with the input or output (RFC 8040 Sections 3.6.1
// and 3.6.2).
func part(op, io *yang.Node, component string) object {
	name := op.Module.Name + ":" + io.Name
	return closed(object{{"type", "object"}, {"properties", object{{name, ref(schemas, component)}}}, {"required", []string{name}}})
}

// needs tells whether the input cannot be empty.
func needs(in *yang.Node) bool {
	for _, c := range in.Data {
		if c.Case == nil && needed(c) {
			return true
		}
	}
	for _, c := range in.Children {
		if neededChoice(c) {
			return true
		}
	}
	return false
}
