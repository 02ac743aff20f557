package agent

import (
	"maps"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/go-json-experiment/json/jsontext"
)

// world is what one configuration and the data of one moment make of the ALTO
// server. It is immutable once it is complete; worlds share what is the same in both.
type world struct {
	server    *tree.Node // container alto-server, nil where there is none
	costTypes []alto.CostType
	meta      map[string]jsontext.Value
	sources   map[string]*source
	data      map[string]*driver.Data // in use, by source; a source may have newer
	resources map[string]*resource
	order     []string // IDs of resources, ascending
	listening *listening
	access    *access
	window    time.Duration
	snapshot  *alto.Snapshot

	unfit   map[string]string // by source: why its data is not good for a resource
	leftOut []*rpcerr.Error   // what this change left out beside resources
}

// clone returns a world to be changed: maps and order are its own.
func (w *world) clone() *world {
	c := *w
	c.leftOut = nil
	c.sources, c.data, c.resources = maps.Clone(w.sources), maps.Clone(w.data), maps.Clone(w.resources)
	if c.sources == nil {
		c.sources, c.data, c.resources = map[string]*source{}, map[string]*driver.Data{}, map[string]*resource{}
	}
	c.order = slices.Clone(w.order)
	return &c
}

// put adds or replaces a resource.
func (w *world) put(r *resource) {
	if w.resources[r.id] == nil {
		i, _ := slices.BinarySearch(w.order, r.id)
		w.order = slices.Insert(w.order, i, r.id)
	}
	w.resources[r.id] = r
}

func (w *world) remove(id string) {
	if w.resources[id] == nil {
		return
	}
	i, _ := slices.BinarySearch(w.order, id)
	w.order = slices.Delete(w.order, i, i+1)
	delete(w.resources, id)
}

// costType returns the cost type of that name.
func (w *world) costType(name string) (alto.CostType, bool) {
	for _, t := range w.costTypes {
		if t.Name == name {
			return t, true
		}
	}
	return alto.CostType{}, false
}
