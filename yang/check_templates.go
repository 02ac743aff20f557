package yang

// checkTemplates expands the groupings and compiles the typedefs and expressions
// that nothing uses, so that their errors are found, too.
func (c *compiler) checkTemplates() {
	for _, u := range c.order {
		for _, f := range u.files {
			c.checkDefinitions(f.top)
		}
	}
}

// checkUnusedTemplates checks the groupings that nothing uses.
func (c *compiler) checkUnusedTemplates() {
	for _, u := range c.order {
		for _, f := range u.files {
			c.checkUnused(f.top)
		}
	}
}

func (c *compiler) checkDefinitions(s *stmt) {
	for _, sub := range s.subs {
		switch sub.kw {
		case "grouping":
			c.template(sub)
		case "type":
			if c.typeOf(sub) != nil && sub.one("path") != nil {
				c.xpath(sub.one("path"), nil)
			}
			continue
		case "must", "when":
			c.xpath(sub, nil)
			continue
		}
		if len(sub.subs) > 0 {
			c.checkDefinitions(sub)
		}
	}
}

// checkUnused checks the nodes of the groupings below s that nothing uses, as
// far as that can be done without knowing where they will stand.
func (c *compiler) checkUnused(s *stmt) {
	for _, sub := range s.subs {
		if t := c.templates[sub]; sub.kw == "grouping" && t != nil && !c.used[sub] {
			c.checkTemplate(t)
		}
		if len(sub.subs) > 0 {
			c.checkUnused(sub)
		}
	}
}

// checkTemplate makes nodes of a grouping in a schema of its own, which is then
// thrown away.
func (c *compiler) checkTemplate(t *draft) {
	schema, refs := c.schema, c.refs
	defer func() { c.schema, c.refs, c.loose = schema, refs, false }()
	c.loose = true
	c.schema = &Schema{Root: &Node{Kind: Root, Config: true}, compiler: c}
	c.assignID(c.schema.Root)
	body := t.copy(t.unit)
	body.name = ""
	for _, d := range body.kids {
		if !d.isOn() {
			continue
		}
		c.schema.Root.Children = append(c.schema.Root.Children, c.node(d, c.schema.Root))
	}
	c.gather(c.schema.Root)
	for _, n := range c.schema.Nodes {
		if n.IsLeafy() && n.info != nil && !n.info.leafref {
			c.defaults(n)
		}
	}
	c.checkNodes()
}
