package openapi

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// complete is shape for what must be whole: the content of POST and PUT, the input
// of an operation. Mandatory nodes and the bounds on the number of entries are
// added, where no when makes them conditional. State is left out of account.
func (d *document) complete(n *yang.Node) object {
	var s object
	switch n.Kind {
	case yang.Container:
		if name := d.completed(n); name != d.component(n) {
			return d.marked(n, ref(schemas, name))
		}
	case yang.List:
		if name := d.completed(n); name != d.component(n) {
			s = object{{"type", "array"}, {"items", ref(schemas, name)}}
		}
	}
	if s == nil {
		s = d.shape(n)
	}
	if n.Kind == yang.List || n.Kind == yang.LeafList {
		s = append(s[:len(s):len(s)], bounds(n)...)
	}
	return s
}

// bounds are the keywords for the number of entries. The values of a leaf-list are
// unique in configuration (RFC 7950 Section 7.7).
func bounds(n *yang.Node) (s object) {
	if n.MinElements > 0 {
		s.set("minItems", n.MinElements)
	}
	if n.MaxElements > 0 {
		s.set("maxItems", n.MaxElements)
	}
	if n.Kind == yang.LeafList && n.Config {
		s.set("uniqueItems", true)
	}
	return s
}

// completed is the name of the complete schema of a container, list entry, input, output
// or notification; that of its component where they do not differ.
func (d *document) completed(n *yang.Node) string {
	if name, ok := d.wholes[n]; ok {
		return name
	}
	base := d.component(n)
	name := base
	if extra := d.completion(n, n.Data, func(c *yang.Node) string { return memberName(n, c) }); len(extra) > 0 {
		name = d.share(schemas, append(ref(schemas, base), extra...), base+".complete")
	}
	d.wholes[n] = name
	return name
}

// completion is what a complete instance with the children list of n must satisfy
// besides its component.
func (d *document) completion(n *yang.Node, list []*yang.Node, nameOf func(*yang.Node) string) (s object) {
	var properties, dependent object
	var required []string
	for _, c := range list {
		if state(c) {
			continue
		}
		if whole := d.complete(c); !same(whole, d.shape(c)) {
			properties.set(nameOf(c), whole)
		}
		if !needed(c) {
			continue
		}
		if c.Case == nil {
			required = append(required, nameOf(c))
		}
	}
	if len(properties) > 0 {
		s.set("properties", properties)
	}
	if len(required) > 0 {
		s.set("required", required)
	}
	if dependent = companions(list, nameOf); len(dependent) > 0 {
		s.set("dependentRequired", dependent)
	}
	if choices := chosen(n, list, nameOf); len(choices) > 0 {
		s.set("allOf", choices)
	}
	return s
}

func same(a, b object) bool { return slices.Equal(appendJSON(nil, a), appendJSON(nil, b)) }

// needed tells whether there must be an instance of n where its parent is, and its
// case: a mandatory node (RFC 7950 Section 3) without when.
func needed(n *yang.Node) bool {
	if len(n.Whens) > 0 || state(n) {
		return false
	}
	switch n.Kind {
	case yang.List, yang.LeafList:
		return n.MinElements > 0
	case yang.Container:
		return !n.Presence && (slices.ContainsFunc(n.Data, func(c *yang.Node) bool { return c.Case == nil && needed(c) }) ||
			slices.ContainsFunc(n.Children, neededChoice))
	}
	return n.Mandatory
}

func neededChoice(c *yang.Node) bool {
	return c.Kind == yang.Choice && c.Mandatory && len(c.Whens) == 0 && (c.Config || inOperation(c))
}

// companions are the nodes that a case must have once it has another one (RFC 7950
// Section 7.6.5). A container without presence may be there for nothing.
func companions(list []*yang.Node, nameOf func(*yang.Node) string) (out object) {
	for _, c := range list {
		if c.Case == nil || state(c) || c.Kind == yang.Container && !c.Presence {
			continue
		}
		var with []string
		for _, m := range list {
			if m != c && m.Case != nil && needed(m) && within(c, m.Case) && len(m.Case.Whens) == 0 {
				with = append(with, nameOf(m))
			}
		}
		if len(with) > 0 {
			out.set(nameOf(c), with)
		}
	}
	return out
}

// within tells whether n stands in the case c, or in a choice within it.
func within(n, c *yang.Node) bool {
	for x := n.Case; x != nil; x = outerCase(x) {
		if x == c {
			return true
		}
	}
	return false
}

// chosen are the alternatives of which the mandatory choices below n need one.
func chosen(n *yang.Node, list []*yang.Node, nameOf func(*yang.Node) string) (out []object) {
	for _, choice := range n.Children {
		if !neededChoice(choice) {
			continue
		}
		var any []object
		for _, c := range list {
			for x := c.Case; x != nil; x = outerCase(x) {
				if x.Parent == choice {
					any = append(any, object{{"required", []string{nameOf(c)}}})
				}
			}
		}
		if len(any) > 0 {
			out = append(out, object{{"anyOf", any}})
		}
	}
	return out
}
