package agent

import (
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/southbound"
	"github.com/go-json-experiment/json/jsontext"
)

// world is what one configuration and the data of one moment make of the ALTO
// server. It is immutable once it is complete; worlds share what is the same in both.
type world struct {
	root      *tree.Node // of the configuration, nil before the first
	server    *tree.Node // container alto-server, nil where there is none
	costTypes []alto.CostType
	meta      map[string]jsontext.Value
	sources   persistent.Map[string, *source]
	data      persistent.Map[string, *driver.Data] // in use, by source; a source may have newer
	resources persistent.Map[string, *resource]
	index     index
	listening *listening
	access    *access
	rules     *rules        // nil before the first configuration
	discovery *discoverable // nil where nothing of it is configured
	guard     loopGuard
	window    time.Duration
	process   *southbound.Process // that serves; nil for this one
	reached   *southbound.Access  // listening and access, for a process
	snapshot  *alto.Snapshot

	unfit   map[string]string // by source: why its data is not good for a resource
	leftOut []*rpcerr.Error   // what this change left out beside resources
}

// index is what a world knows of its resources, so that nobody has to look at all of
// them.
type index struct {
	users    persistent.Relation[need, string]     // resources by what they are made from
	variants persistent.Map[string, string]        // resources by the IDs of their filtered variants
	faulty   persistent.Map[string, *rpcerr.Error] // resources out of service, and why
	turning  persistent.Map[string, time.Time]     // resources with calendars, and when they turn next
}

// need is something that a resource is made from, or that its plan depends on.
type need struct {
	kind needKind
	name string
}

type needKind uint8

const (
	needResource needKind = iota
	needSource
	needCostType
)

// draft is the resources of a world in the making.
type draft struct {
	resources *persistent.Editor[string, *resource]
	users     *persistent.RelationEditor[need, string]
	variants  *persistent.Editor[string, string]
	faulty    *persistent.Editor[string, *rpcerr.Error]
	turning   *persistent.Editor[string, time.Time]
	touched   map[string]*resource // that were put, as they are now, or removed: nil
	order     []string             // of touched: as they were touched first
}

// edit begins a draft that is to touch some resources.
func (w *world) edit(some int) *draft {
	return &draft{
		resources: w.resources.Edit(), users: w.index.users.Edit(), variants: w.index.variants.Edit(),
		faulty: w.index.faulty.Edit(), turning: w.index.turning.Edit(), touched: make(map[string]*resource, some), order: make([]string, 0, some),
	}
}

// put adds or replaces a resource.
func (d *draft) put(r *resource) {
	d.replace(r.id, d.resources.At(r.id), r)
	d.resources.Set(r.id, r)
	if r.fault != nil {
		d.faulty.Set(r.id, r.fault)
	} else if !r.turns.IsZero() {
		d.turning.Set(r.id, r.turns)
	}
}

func (d *draft) remove(id string) {
	if old := d.resources.At(id); old != nil {
		d.replace(id, old, nil)
		d.resources.Delete(id)
	}
}

// replace keeps the index; either may be nil.
func (d *draft) replace(id string, old, now *resource) {
	if d.touched[id] = now; len(d.touched) > len(d.order) {
		d.order = append(d.order, id)
	}
	d.faulty.Delete(id)
	d.turning.Delete(id)
	if old != nil && (now == nil || old.plan != now.plan) {
		for _, n := range old.plan.all() {
			d.users.Remove(n, id)
		}
	}
	if old != nil && len(old.served) == 2 && d.variants.At(old.served[1].ID) == id {
		d.variants.Delete(old.served[1].ID)
	}
	if now != nil && (old == nil || old.plan != now.plan) {
		for _, n := range now.plan.all() {
			d.users.Add(n, id)
		}
	}
	if now != nil && len(now.served) == 2 {
		d.variants.Set(now.served[1].ID, id)
	}
}

// usersOf returns, ascending, the resources that are made from something.
func (d *draft) usersOf(kind needKind, name string) []string {
	var ids []string
	for id := range d.users.Of(need{kind, name}).All() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// finish puts the resources into a world.
func (d *draft) finish(w *world) {
	w.resources = d.resources.Done()
	w.index = index{users: d.users.Done(), variants: d.variants.Done(), faulty: d.faulty.Done(), turning: d.turning.Done()}
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
