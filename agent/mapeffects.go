package agent

import (
	"math"
	"slices"
	"strconv"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore"
	"github.com/go-json-experiment/json/jsontext"
)

// maxSample bounds each sample of what differs in a map: altoam-map-change has it too.
const maxSample = 20

// mapChange returns what writes how the maps of a resource differ into its effect
// (altoam-map-change), nil where no map does. It compares only when it is called, after
// the change has been abandoned if need be. A filtered variant has the map of its
// resource, which tells of it.
func (e *effects) mapChange(d alto.Difference) func(*datastore.Writer) {
	if d.ID != d.Account {
		return nil
	}
	before, after := serviceIn(e.prev, d.ID), serviceIn(e.next, d.ID)
	return func(w *datastore.Writer) {
		writeNetworkMaps(w, networkMapOf(before), networkMapOf(after))
		writeCosts(w, costsOf(before), costsOf(after))
		writePropertyMaps(w, propertyMapOf(before), propertyMapOf(after))
		writeObjects(w, advertisementsIn(e.prev, d.ID), advertisementsIn(e.next, d.ID))
	}
}

// serviceIn is that of a resource itself, nil where it has none.
func serviceIn(w *world, id string) alto.Service {
	r := w.resources.At(id)
	if r == nil {
		return nil
	}
	for _, s := range r.served {
		if s.ID == id {
			return s.Service
		}
	}
	return nil
}

func networkMapOf(s alto.Service) *alto.NetworkMap {
	full, _ := s.(alto.FullNetworkMap)
	return full.Map
}

// propertyMapOf is that of a property map, or of the values of endpoint properties that are
// no PIDs.
func propertyMapOf(s alto.Service) *alto.PropertyMap {
	switch s := s.(type) {
	case alto.FullPropertyMap:
		return s.Map
	case alto.EndpointProperties:
		return s.Values
	}
	return nil
}

// costsOf are the costs of a cost map by cost type.
func costsOf(s alto.Service) map[string]*alto.CostMatrix {
	costs := make(map[string]*alto.CostMatrix)
	switch s := s.(type) {
	case alto.FullCostMap:
		costs[s.CostType] = s.Costs
	case alto.FilteredCostMap:
		for _, o := range s.Offers {
			costs[o.CostType] = o.Costs
		}
	case alto.PathVectorCostMap:
		for _, o := range s.Offers {
			costs[o.CostType] = o.Costs
		}
	}
	return costs
}

const mapModule = "altoam-map-change:"

func writeNetworkMaps(w *datastore.Writer, before, after *alto.NetworkMap) {
	if before == after || before != nil && after != nil && before.Equal(after) {
		return
	}
	c := alto.CompareNetworkMaps(before, after, maxSample)
	w = w.In(mapModule+"network-map").
		Set("pids-before", c.PIDsBefore).Set("pids-after", c.PIDsAfter).
		Set("pids-added", c.PIDsAdded).Set("pids-removed", c.PIDsRemoved).Set("pids-changed", c.PIDsChanged).
		Set("prefixes-before", c.PrefixesBefore).Set("prefixes-after", c.PrefixesAfter).
		Set("prefixes-added", c.PrefixesAdded).Set("prefixes-removed", c.PrefixesRemoved).Set("prefixes-moved", c.PrefixesMoved)
	for _, p := range c.PIDs {
		e := w.Entry("pid", p.Name).Set("operation", operationOf(p.Before < 0, p.After < 0))
		if p.Before >= 0 {
			e.Set("prefixes-before", p.Before)
		}
		if p.After >= 0 {
			e.Set("prefixes-after", p.After)
		}
	}
	for _, p := range c.Prefixes {
		e := w.Entry("prefix", p.Prefix.String()).Set("operation", p.Operation)
		if p.Before != "" {
			e.Set("pid-before", p.Before)
		}
		if p.After != "" {
			e.Set("pid-after", p.After)
		}
	}
}

func writeCosts(w *datastore.Writer, before, after map[string]*alto.CostMatrix) {
	var names []string
	for name := range union(before, after) {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if before[name] == after[name] {
			continue
		}
		c := alto.CompareCosts(before[name], after[name], maxSample)
		if c.Added+c.Removed+c.Changed > 0 {
			writeCostChange(w.Entry(mapModule+"costs", name), &c)
		}
	}
}

func writeCostChange(w *datastore.Writer, c *alto.CostChange) {
	w.Set("pairs-before", c.PairsBefore).Set("pairs-after", c.PairsAfter).
		Set("pairs-added", c.Added).Set("pairs-removed", c.Removed).Set("pairs-changed", c.Changed).
		Set("share", percent(c.Share()))
	if c.Changed > 0 {
		w.Set("least", number(c.Least)).Set("most", number(c.Most)).Set("mean", number(c.Mean))
	}
	for _, p := range c.Pairs {
		none, gone := math.IsNaN(p.Before), math.IsNaN(p.After)
		e := w.Entry("pair", p.Source, p.Destination).Set("operation", operationOf(none, gone))
		if !none {
			e.Set("before", number(p.Before))
		}
		if !gone {
			e.Set("after", number(p.After))
		}
	}
}

func writePropertyMaps(w *datastore.Writer, before, after *alto.PropertyMap) {
	if before == after || before != nil && after != nil && before.Tag() == after.Tag() {
		return
	}
	c := alto.ComparePropertyMaps(before, after, maxSample)
	w = w.In(mapModule+"property-map").
		Set("entities-before", c.EntitiesBefore).Set("entities-after", c.EntitiesAfter).
		Set("entities-added", c.Added).Set("entities-removed", c.Removed).Set("entities-changed", c.Changed)
	for _, x := range c.Entities {
		w.Entry("entity", x.Entity).Set("operation", x.Operation)
	}
}

func operationOf(none, gone bool) alto.Operation {
	switch {
	case none:
		return alto.Added
	case gone:
		return alto.Removed
	}
	return alto.Changed
}

// number writes v as JSON does.
func number(v float64) string {
	return string(jsontext.AppendFloat(nil, v, 64))
}

// percent writes a share with four digits, no more than it is.
func percent(share float64) string {
	return strconv.FormatFloat(math.Floor(share*1e6)/1e4, 'f', 4, 64)
}
