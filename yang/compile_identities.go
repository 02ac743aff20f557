package yang

// readIdentities makes the identities with their bases (RFC 7950 Section 7.18).
func (c *compiler) readIdentities() {
	identities := map[*stmt]*Identity{}
	var order []*stmt
	for _, u := range c.order {
		for _, f := range u.files {
			for _, s := range f.top.subs {
				if s.kw != "identity" || u.defs["identity "+s.arg] != s {
					continue
				}
				texts, on := c.conditionsOf(s)
				i := &Identity{Module: u.mod, Name: s.arg, Status: statusOf(s), IfFeatures: texts, Enabled: on}
				u.mod.Identities = append(u.mod.Identities, i)
				identities[s] = i
				order = append(order, s)
			}
		}
	}
	for _, s := range order {
		i := identities[s]
		bases := s.all("base")
		if len(bases) > 1 && s.file.version == "1" {
			c.at(bases[1], "identity %q has more than one base, YANG version 1 allows one", s.arg)
		}
		for _, b := range bases {
			if def := c.lookup(b, "identity", b.arg); def != nil {
				i.Bases = append(i.Bases, identities[def])
				identities[def].Derived = append(identities[def].Derived, i)
			}
		}
	}
	state := map[*Identity]int8{}
	for _, s := range order {
		if !identities[s].findAncestors(state) {
			c.at(s, "identity %q is derived from itself", s.arg)
		}
	}
}

// findAncestors fills i.ancestors; false when i is its own ancestor. state is 1
// while an identity is visited and 2 after.
func (i *Identity) findAncestors(state map[*Identity]int8) bool {
	switch state[i] {
	case 1:
		return false
	case 2:
		return true
	}
	state[i] = 1
	ok := true
	i.ancestors = map[*Identity]bool{}
	for _, b := range i.Bases {
		ok = b.findAncestors(state) && ok
		i.ancestors[b] = true
		for a := range b.ancestors {
			i.ancestors[a] = true
		}
	}
	state[i] = 2
	return ok
}
