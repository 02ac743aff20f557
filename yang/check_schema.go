package yang

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
		case Action, Notification:
			c.checkOperation(n)
		}
		c.checkStatus(n)
	}
}

// checkOperation checks where an action or notification stands, for uses and
// augments can bring one where it cannot be (RFC 7950 Sections 7.15 and 7.16).
func (c *compiler) checkOperation(n *Node) {
	switch n.Parent.Kind {
	case Container, List:
	case Root:
		if n.Kind == Notification || c.loose {
			return
		}
		fallthrough
	default:
		c.at(n.draft.st, "%s stands in %s, expected %s in a container or list", n.SchemaPath(), n.Parent.Kind.a(), n.Kind.a())
		return
	}
	for p := n.Parent; p.Kind != Root; p = p.Parent {
		switch {
		case p.Kind == RPC, p.Kind == Action, p.Kind == Notification, p.Kind == Structure:
			c.at(n.draft.st, "%s stands inside %s, which cannot have %s", n.SchemaPath(), p.Kind.a(), n.Kind.a())
			return
		case p.Kind == List && len(p.Keys) == 0:
			c.at(n.draft.st, "%s stands in list %s, which has no key", n.SchemaPath(), p.SchemaPath())
			return
		}
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
