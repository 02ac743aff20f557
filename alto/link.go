package alto

import "slices"

// usesOf returns what the IRD lists as used: implied uses first.
func (l *linker) usesOf(r *Resource, o *offer) []string {
	if len(o.uses) == 0 && !slices.ContainsFunc(r.Uses, func(id string) bool { return !l.listable(r, id) }) {
		return slices.Clip(r.Uses)
	}
	uses := slices.Clip(o.uses)
	for _, id := range r.Uses {
		if !slices.Contains(uses, id) && l.listable(r, id) {
			uses = append(uses, id)
		}
	}
	return uses
}

// listable reports whether a configured use may stand in the IRD: RFC 7285
// Section 11.5.1.5 forbids an endpoint cost resource to name network and cost
// maps, however it is computed from them.
func (l *linker) listable(r *Resource, id string) bool {
	switch r.Service.(type) {
	case EndpointCosts, PathVectorEndpointCosts:
	default:
		return true
	}
	if l.resource(id) == nil {
		return true
	}
	switch l.resource(id).Service.(type) {
	case FullNetworkMap, FilteredNetworkMap, FullCostMap, FilteredCostMap:
		return false
	}
	return true
}

// networkMap returns the map that resource r names as id.
func (l *linker) networkMap(r *Resource, field Field, id string) (*NetworkMap, error) {
	other := l.resource(id)
	if other == nil {
		return nil, configError(r.ID, field, id, "network map %q does not exist", id)
	}
	full, ok := other.Service.(FullNetworkMap)
	if !ok {
		return nil, configError(r.ID, field, id, "resource %q is not a network map", id)
	}
	if full.Map == nil {
		return nil, configError(id, FieldMap, "", "network map has no data")
	}
	return full.Map, nil
}

// costType returns a cost type whose costs are numbers.
func (l *linker) costType(r *Resource, name string, m *CostMatrix) (CostType, error) {
	t, ok := l.snapshot.costTypes[name]
	if !ok {
		return t, configError(r.ID, FieldCostType, name, "cost type %q is not defined", name)
	}
	if t.Mode == ModeArray {
		return t, configError(r.ID, FieldCostType, name, "cost type %q has mode %q, whose costs are no numbers", name, t.Mode)
	}
	if m == nil {
		return t, configError(r.ID, FieldCosts, name, "cost type %q has no costs", name)
	}
	return t, checkCosts(r, t, m)
}

// checkPIDs verifies that the network map defines all PIDs of a matrix.
func checkPIDs(r *Resource, m *CostMatrix, networkMap string, in *NetworkMap) error {
	for _, pid := range m.pids {
		if !in.Has(pid) {
			return configError(r.ID, FieldCosts, pid, "costs name PID %q, which network map %q does not define", pid, networkMap)
		}
	}
	return nil
}

// vtagsOf returns the version tags of the listed resources that have one, in order.
func (l *linker) vtagsOf(ids []string) []VTag {
	var list []VTag
	for _, id := range ids {
		if r := l.resource(id); r != nil {
			if v, ok := r.vtag(); ok {
				list = append(list, v)
			}
		}
	}
	return list
}
