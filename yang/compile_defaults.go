package yang

import (
	"slices"
	"strings"
)

// resolveDefaults parses the defaults of all leafs, leaf-lists and typedefs
// (RFC 7950 Section 7.6.1, 7.7.2 and 7.3.4).
func (c *compiler) resolveDefaults() {
	for _, n := range c.schema.Nodes {
		if n.IsLeafy() && n.info != nil {
			c.defaults(n)
		}
	}
	for _, u := range c.order {
		for _, f := range u.files {
			c.typedefDefaults(f.top)
		}
	}
}

func (c *compiler) defaults(n *Node) {
	own := n.draft.defaults
	if len(own) > 0 {
		c.checkDefault(n, own[0])
	}
	for _, s := range own {
		v, ok := c.parseDefault(n.Type, s, n.Path())
		if !ok {
			continue
		}
		if slices.Contains(n.Defaults, v) && n.Config {
			c.at(s, "%s has the default %q twice", n.Path(), s.arg)
		}
		c.checkUnconditional(n, v, s)
		n.Defaults = append(n.Defaults, v)
	}
	if n.IsKey {
		n.Defaults = nil // RFC 7950 Section 7.8.2: a default of a key is ignored
		return
	}
	if s := n.info.fallback; len(own) == 0 && s != nil && !n.Mandatory && n.MinElements == 0 {
		v, err := n.Type.Parse(s.arg, s.file.resolver)
		switch {
		case err == nil:
			n.Defaults, n.DefaultFromTypedef = []Value{v}, true
		case n.Type.Restricted || n.info.leafref:
			c.at(n.draft.st, "%s needs a default of its own, that of its typedef does not fit: %s", n.Path(), err)
		}
	}
}

// checkDefault checks that n may have a default.
func (c *compiler) checkDefault(n *Node, s *stmt) {
	switch {
	case n.Mandatory:
		c.at(s, "%s is mandatory and cannot have a default", n.Path())
	case n.MinElements > 0:
		c.at(s, "%s has min-elements %d and cannot have a default", n.Path(), n.MinElements)
	case n.Type.Base == Empty:
		c.at(s, "%s has type empty and cannot have a default", n.Path())
	}
}

// checkUnconditional checks that no if-feature stands on what a default names
// (RFC 7950 Sections 7.6.4 and 7.7.4).
func (c *compiler) checkUnconditional(n *Node, v Value, s *stmt) {
	conditions := func(l []EnumValue) {
		for _, e := range l {
			if len(e.IfFeatures) > 0 && slices.Contains(strings.Fields(v.String()), e.Name) {
				c.at(s, "default of %s: %q depends on a feature, which no default can", n.Path(), e.Name)
			}
		}
	}
	switch t := v.Type(); t.Base {
	case Enumeration:
		conditions(t.Enums[v.num : v.num+1])
	case Bits:
		conditions(t.Bits)
	}
}

func (c *compiler) parseDefault(t *Type, s *stmt, of string) (Value, bool) {
	v, err := t.Parse(s.arg, s.file.resolver)
	if err != nil {
		c.at(s, "default of %s: %s", of, err)
	}
	return v, err == nil
}

// typedefDefaults checks the defaults of the typedefs below s, and those they
// inherit. One whose type holds a leafref can be judged only where it is used.
func (c *compiler) typedefDefaults(s *stmt) {
	for _, sub := range s.subs {
		if sub.kw != "typedef" {
			if len(sub.subs) > 0 && sub.kw != "type" {
				c.typedefDefaults(sub)
			}
			continue
		}
		info, own := c.typeOf(sub.one("type")), sub.one("default")
		switch {
		case info == nil || info.leafref:
		case own != nil && info.t.Base == Empty:
			c.at(own, "%s has type empty and cannot have a default", sub.title())
		case own != nil:
			c.parseDefault(info.t, own, sub.title())
		case info.fallback != nil && info.t.Restricted:
			if _, err := info.t.Parse(info.fallback.arg, info.fallback.file.resolver); err != nil {
				c.at(sub, "%s needs a default of its own, that of its base type does not fit: %s", sub.title(), err)
			}
		}
	}
}
