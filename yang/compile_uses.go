package yang

import (
	"slices"
	"strings"
)

// template expands a grouping, once. A grouping that uses itself is recorded as
// an error and its template is nil.
func (c *compiler) template(g *stmt) *draft {
	t, ok := c.templates[g]
	if !ok {
		c.templates[g] = nil
		t = &draft{kind: Root, unit: c.files[g.file], st: g}
		c.expanding = append(c.expanding, g)
		c.expand(t, g)
		c.expanding = c.expanding[:len(c.expanding)-1]
		c.templates[g] = t
	}
	return t
}

// use adds a copy of a grouping below d (RFC 7950 Section 7.13).
func (c *compiler) use(d *draft, s *stmt) {
	g := c.lookup(s, "grouping", s.arg)
	if g == nil {
		d.unit.holes = true
		return
	}
	if slices.Contains(c.expanding, g) {
		c.at(s, "grouping %q uses itself", s.arg)
		d.unit.holes = true
		return
	}
	c.used[g] = true
	t := c.template(g)
	if !c.room(t.size(), s) {
		return
	}
	body := t.copy(d.unit)
	body.name = ""
	for _, r := range s.all("refine") {
		if target := c.descend(body, r); target != nil {
			c.refine(target, r)
		}
	}
	for _, a := range byDepth(s.all("augment")) {
		if target := c.descend(body, a); target != nil {
			c.augment(target, a, d.unit)
		}
	}
	c.conditional(d, body, s, nil)
}

// conditional moves the nodes of body below d with the when, if-feature and
// status of s, the uses or augment that puts them there.
func (c *compiler) conditional(d, body *draft, s *stmt, scope *unit) {
	when, status := s.one("when"), s.one("status")
	var ifs []condition
	for _, sub := range s.subs {
		if sub.kw == "if-feature" {
			ifs = append(ifs, c.conditionOf(sub))
		}
	}
	for _, k := range body.kids {
		k.ifs = append(k.ifs, ifs...)
		if when != nil {
			k.whens = append(k.whens, whenUse{st: when, parent: true, scope: scope})
		}
		if k.status == nil {
			k.status = status
		}
		c.adopt(d, k)
	}
}

// byDepth sorts augments by the length of their paths: what one adds another may
// then build on, in whatever order they stand.
func byDepth(augments []*stmt) []*stmt {
	slices.SortStableFunc(augments, func(a, b *stmt) int {
		return strings.Count(a.arg, "/") - strings.Count(b.arg, "/")
	})
	return augments
}

// descend finds the node that the descendant schema node identifier of s names
// below d, where d came from a grouping: names without prefix, and those of the
// module in which s stands, are in d's own namespace. A node that is not found
// is recorded as an error.
func (c *compiler) descend(d *draft, s *stmt) *draft {
	own := d.unit
	for _, step := range strings.Split(s.arg, "/") {
		u, name := c.split(s, step)
		if u == nil {
			return nil
		}
		if u == c.files[s.file] {
			u = own
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

// refinable says which properties refine may change on which kinds of nodes
// (RFC 7950 Section 7.13.2).
var refinable = map[string][]Kind{
	"default": {Leaf, LeafList, Choice}, "config": {Container, List, Leaf, LeafList, Choice, AnyData, AnyXML},
	"mandatory": {Leaf, Choice, AnyData, AnyXML}, "presence": {Container},
	"must":         {Leaf, LeafList, List, Container, AnyData, AnyXML},
	"min-elements": {List, LeafList}, "max-elements": {List, LeafList},
	"if-feature": {Leaf, LeafList, List, Container, Choice, Case, AnyData, AnyXML},
}

// refine changes the properties of d as r says.
func (c *compiler) refine(d *draft, r *stmt) {
	var defaults []*stmt
	for _, s := range r.subs {
		if kinds, ok := refinable[s.kw]; ok && !slices.Contains(kinds, d.kind) {
			c.at(s, "%q cannot refine %s, %s", s.kw, d.where(), d.kind.a())
			continue
		}
		switch s.kw {
		case "default":
			defaults = append(defaults, s)
		case "must":
			d.musts = append(d.musts, s)
		case "if-feature":
			d.ifs = append(d.ifs, c.conditionOf(s))
		case "config", "mandatory", "presence", "min-elements", "max-elements":
			d.set(s.kw, s)
		default:
			if _, _, ok := s.extension(); ok {
				d.exts = append(d.exts, s)
			}
		}
	}
	if len(defaults) > 1 && d.kind != LeafList {
		c.at(defaults[1], "%s has one default at most", d.kind.a())
	} else if defaults != nil {
		d.defaults = defaults
	}
}
