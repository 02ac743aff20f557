package yang

import "strings"

// expandModules makes the drafts of all implemented modules: the tree below the
// root, with augments and deviations applied, and the structures.
func (c *compiler) expandModules() (root *draft, structures []*draft) {
	root = &draft{kind: Root}
	var augments, inStructures, deviations []*stmt
	for _, u := range c.order {
		if !u.mod.Implemented {
			continue
		}
		for _, f := range u.files {
			top := &draft{kind: Root, unit: u, st: f.top}
			c.expand(top, f.top)
			for _, k := range top.kids {
				c.adopt(root, k)
			}
			for _, s := range f.top.subs {
				switch e := c.extensionOf(s); {
				case s.kw == "augment":
					augments = append(augments, s)
				case s.kw == "deviation":
					deviations = append(deviations, s)
				case e.is("ietf-restconf", "yang-data"), e.is("ietf-yang-structure-ext", "structure"):
					structures = append(structures, c.structure(u, s, structures))
				case e.is("ietf-yang-structure-ext", "augment-structure"):
					inStructures = append(inStructures, s)
				}
			}
		}
	}
	var lost []*stmt
	for _, a := range byDepth(augments) {
		if target := c.find(root, a, a.arg); target != nil {
			c.augment(target, a, c.files[a.file])
		} else {
			lost = append(lost, a)
		}
	}
	for _, a := range lost {
		c.files[a.file].holes = true
	}
	for _, a := range byDepth(inStructures) {
		if target := c.findStructure(structures, a); target != nil {
			c.augment(target, a, c.files[a.file])
		}
	}
	for _, d := range deviations {
		c.deviate(root, d)
	}
	c.checkStructureNames(root, structures)
	return root, structures
}

// structure makes the draft of a yang-data (RFC 8040 Section 8) or structure
// statement (RFC 8791 Section 4).
func (c *compiler) structure(u *unit, s *stmt, others []*draft) *draft {
	d := &draft{kind: Structure, name: s.arg, unit: u, st: s}
	for _, o := range others {
		if o.unit == u && o.name == s.arg {
			c.at(s, "%s %q is defined twice, first in line %d", s.kw, s.arg, o.st.line)
		}
	}
	d.musts = append(d.musts, s.all("must")...)
	d.status = s.one("status")
	c.expand(d, s)
	if strings.HasSuffix(s.kw, ":yang-data") && c.extensionOf(s).is("ietf-restconf", "yang-data") && !isOneContainer(d) {
		c.at(s, "yang-data %q: expected exactly one container, or a choice of containers", s.arg)
	}
	return d
}

// isOneContainer tells whether d's data is one container in every case (RFC
// 8040 Section 8).
func isOneContainer(d *draft) bool {
	if len(d.kids) != 1 {
		return false
	}
	k := d.kids[0]
	if k.kind == Choice {
		for _, one := range k.kids {
			if !isOneContainer(one) {
				return false
			}
		}
		return len(k.kids) > 0
	}
	return k.kind == Container
}

// find finds the node that an absolute schema node identifier names. A node
// that is not found is recorded as an error; one of a module that is not
// implemented marks it as needed.
func (c *compiler) find(root *draft, s *stmt, path string) *draft {
	d := root
	for _, step := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		u, name := c.split(s, step)
		if u == nil {
			return nil
		}
		if !u.mod.Implemented {
			c.needed[u] = true
			return nil
		}
		k := d.kid(draftName{u, name})
		if k == nil {
			c.notFound(u, s, "%s: there is no node %q in %s", s.title(), step, d.where())
			return nil
		}
		d = k
	}
	return d
}

// findStructure finds the target of an augment-structure (RFC 8791 Section 4).
func (c *compiler) findStructure(structures []*draft, s *stmt) *draft {
	if !argAbsolute.ok(s.arg) {
		c.at(s, "%s is %q, expected %s", s.kw, s.arg, argAbsolute.want)
		return nil
	}
	first, _, _ := strings.Cut(s.arg[1:], "/")
	u, name := c.split(s, first)
	if u == nil {
		return nil
	}
	if !u.mod.Implemented {
		c.needed[u] = true
		return nil
	}
	for _, d := range structures {
		if d.unit == u && d.name == name {
			return c.find(&draft{kind: Root, kids: []*draft{d}}, s, s.arg)
		}
	}
	c.notFound(u, s, "%s: there is no structure %q in module %q", s.title(), name, u.mod.Name)
	return nil
}

// augment adds the nodes of a below target, in the namespace of u (RFC 7950
// Section 7.17).
func (c *compiler) augment(target *draft, a *stmt, u *unit) {
	body := &draft{kind: Root, unit: u, st: a}
	c.expand(body, a)
	if !c.augmentable(target, a) {
		return
	}
	kids := body.kids[:0]
	for _, k := range body.kids {
		if c.fits(target, k, a) {
			kids = append(kids, k)
		}
		if conditional := a.one("when") != nil && a.file.version != "1"; target.unit != u && target.kind != Structure && !conditional && a.parent.kw != "uses" {
			c.checkAddsNoMandatory(target, k)
		}
	}
	body.kids = kids
	for _, k := range kids {
		k.augmented = a.parent.kw != "uses"
	}
	c.conditional(target, body, a, target.unit)
}

// augmentable tells whether nodes can be added to target at all.
func (c *compiler) augmentable(target *draft, a *stmt) bool {
	switch target.kind {
	case Container, List, Choice, Case, Input, Output, Notification, Structure:
		return true
	}
	c.at(a, "%s: %s cannot be augmented, expected a container, list, choice, case, input, output or notification", a.title(), target.kind.a())
	return false
}

// fits tells whether k may stand below target.
func (c *compiler) fits(target, k *draft, a *stmt) bool {
	ok := true
	switch k.kind {
	case Case:
		ok = target.kind == Choice
	case Action, Notification:
		ok = target.kind == Container || target.kind == List
	}
	if !ok {
		c.at(k.st, "%s: %s cannot stand in %s", a.title(), k.kind.a(), target.kind.a())
	}
	return ok
}

// checkAddsNoMandatory checks that an augment without when adds no mandatory
// configuration to another module (RFC 7950 Section 7.17).
func (c *compiler) checkAddsNoMandatory(target, k *draft) {
	for d := target; d != nil; d = d.parent {
		if d.kind == RPC || d.kind == Action || d.kind == Notification || d.kind == Structure || d.prop("config") == "false" {
			return
		}
	}
	if m := k.mandatory(); m != nil && target.kind != Choice && target.kind != Case {
		c.at(m.st, "mandatory node %q is added to module %q by an augment without when: what clients of that module write would become invalid", m.name, target.unit.mod.Name)
	}
}

// mandatory is the mandatory node that makes d mandatory (RFC 7950 Section 3), or nil.
func (d *draft) mandatory() *draft {
	if d.prop("config") == "false" {
		return nil
	}
	switch d.kind {
	case Leaf, Choice, AnyData, AnyXML:
		if d.prop("mandatory") == "true" {
			return d
		}
	case List, LeafList:
		if m := d.prop("min-elements"); m != "" && m != "0" {
			return d
		}
	case Container:
		if d.props["presence"] != nil {
			return nil
		}
		for _, k := range d.kids {
			if m := k.mandatory(); m != nil {
				return m
			}
		}
	}
	return nil
}
