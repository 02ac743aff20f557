package alto

import (
	"maps"
	"slices"
)

func (s *Snapshot) checkCostTypes() error {
	s.costTypes = make(map[string]CostType, len(s.config.CostTypes))
	for i, t := range s.config.CostTypes {
		fail := func(err error) error {
			return &ConfigError{Field: FieldCostTypes, Value: t.Name, Reason: err.Error(), Err: err}
		}
		if _, dup := s.costTypes[t.Name]; dup || t.Name == "" {
			return configError("", FieldCostTypes, t.Name, "cost type name %q is empty or used twice", t.Name)
		}
		if err := CheckCostMode(t.Mode); err != nil {
			return fail(err)
		}
		if err := CheckCostMetric(t.Metric); err != nil {
			return fail(err)
		}
		if t.Context != nil && !(t.Context.IsValid() && t.Context.Kind() == '{') {
			return configError("", FieldCostTypes, t.Name, "cost context of cost type %q is not a JSON object", t.Name)
		}
		s.costTypes[t.Name] = s.config.CostTypes[i]
	}
	return nil
}

// checkMeta also encodes the members of the IRD's meta that every client sees.
func (s *Snapshot) checkMeta() error {
	b := s.appendCostTypes(nil)
	for _, key := range slices.Sorted(maps.Keys(s.config.Meta)) {
		value := s.config.Meta[key].Clone()
		if key == "" || key == "cost-types" || key == "default-alto-network-map" {
			return configError("", FieldMeta, key, "meta member %q is not free to be set", key)
		}
		if err := value.Compact(); err != nil {
			return &ConfigError{Field: FieldMeta, Value: key, Reason: "value is not JSON: " + err.Error(), Err: err}
		}
		b = append(appendString(append(b, ','), key), ':')
		b = append(b, value...)
	}
	s.meta = b
	return nil
}

// check verifies what concerns more than one resource.
func (s *Snapshot) check() error {
	for _, each := range []func(*served) error{s.checkPath, s.checkDirectory, s.checkUses, s.checkCovers} {
		for _, n := range s.served {
			if err := each(n); err != nil {
				return err
			}
		}
	}
	if err := s.checkDefault(); err != nil {
		return err
	}
	if err := s.checkCostMaps(); err != nil {
		return err
	}
	return s.checkAcyclic()
}

func (s *Snapshot) checkPath(n *served) error {
	if n.uri != "" {
		return nil
	}
	if !validPath(n.path) {
		return configError(n.ID, FieldPath, n.path, "%q is not a path below the base URI", n.path)
	}
	if n.path == s.config.Directory {
		return configError(n.ID, FieldPath, n.path, "path %q is that of the root IRD", n.path)
	}
	if other := s.byPath[n.path]; other != nil {
		return configError(n.ID, FieldPath, n.path, "path %q is that of resource %q", n.path, other.ID)
	}
	s.byPath[n.path] = n
	return nil
}

// checkDirectory demands an existing directory, of which the root lists all
// others: directories do not nest.
func (s *Snapshot) checkDirectory(n *served) error {
	if n.Directory == "" {
		return nil
	}
	if _, nested := n.Service.(Directory); nested {
		return configError(n.ID, FieldDirectory, n.Directory, "directory is listed in a directory other than the root IRD")
	}
	in := s.byID[n.Directory]
	if in == nil {
		return configError(n.ID, FieldDirectory, n.Directory, "directory %q does not exist", n.Directory)
	}
	if _, ok := in.Service.(Directory); !ok {
		return configError(n.ID, FieldDirectory, n.Directory, "resource %q is not a directory", n.Directory)
	}
	return nil
}

// checkUses demands that what a resource uses exists, stands in the same
// directory or the root IRD (RFC 7285 Section 9.2.4), and is open to everyone who
// may use the resource.
func (s *Snapshot) checkUses(n *served) error {
	for _, id := range append(n.Service.refers(), n.Uses...) {
		other := s.byID[id]
		if other == nil {
			return configError(n.ID, FieldUses, id, "used resource %q does not exist", id)
		}
		if other.Directory != "" && other.Directory != n.Directory {
			return configError(n.ID, FieldUses, id, "used resource %q is listed in another directory", id)
		}
		if len(other.Roles) == 0 {
			continue
		}
		if len(n.Roles) == 0 {
			return configError(n.ID, FieldRoles, "", "any client may use this resource but not %q, which it uses", id)
		}
		for _, role := range n.Roles {
			if !slices.Contains(other.Roles, role) {
				return configError(n.ID, FieldRoles, role, "role %q may not use %q, which this resource uses", role, id)
			}
		}
	}
	return nil
}

// checkCovers demands that what an update stream covers is closed over the uses that
// the IRD lists (RFC 8895 Section 6.4).
func (s *Snapshot) checkCovers(n *served) error {
	service, ok := n.Service.(UpdateStreams)
	if !ok {
		return nil
	}
	for _, id := range service.Covers {
		for _, used := range s.byID[id].uses {
			if !slices.Contains(service.Covers, used) {
				return configError(n.ID, FieldCovers, used, "resource %q is not covered, but %q, which uses it, is", used, id)
			}
		}
	}
	return nil
}

func (s *Snapshot) checkDefault() error {
	first := ""
	for _, n := range s.served {
		if m, ok := n.Service.(FullNetworkMap); ok && m.Default {
			if first != "" {
				return configError(n.ID, FieldDefault, "", "network map %q is the default already", first)
			}
			first = n.ID
		}
	}
	return nil
}

// checkCostMaps refuses a second cost map for the same network map and cost type
// (RFC 7285 Section 6.1).
func (s *Snapshot) checkCostMaps() error {
	type key struct{ networkMap, mode, metric string }
	seen := make(map[key]string)
	for _, n := range s.served {
		if m, ok := n.Service.(FullCostMap); ok {
			t := s.costTypes[m.CostType]
			k := key{m.NetworkMap, t.Mode, t.Metric}
			if other, dup := seen[k]; dup {
				return configError(n.ID, FieldCostType, m.CostType, "cost map %q has the same network map and cost type", other)
			}
			seen[k] = n.ID
		}
	}
	return nil
}

// checkAcyclic walks the uses of each resource once.
func (s *Snapshot) checkAcyclic() error {
	const inProgress, done = 1, 2
	state := make(map[string]int, len(s.served))
	var visit func(n *served) error
	visit = func(n *served) error {
		state[n.ID] = inProgress
		for _, id := range append(n.Service.refers(), n.Uses...) {
			switch state[id] {
			case inProgress:
				return configError(n.ID, FieldUses, id, "use of %q closes a circle", id)
			case done:
			default:
				if err := visit(s.byID[id]); err != nil {
					return err
				}
			}
		}
		state[n.ID] = done
		return nil
	}
	for _, n := range s.served {
		if state[n.ID] == 0 {
			if err := visit(n); err != nil {
				return err
			}
		}
	}
	return nil
}
