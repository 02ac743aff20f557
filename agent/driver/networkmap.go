package driver

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/altoam/altoam/alto"
)

// whole are the prefixes that make a network map complete (RFC 7285 Section 11.2.2).
var whole = [...]netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// CompleteMap makes a network map of PIDs. Those of 0.0.0.0/0 and ::/0 that none has go to
// the PID named defaultPID, which may be one more; completed tells whether any did. With
// "" none does. The error is a *ParamError: that of defaultLeaf for a map that is not
// complete, of leaf for anything else. pids is not modified.
func CompleteMap(pids []alto.PID, defaultPID, leaf, defaultLeaf string) (m *alto.NetworkMap, completed bool, err error) {
	if missing := missingWhole(pids); defaultPID != "" && len(missing) > 0 {
		pids, completed = slices.Clone(pids), true
		i := slices.IndexFunc(pids, func(p alto.PID) bool { return p.Name == defaultPID })
		if i < 0 {
			i, pids = len(pids), append(pids, alto.PID{Name: defaultPID})
		}
		pids[i].Prefixes = append(missing, pids[i].Prefixes...)
	}
	m, err = alto.NewNetworkMap(pids)
	var fault *alto.PrefixError
	switch {
	case err == nil:
		return m, completed, nil
	case errors.As(err, &fault) && fault.PID == "" && fault.Prefix.IsValid():
		return nil, false, Errorf(defaultLeaf, "%w: nothing has it and this leaf names no PID", err)
	}
	return nil, false, Errorf(leaf, "%w", err)
}

// missingWhole returns those of whole that no PID has.
func missingWhole(pids []alto.PID) []netip.Prefix {
	missing := slices.Clone(whole[:])
	for _, p := range pids {
		missing = slices.DeleteFunc(missing, func(w netip.Prefix) bool { return slices.Contains(p.Prefixes, w) })
	}
	return missing
}

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

// NeededNetworkMap is NetworkMapOf for data that has to be about a network map; whose
// says for errors what does, and its verb, such as "the routes have".
func (in PlanInput) NeededNetworkMap(leaf, value, whose string) (string, error) {
	id, err := in.NetworkMapOf(leaf, value)
	if err == nil && id == "" {
		err = Errorf(leaf, "%s no network map: expected one here or among the dependencies", whose)
	}
	return id, err
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
