package yang

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
	if n.IsKey {
		return // RFC 7950 Section 7.8.2: a default of a key is ignored
	}
	for _, s := range own {
		if v, ok := c.parseDefault(n.Type, s, n.Path()); ok {
			n.Defaults = append(n.Defaults, v)
		}
	}
	if s := n.info.fallback; len(own) == 0 && s != nil && !n.Mandatory && n.MinElements == 0 {
		v, err := n.Type.Parse(s.arg, s.file.resolver)
		if err != nil {
			c.at(n.draft.st, "%s needs a default of its own, that of its typedef does not fit: %s", n.Path(), err)
			return
		}
		n.Defaults, n.DefaultFromTypedef = []Value{v}, true
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
	seen := map[string]bool{}
	for _, d := range n.draft.defaults {
		if seen[d.arg] && n.Config {
			c.at(d, "%s has the default %q twice", n.Path(), d.arg)
		}
		seen[d.arg] = true
	}
}

func (c *compiler) parseDefault(t *Type, s *stmt, of string) (Value, bool) {
	v, err := t.Parse(s.arg, s.file.resolver)
	if err != nil {
		c.at(s, "default of %s: %s", of, err)
	}
	return v, err == nil
}

// typedefDefaults checks the defaults of the typedefs below s. One whose type
// holds a leafref can be judged only where it is used.
func (c *compiler) typedefDefaults(s *stmt) {
	for _, sub := range s.subs {
		if sub.kw == "typedef" {
			info, d := c.typeOf(sub.one("type")), sub.one("default")
			if info != nil && d != nil && !info.leafref {
				c.parseDefault(info.t, d, sub.title())
			}
		} else if len(sub.subs) > 0 && sub.kw != "type" {
			c.typedefDefaults(sub)
		}
	}
}
