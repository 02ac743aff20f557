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

// checkNodes checks what can be judged only when all properties of a node are
// known.
func (c *compiler) checkNodes() {
	for _, n := range c.schema.Nodes {
		switch n.Kind {
		case Choice:
			c.checkChoice(n)
		case List, LeafList:
			if n.MaxElements > 0 && n.MinElements > n.MaxElements {
				c.at(n.draft.st, "%s has min-elements %d above max-elements %d", n.Path(), n.MinElements, n.MaxElements)
			}
		}
		c.checkStatus(n)
	}
}

// checkChoice checks a choice's default (RFC 7950 Section 7.9.3).
func (c *compiler) checkChoice(n *Node) {
	if n.Mandatory && len(n.draft.defaults) > 0 {
		c.at(n.draft.defaults[0], "choice %s is mandatory and cannot have a default", n.SchemaPath())
	}
	if n.DefaultCase == nil {
		return
	}
	for _, k := range n.DefaultCase.Children {
		if m := k.draft.mandatory(); m != nil {
			c.at(m.st, "mandatory node %q stands in the default case of choice %s", m.name, n.SchemaPath())
		}
	}
}

// checkStatus checks that a node is not less obsolete than its parent in the
// same module (RFC 7950 Section 7.21.2).
func (c *compiler) checkStatus(n *Node) {
	if n.Parent != nil && n.Module == n.Parent.Module && n.Status < n.Parent.Status {
		c.at(n.draft.status, "%s has a status less obsolete than its parent", n.SchemaPath())
	}
}
