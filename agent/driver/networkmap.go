package driver

// NetworkMapOf returns the ID of the network map that the data of a resource is
// about: that of a leaf, or else the one network map among the resource's
// dependencies, "" where none of these is a network map. leaf is the name of the
// leaf for errors, value its value.
func (in PlanInput) NetworkMapOf(leaf, value string) (string, error) {
	if value != "" {
		if k, ok := in.Kind(value); !ok || k != NetworkMap {
			return "", Errorf(leaf, "resource %q is not a network map that this agent computes", value)
		}
		return value, nil
	}
	found := ""
	for _, id := range in.Resource.Dependency {
		if k, ok := in.Kind(id); !ok || k != NetworkMap {
			continue
		}
		if found != "" {
			return "", Errorf(leaf, "the resource depends on the network maps %q and %q, so this leaf must name one", found, id)
		}
		found = id
	}
	return found, nil
}

// OfferedCostTypes returns the names of the cost types that a cost map or endpoint
// cost service offers or lets be tested, each once, in that order.
func OfferedCostTypes(r *Resource) []string {
	var lists [][]string
	if p := r.AltoCostmapParams; p != nil {
		lists = append(lists, p.CostTypeName, p.TestableCostTypeName)
	}
	if p := r.AltoEndpointcostParams; p != nil {
		lists = append(lists, p.CostTypeName, p.TestableCostTypeName)
	}
	var names []string
	seen := make(map[string]bool)
	for _, list := range lists {
		for _, name := range list {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}
