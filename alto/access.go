package alto

import "slices"

// accepts tells whether a client with these roles may use n. Who may use a resource
// that is for no role in particular is up to Config.DenyByDefault.
func (s *Snapshot) accepts(n *served, roles []string) bool {
	if len(n.Roles) == 0 {
		return !s.config.DenyByDefault
	}
	for _, role := range roles {
		if slices.Contains(n.Roles, role) {
			return true
		}
	}
	return false
}

// restricted tells whether some resource is not for everyone.
func (s *Snapshot) restricted() bool { return s.config.DenyByDefault || s.index.mentions.Len() > 0 }

// checkOpen demands that n is open to nobody who may not use other, which it uses.
func (s *Snapshot) checkOpen(n, other *served) error {
	deny := s.config.DenyByDefault
	switch {
	case len(other.Roles) == 0 && !deny, len(n.Roles) == 0 && deny: // for everyone, for nobody
		return nil
	case len(n.Roles) == 0:
		return configError(n.ID, FieldRoles, "", "any client may use this resource but not %q, which it uses", other.ID)
	case len(other.Roles) == 0:
		return configError(n.ID, FieldRoles, "", "this resource uses %q, which is for no role and so for no client", other.ID)
	}
	for _, role := range n.Roles {
		if !slices.Contains(other.Roles, role) {
			return configError(n.ID, FieldRoles, role, "role %q may not use %q, which this resource uses", role, other.ID)
		}
	}
	return nil
}

// opens tells whether the change turns what clients may use by default around.
func (l *linker) opens() bool {
	return l.prev.config != nil && l.prev.config.DenyByDefault != l.snapshot.config.DenyByDefault
}
