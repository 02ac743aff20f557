package openapi

import (
	"github.com/altoam/altoam/yang"
)

// names of members are qualified where the module is not that of the parent (RFC
// 7951 Section 4).
func memberName(parent, n *yang.Node) string {
	if n.Module == parent.Module {
		return n.Name
	}
	return n.QName()
}

// shape is the schema of the value of the member that stands for n: of all entries,
// where n is a list or leaf-list. It holds for every representation, also for a
// part of one, and for operational, where what is required may be missing (RFC 8342
// Section 5.3).
func (d *document) shape(n *yang.Node) object {
	switch n.Kind {
	case yang.List, yang.LeafList:
		s := object{{"type", "array"}, {"items", d.instance(n)}}
		if n.Kind == yang.LeafList && len(n.Defaults) > 0 {
			s.set("default", defaults(n))
		}
		return d.marked(n, s)
	case yang.Leaf:
		s := d.instance(n)
		if len(n.Defaults) > 0 {
			s = append(s[:len(s):len(s)], member{"default", literal(n.Defaults[0])})
		}
		return d.marked(n, s)
	}
	return d.marked(n, d.instance(n))
}

// instance is the schema of one instance of n.
func (d *document) instance(n *yang.Node) object {
	switch n.Kind {
	case yang.Leaf, yang.LeafList:
		return d.leafType(n)
	case yang.AnyData:
		return object{{"type", "object"}}
	case yang.AnyXML:
		return object{}
	}
	return ref(schemas, d.component(n))
}

func defaults(n *yang.Node) (out []any) {
	for _, v := range n.Defaults {
		out = append(out, literal(v))
	}
	return out
}

// marked adds to s what the parent's property for n says of it.
func (d *document) marked(n *yang.Node, s object) object {
	s = s[:len(s):len(s)]
	if state(n) && !state(n.DataParent) {
		s.set("readOnly", true)
	}
	if n.Status != yang.Current && n.DataParent.Status == yang.Current {
		s.set("deprecated", true)
	}
	return s
}

// state tells whether n is a data node that is no configuration; what is in
// operations, notifications and structures is neither.
func state(n *yang.Node) bool {
	if n.Config || n.Kind == yang.Root {
		return false
	}
	top := n
	for top.DataParent != nil {
		top = top.DataParent
	}
	return top.Kind == yang.Root && n.IsData() && !inOperation(n)
}

func inOperation(n *yang.Node) bool {
	for ; n != nil; n = n.Parent {
		switch n.Kind {
		case yang.Input, yang.Output, yang.Notification, yang.Structure:
			return true
		}
	}
	return false
}

// component is the name of the schema of a container, a list entry, an input or output, a
// notification or a structure.
func (d *document) component(n *yang.Node) string {
	if name, ok := d.shapes[n]; ok {
		return name
	}
	name := d.share(schemas, d.members(n, n.Data, func(c *yang.Node) string { return memberName(n, c) }), namesOf(n, "")...)
	d.shapes[n] = name
	return name
}

// members is the schema of an object with the children list of n.
func (d *document) members(n *yang.Node, list []*yang.Node, nameOf func(*yang.Node) string) object {
	s := object{{"type", "object"}}
	var properties object
	var keys []string
	for _, c := range list {
		properties.set(nameOf(c), d.shape(c))
	}
	if len(properties) > 0 {
		s.set("properties", properties)
	}
	for _, k := range n.Keys {
		keys = append(keys, k.Name)
	}
	if len(keys) > 0 {
		s.set("required", keys)
		s.set("x-yang-key", keys)
	}
	if n.Presence {
		s.set("x-yang-presence", true)
	}
	if alone := alternatives(list, nameOf); len(alone) > 0 {
		s.set("dependentSchemas", alone)
	}
	return closed(s)
}

// closed allows no members but the properties and annotations (RFC 7952 Section 5.2).
func closed(s object) object {
	s.set("patternProperties", object{{"^@", object{}}})
	s.set("additionalProperties", false)
	return s
}

// alternatives are the dependent schemas that keep nodes of different cases of a choice
// apart.
func alternatives(list []*yang.Node, nameOf func(*yang.Node) string) (out object) {
	for i, a := range list {
		if a.Case == nil {
			continue
		}
		var never object
		for _, b := range list[i+1:] {
			if exclusive(a, b) {
				never.set(nameOf(b), false)
			}
		}
		if len(never) > 0 {
			out.set(nameOf(a), object{{"properties", never}})
		}
	}
	return out
}

// exclusive tells whether a and b stand in different cases of one choice.
func exclusive(a, b *yang.Node) bool {
	for x := a.Case; x != nil; x = outerCase(x) {
		for y := b.Case; y != nil; y = outerCase(y) {
			if x != y && x.Parent == y.Parent {
				return true
			}
		}
	}
	return false
}

// outerCase is the case around the choice of c, or nil.
func outerCase(c *yang.Node) *yang.Node {
	if choice := c.Parent; choice != nil && choice.Parent != nil && choice.Parent.Kind == yang.Case {
		return choice.Parent
	}
	return nil
}
