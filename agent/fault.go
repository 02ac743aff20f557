package agent

import (
	"errors"
	"maps"
	"slices"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// fail takes a resource out of service where that is right, else it notes why the
// change is refused. inherited tells that the cause is a source or another resource
// that is out of service. It is false, for the caller to return.
func (c *computation) fail(r *resource, err error, inherited bool) bool {
	var why refusals
	why.add(rpcerr.InvalidValue, resourcePath(r.id), err)
	if known, ok := err.(*rpcerr.Error); ok {
		why[0] = known
	}
	if c.tolerates(r.id, inherited) {
		c.put(r.out(why[0]))
	} else {
		c.refuse(r.id, why[0])
	}
	return false
}

// tolerates tells whether a resource may be out of service: at a restart each one may;
// later those that were and are either left alone or not the ones to blame, and those whose
// data is withdrawn.
func (c *computation) tolerates(id string, inherited bool) bool {
	before := c.prev.resources.At(id)
	return c.resumed || c.withdrawing || before != nil && before.fault != nil && (inherited || !c.edited[id])
}

// out returns a copy of r that is out of service.
func (r *resource) out(why *rpcerr.Error) *resource {
	copied := *r
	copied.fault, copied.served, copied.output = why, nil, nil
	return &copied
}

// assemble completes next, unless something is refused or was before. What does not fit
// into its snapshot is left out where that is right, else it is refused, as is what does
// not fit without it: so many more at most.
func (c *computation) assemble(more int) refusals {
	for id := range c.blamed {
		c.withdraw(id)
	}
	for {
		why := c.link()
		if why == nil {
			break
		}
		if c.ctx.Err() == nil && c.leaveOut(why) {
			continue
		}
		c.refused = append(c.refused, why)
		if more--; more < 0 || c.ctx.Err() != nil || !c.setAside(why) {
			return c.refused
		}
	}
	if len(c.refused) > 0 {
		return c.refused
	}
	c.finish(c.next)
	c.next.blameSources()
	return nil
}

// leaveOut takes out of next what an error of assemble is about; false where it is to
// be refused.
func (c *computation) leaveOut(refused *rpcerr.Error) bool {
	var fault *alto.ConfigError
	if !errors.As(refused, &fault) {
		return false
	}
	if fault.Resource != "" {
		return c.takeOut(c.ownerOf(fault.Resource), refused)
	}
	return c.resumed && c.leaveOutSetting(fault, refused)
}

// leaveOutSetting takes out of next what concerns no resource by itself; false where the
// server cannot be without it.
func (c *computation) leaveOutSetting(fault *alto.ConfigError, why *rpcerr.Error) bool {
	n := c.next
	switch fault.Field {
	case alto.FieldBaseURI:
		l := *n.listening
		l.baseURI, n.listening = "", &l
	case alto.FieldMeta:
		n.meta = maps.Clone(n.meta)
		delete(n.meta, fault.Value)
	case alto.FieldCostTypes:
		n.costTypes = slices.DeleteFunc(slices.Clone(n.costTypes), func(t alto.CostType) bool { return t.Name == fault.Value })
	default:
		return false
	}
	n.leftOut = append(slices.Clip(n.leftOut), why)
	return true
}

// takeOut takes a resource out of service, and those that need it.
func (c *computation) takeOut(r *resource, why *rpcerr.Error) bool {
	if r == nil || r.fault != nil || !c.tolerates(r.id, false) {
		return false
	}
	c.put(r.out(why))
	for _, id := range c.usersOf(needResource, r.id) {
		other := c.resources.At(id)
		if other.fault != nil || !slices.Contains(other.dependencies, r.id) && !slices.Contains(other.plan.needs.Resources, r.id) {
			continue
		}
		if !c.takeOut(other, &rpcerr.Error{
			Tag: why.Tag, Path: resourcePath(id) + "/" + other.needsLeaf(r.id), Err: why,
			Message: "resource \"" + r.id + "\" is out of service: " + why.Message,
		}) {
			return false
		}
	}
	return true
}

// blameSources notes for each source that has data the first resource that this data
// is not good for.
func (w *world) blameSources() {
	w.unfit = nil
	for _, id := range slices.Sorted(maps.Keys(maps.Collect(w.index.faulty.All()))) {
		r := w.resources.At(id)
		if r.plan == nil {
			continue
		}
		for _, source := range r.plan.needs.Sources {
			if w.data.Has(source) && w.unfit[source] == "" {
				if w.unfit == nil {
					w.unfit = make(map[string]string)
				}
				w.unfit[source] = "resource \"" + id + "\" cannot be served: " + r.fault.Message
			}
		}
	}
}

// tellFaults logs what goes out of service and what comes back with next.
func (a *Agent) tellFaults(prev, next *world) {
	differ := make(map[string]bool)
	persistent.Diff(prev.index.faulty, next.index.faulty, func(id string, _, _ *rpcerr.Error) { differ[id] = next.resources.Has(id) })
	for _, id := range slices.Sorted(maps.Keys(differ)) {
		now, before := next.index.faulty.At(id), prev.index.faulty.At(id)
		switch {
		case now != nil && (before == nil || before.Path != now.Path):
			a.log.Error("resource is out of service", "resource", id, "at", now.Path, "error", now.Message)
		case now == nil && differ[id]:
			a.log.Info("resource is in service", "resource", id)
		}
	}
	for _, err := range next.leftOut {
		a.log.Error("configuration is left out", "at", err.Path, "error", err.Message)
	}
}
