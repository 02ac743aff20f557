package agent

import (
	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const mapSizeModule = "altoam-map-size"

// mapSizes are the network maps beyond their budgets (altoam-map-size), kept up to date at
// the cost of what changes. It belongs to one goroutine at a time.
type mapSizes struct {
	seen    persistent.Map[string, *resource] // that over is about
	general uint64                            // budget of the server
	over    map[string]alarms.Condition       // by resource
}

// conditions tells which maps are beyond their budgets.
func (s *mapSizes) conditions(w *world) (list []alarms.Condition) {
	if general := mapBudget(w.server); s.over == nil || general != s.general {
		*s = mapSizes{general: general, over: make(map[string]alarms.Condition)}
	}
	persistent.Diff(s.seen, w.resources, func(id string, _, r *resource) {
		delete(s.over, id)
		m := r.networkMap()
		if m == nil {
			return
		}
		if budget := budgetOf(r, s.general); budget > 0 && uint64(m.NumPrefixes()) > budget {
			s.over[id] = condition(resourcePath(id), alarmMapSize, alarms.Warning, "the map has %d prefixes, more than %d; %d would be left if those that can be were merged",
				m.NumPrefixes(), budget, m.MergedPrefixes())
		}
	})
	s.seen = w.resources
	for _, c := range s.over {
		list = append(list, c)
	}
	return list
}

// networkMap is the map that r serves, nil where it is out of service or of another kind.
func (r *resource) networkMap() *alto.NetworkMap {
	if r == nil || r.fault != nil || r.output == nil || r.kind != kinds["network-map"] {
		return nil
	}
	return r.output.Map
}

// mapBudget is how many prefixes a container map-size below n allows; 0: any number.
func mapBudget(n *tree.Node) uint64 {
	if n == nil {
		return 0
	}
	s := n.Schema().Child(mapSizeModule, "map-size")
	if s == nil || n.Child(s) == nil {
		return 0
	}
	most, _ := n.Child(s).Leaf("max-prefixes").Uint()
	return most
}

// budgetOf is that of a resource, which counts before the one of the server.
func budgetOf(r *resource, general uint64) uint64 {
	if own := mapBudget(r.entry); own > 0 {
		return own
	}
	return general
}

// mapSizeState writes the advice about a map; key is that of the entry.
func mapSizeState(server *datastore.Writer, w *world, key yang.Value) {
	r := w.resources.At(key.String())
	m := r.networkMap()
	if m == nil {
		return
	}
	x := server.Existing("resource", key).In(mapSizeModule + ":map-size").In("advice")
	x.Set("prefixes", m.NumPrefixes()).Set("merged-prefixes", m.MergedPrefixes())
	if budget := budgetOf(r, mapBudget(w.server)); budget > 0 {
		x.Set("within-budget", uint64(m.NumPrefixes()) <= budget)
	}
}
