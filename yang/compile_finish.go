package yang

import (
	"cmp"
	"slices"
	"strconv"
)

// finish turns the drafts into the nodes of the schema.
func (c *compiler) finish(root *draft, structures []*draft) {
	s := c.schema
	s.Root = &Node{Kind: Root, Config: true}
	c.assignID(s.Root)
	s.byName, s.byNS = map[string]*Module{}, map[string]*Module{}
	for _, u := range c.order {
		s.Modules = append(s.Modules, u.mod)
		if old := s.byName[u.mod.Name]; old == nil || u.mod.Implemented || !old.Implemented && old.Revision < u.mod.Revision {
			s.byName[u.mod.Name], s.byNS[u.mod.Namespace] = u.mod, u.mod
		}
	}
	slices.SortFunc(s.Modules, func(a, b *Module) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Revision, b.Revision))
	})
	for _, d := range root.kids {
		if !d.isOn() {
			continue
		}
		n := c.node(d, s.Root)
		switch mod := n.Module; n.Kind {
		case RPC:
			mod.RPCs = append(mod.RPCs, n)
		case Notification:
			mod.Notifications = append(mod.Notifications, n)
		default:
			mod.Data = append(mod.Data, n)
			s.Root.Children = append(s.Root.Children, n)
		}
	}
	for _, d := range structures {
		n := c.node(d, s.Root)
		n.Module.Structures = append(n.Module.Structures, n)
	}
	c.gather(s.Root)
	for _, u := range c.order {
		c.annotations(u)
		u.mod.typedefs, u.mod.groupings = nil, nil
		for _, f := range u.files {
			u.mod.readScopes(f.top, u.mod.Name+":")
		}
	}
}

// assignID gives n the next ID.
func (c *compiler) assignID(n *Node) {
	n.ID = len(c.schema.Nodes)
	c.schema.Nodes = append(c.schema.Nodes, n)
}

// node makes the node of a draft below parent, and all below it.
func (c *compiler) node(d *draft, parent *Node) *Node {
	n := &Node{Kind: d.kind, Name: d.name, Module: d.unit.mod, Parent: parent, draft: d, File: d.st.file.path, Line: d.st.line}
	c.assignID(n)
	n.DataParent = parent
	for n.DataParent.Kind == Choice || n.DataParent.Kind == Case {
		n.DataParent = n.DataParent.Parent
	}
	c.properties(n, d)
	for _, k := range d.kids {
		if k.isOn() {
			n.Children = append(n.Children, c.node(k, n))
		}
	}
	if n.Kind != Choice && n.Kind != Case {
		c.gather(n)
	}
	switch n.Kind {
	case Choice:
		c.defaultCase(n)
	case List:
		c.keys(n)
		c.uniques(n)
	}
	return n
}

// properties sets what does not depend on other nodes but those above.
func (c *compiler) properties(n *Node, d *draft) {
	n.Status = d.ownStatus(n.Parent)
	for _, k := range d.ifs {
		n.IfFeatures = append(n.IfFeatures, k.text)
	}
	n.Config = c.config(n, d)
	n.Mandatory = d.prop("mandatory") == "true"
	n.Presence = d.props["presence"] != nil
	n.OrderedByUser = d.prop("ordered-by") == "user"
	n.Units = d.prop("units")
	n.MinElements, _ = strconv.ParseUint(d.prop("min-elements"), 10, 64)
	n.MaxElements, _ = strconv.ParseUint(d.prop("max-elements"), 10, 64)
	c.extensions(n, d)
	for _, m := range d.musts {
		if x := c.xpath(m, n.Module); x != nil {
			n.Musts = append(n.Musts, &Must{XPath: x, AppTag: m.value("error-app-tag"), Message: m.value("error-message"), st: m})
		}
	}
	for _, w := range d.whens {
		scope := n.Module
		if w.scope != nil {
			scope = w.scope.mod
		}
		if x := c.xpath(w.st, scope); x != nil {
			n.Whens = append(n.Whens, &When{XPath: x, OnParent: w.parent || n.Kind == Choice || n.Kind == Case, use: w})
		}
	}
	if n.IsLeafy() {
		c.leafType(n, d)
	}
}

// ownStatus is the status stated, else that inherited (RFC 7950 Section 7.21.2).
func (d *draft) ownStatus(parent *Node) Status {
	if d.status == nil {
		return parent.Status
	}
	return statusOf(&stmt{subs: []*stmt{d.status}})
}

// config is whether n is configuration: as stated, else as its parent (RFC 7950
// Section 7.21.1). The statement is ignored in operations, notifications and structures.
func (c *compiler) config(n *Node, d *draft) bool {
	switch n.Kind {
	case RPC, Action, Notification, Structure:
		return false
	}
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.Kind {
		case RPC, Action, Notification, Structure:
			return false
		}
	}
	switch d.prop("config") {
	case "false":
		return false
	case "true":
		if !n.Parent.Config {
			c.at(d.props["config"], "%s is config true below a node that is config false", n.SchemaPath())
		}
	}
	return n.Parent.Config
}

// leafType sets the type and units of a leaf or leaf-list.
func (c *compiler) leafType(n *Node, d *draft) {
	info := c.typeOf(d.props["type"])
	if info == nil {
		n.Type = &Type{Base: String, schema: c.schema} // the error is recorded
		n.Type.Real = n.Type
		return
	}
	n.info = info
	n.Type = info.instance(func(t *Type, path *stmt) {
		c.refs = append(c.refs, &reference{node: n, t: t, path: path})
	})
	if n.Units == "" {
		n.Units = n.Type.Units
	}
}

// extensions sets Exts and DefaultDeny.
func (c *compiler) extensions(n *Node, d *draft) {
	n.DefaultDeny = n.Parent.DefaultDeny
	for _, s := range d.exts {
		e := c.extensionOf(s)
		if e == nil {
			continue
		}
		n.Exts = append(n.Exts, ExtUse{Extension: e, Arg: s.arg, HasArg: s.hasArg})
		switch {
		case e.is("ietf-netconf-acm", "default-deny-all"):
			n.DefaultDeny = DenyAll // stays in force below, whatever is said there
		case e.is("ietf-netconf-acm", "default-deny-write"):
			n.DefaultDeny = max(n.DefaultDeny, DenyWrite)
		}
	}
}

// gather fills Data and byName of n from its children, through choices. A list's
// keys are moved to the front by keys.
func (c *compiler) gather(n *Node) {
	n.byName = map[Name]*Node{}
	scope := map[Name]*Node{}
	if n == c.schema.Root {
		for _, u := range c.order {
			for _, k := range slices.Concat(u.mod.RPCs, u.mod.Notifications) {
				scope[Name{k.Module.Name, k.Name}] = k
			}
		}
	}
	var walk func(p *Node, inCase *Node)
	walk = func(p *Node, inCase *Node) {
		for _, k := range p.Children {
			c.scoped(scope, k)
			switch {
			case k.Kind == Choice:
				walk(k, inCase)
			case k.Kind == Case:
				walk(k, k)
			case k.IsData():
				k.Case = inCase
				k.Index = len(n.Data)
				n.Data = append(n.Data, k)
				n.byName[Name{k.Module.Name, k.Name}] = k
			case k.Kind == Action || k.Kind == Notification:
				n.byName[Name{k.Module.Name, k.Name}] = k
			}
		}
	}
	walk(n, nil)
}

// scoped checks that the name of k is new in its name space: that of the closest
// ancestor that is no choice or case (RFC 7950 Section 6.2.1). Cases have another one.
func (c *compiler) scoped(scope map[Name]*Node, k *Node) {
	name := Name{k.Module.Name, k.Name}
	if old := scope[name]; old != nil && k.Kind != Case {
		c.at(k.draft.st, "%s has the name of %s, expected another: what stands in cases shares the name space of what stands around the choice", k.SchemaPath(), old.SchemaPath())
		return
	}
	if k.Kind != Case {
		scope[name] = k
	}
}

// defaultCase resolves a choice's default (RFC 7950 Section 7.9.3).
func (c *compiler) defaultCase(n *Node) {
	for _, s := range n.draft.defaults {
		u, name := c.split(s, s.arg)
		if u == nil {
			continue
		}
		i := slices.IndexFunc(n.Children, func(k *Node) bool { return k.Name == name })
		switch {
		case i >= 0:
			n.DefaultCase = n.Children[i]
		case n.draft.kid(draftName{n.draft.unit, name}) == nil:
			c.notFound(u, s, "the default of %s is %q, which is none of its cases", n.SchemaPath(), s.arg)
		}
	}
}

// annotations compiles the annotations of a module (RFC 7952 Section 3).
func (c *compiler) annotations(u *unit) {
	for _, f := range u.files {
		for _, s := range f.top.subs {
			if s.kw == "" || !c.extensionOf(s).is("ietf-yang-metadata", "annotation") {
				continue
			}
			a := &Annotation{Module: u.mod, Name: s.arg, Status: statusOf(s)}
			texts, on := c.conditionsOf(s)
			a.IfFeatures = texts
			t := s.one("type")
			switch {
			case t == nil:
			case u.mod.annotation(s.arg) != nil:
				c.at(s, "annotation %q is defined twice", s.arg)
			case !on:
			default:
				if info := c.typeOf(t); info != nil {
					a.info = info
					a.Type = info.instance(func(t *Type, path *stmt) {
						c.refs = append(c.refs, &reference{node: c.schema.Root, t: t, path: path, module: u.mod})
					})
					u.mod.Annotations = append(u.mod.Annotations, a)
				}
			}
		}
	}
}
