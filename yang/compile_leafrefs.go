package yang

import (
	"fmt"
	"slices"
	"strings"
)

// reference is a leafref type to resolve, as one leaf uses it.
type reference struct {
	node   *Node
	t      *Type
	path   *stmt
	module *Module // of names without prefix, nil for that of the node
}

// resolveLeafrefs sets Path, Target and Real of every leafref (RFC 7950 Section
// 9.9). It returns false when values cannot be parsed, for some lead back to
// themselves.
func (c *compiler) resolveLeafrefs() bool {
	for _, r := range c.refs {
		if r.module == nil {
			r.module = r.node.Module
		}
		r.t.Path = c.xpath(r.path, r.module)
		if r.t.Path != nil {
			r.t.Target = c.target(r)
		}
	}
	for _, r := range c.refs {
		if r.t.Target != nil {
			c.checkFeatures(r)
		}
	}
	sizes, bounded := map[*Type]int{}, true
	for _, r := range c.refs {
		if r.t.Target == nil {
			continue
		}
		switch size := follow(r.t, sizes); {
		case size < 0:
			bounded = false
			c.at(r.path, "the leafref of %s leads back to itself", r.node.Path())
		case size > maxMembers:
			bounded = false
			c.at(r.path, "the leafref of %s stands for more than %d types", r.node.Path(), maxMembers)
		}
	}
	return bounded
}

// follow sets Real of the leafrefs in t and of those they lead to. It returns
// how many types t stands for, or -1 where it leads back to itself. sizes keeps
// what is known, -1 while a type is visited.
func follow(t *Type, sizes map[*Type]int) int {
	if t.Base != LeafRef && t.Base != Union {
		return 1
	}
	if size, ok := sizes[t]; ok {
		return size
	}
	sizes[t] = -1
	next := t.Members
	if t.Base == LeafRef {
		if t.Target == nil {
			return 1
		}
		next = []*Type{t.Target.Type}
	}
	sum := 1
	for _, m := range next {
		size := follow(m, sizes)
		if size < 0 {
			return -1
		}
		sum = min(sum+size, maxMembers+1)
	}
	if t.Base == LeafRef {
		t.Real = t.Target.Type.Real
	}
	sizes[t] = sum
	return sum
}

// target finds the leaf that a leafref points to. What is wrong with the path
// is recorded; a module that is not implemented is marked as needed.
func (c *compiler) target(r *reference) *Node {
	n := c.walk(r, r.node, r.t.Path.Expr.(*PathExpr))
	switch {
	case n == nil:
		return nil
	case !n.IsLeafy():
		c.at(r.path, "path %q of %s leads to %s, %s, expected a leaf or leaf-list", r.path.arg, r.node.Path(), n.Path(), n.Kind.a())
		return nil
	case n == r.node:
		c.at(r.path, "the leafref of %s leads back to itself", r.node.Path())
		return nil
	case n.Module == r.node.Module && n.Status > r.node.Status && c.files[r.path.file].mod == n.Module:
		c.at(r.path, "path %q of %s, which is %s, leads to %s, which is %s", r.path.arg, r.node.Path(), r.node.Status, n.Path(), n.Status)
	case r.node.Config && r.t.RequireInstance && !n.Config && r.node.Kind != Root:
		c.at(r.path, "path %q: configuration %s cannot require an instance of %s, which is config false", r.path.arg, r.node.Path(), n.Path())
	}
	return n
}

// walk follows a location path of a leafref from n.
func (c *compiler) walk(r *reference, n *Node, p *PathExpr) *Node {
	if p.Absolute {
		n = c.schema.Root
	}
	for _, s := range p.Steps {
		if s.Axis == AxisParent {
			if n = n.up(); n == nil {
				c.at(r.path, "path %q of %s: there are more \"..\" than levels above", r.path.arg, r.node.Path())
				return nil
			}
			continue
		}
		if n = c.below(r, n, s); n == nil {
			return nil
		}
		for _, e := range s.Preds {
			c.predicate(r, n, e.(*BinaryExpr))
		}
	}
	return n
}

// checkFeatures checks that a leafref depends on the features that its target
// depends on (RFC 7950 Section 9.9).
func (c *compiler) checkFeatures(r *reference) {
	have := r.node.features()
	for _, f := range r.t.Target.features() {
		if !slices.Contains(have, f) && r.node.Kind != Root {
			c.at(r.path, "path %q of %s leads to %s, which depends on feature %s; expected %s to depend on it, too", r.path.arg, r.node.Path(), r.t.Target.Path(), f, r.node.Path())
		}
	}
}

// features are the features that the if-feature statements of n and of what is
// above it name, "module:name".
func (n *Node) features() (list []string) {
	for ; n != nil; n = n.Parent {
		for _, text := range n.IfFeatures {
			for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == '(' || r == ')' || r == ' ' }) {
				if strings.Contains(w, ":") {
					list = append(list, w)
				}
			}
		}
	}
	return list
}

// up is the parent in the accessible tree, where input and output stand for
// their operation (RFC 7950 Section 6.4.1); nil above the root.
func (n *Node) up() *Node {
	p := n.DataParent
	if (n.Kind == Input || n.Kind == Output) && p != nil {
		return p.DataParent
	}
	return p
}

// below is the child of n that a step names.
func (c *compiler) below(r *reference, n *Node, s Step) *Node {
	if k := n.Child(s.Module, s.Name); k != nil && (k.IsData() || k.Kind == Notification) {
		return k
	}
	if n.Kind == Root {
		if k := r.ownRoot(s); k != nil {
			return k
		}
	}
	u := c.byName[s.Module]
	if u != nil && !u.mod.Implemented {
		c.needed[u] = true
		return nil
	}
	if u == nil || u.holes {
		return nil // the error is recorded
	}
	why := ""
	if n.offChild(s) || n.Kind == Root && c.offTop(s) {
		why = ": it is switched off by an if-feature or deviation"
	}
	where := n.Path()
	if n.Kind == Root {
		where = "the top level"
	}
	c.at(r.path, "path %q of %s: there is no node %q in %s%s", r.path.arg, r.node.Path(), fmt.Sprintf("%s:%s", s.Module, s.Name), where, why)
	return nil
}

// ownRoot is what the root has besides the data nodes for an expression inside
// an RPC, a notification or a structure.
func (r *reference) ownRoot(s Step) *Node {
	var io *Node
	for n := r.node; n != nil && n.Kind != Root; n = n.Parent {
		top := n.Parent != nil && n.Parent.Kind == Root && n.Name == s.Name && n.Module.Name == s.Module
		switch {
		case n.Kind == Input || n.Kind == Output:
			io = n
		case n.Kind == RPC && top:
			return io
		case n.Kind == Notification && top:
			return n
		case n.Kind == Structure:
			return n.Child(s.Module, s.Name)
		}
	}
	return nil
}

// offChild tells whether a node below n, through choices, has the step's name
// but is not on.
func (n *Node) offChild(s Step) bool { return n.draft != nil && n.draft.off(s) }

func (d *draft) off(s Step) bool {
	for _, k := range d.kids {
		if k.name == s.Name && k.unit.mod.Name == s.Module && k.kind != Choice && k.kind != Case {
			return true
		}
		if (k.kind == Choice || k.kind == Case) && k.off(s) {
			return true
		}
	}
	return false
}

// offTop tells the same for the top level.
func (c *compiler) offTop(s Step) bool { return c.root.off(s) }

// predicate checks [KEY = current()/../PATH] on a list (RFC 7950 Section 9.9.2).
func (c *compiler) predicate(r *reference, list *Node, eq *BinaryExpr) {
	k := c.below(r, list, eq.L.(*PathExpr).Steps[0])
	if k != nil && !k.IsKey {
		c.at(r.path, "path %q: %s in a predicate is no key of its list", r.path.arg, k.Path())
	}
	c.walk(r, r.node, &PathExpr{Steps: eq.R.(*PathExpr).Steps})
}
