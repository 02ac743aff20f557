package agent

import (
	"cmp"
	"context"
	"slices"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// computation brings the resources of a world up to date: those that changed, and
// those that what they are made from has changed for.
type computation struct {
	ctx  context.Context
	prev *world
	next *world

	resumed   bool                     // nothing is refused: what fails is left out
	edited    map[string]bool          // resources with a new configuration
	kinds     map[string]bool          // resources that are new, gone or of another kind
	sources   map[string]bool          // sources with other data
	costTypes map[string]bool          // cost types that differ
	offered   map[string]alto.CostType // all of next, by name

	state   map[string]progress
	changed map[string]bool // resources with another output
	refused refusals
}

type progress uint8

const (
	inProgress progress = iota + 1
	done
	failed
)

// run computes. All resources are looked at, few are touched.
func (c *computation) run() refusals {
	c.state, c.changed = make(map[string]progress, len(c.next.order)), map[string]bool{}
	c.offered = make(map[string]alto.CostType, len(c.next.costTypes))
	for _, t := range c.next.costTypes {
		c.offered[t.Name] = t
	}
	for _, id := range c.next.order {
		c.visit(id)
	}
	return c.refused
}

func (c *computation) visit(id string) {
	if c.state[id] != 0 {
		return
	}
	c.state[id] = inProgress
	if c.update(id) {
		c.state[id] = done
	} else {
		c.state[id] = failed
	}
}

// update brings one resource up to date after those it is made from. It is false
// where the resource or one of those is refused or left out.
func (c *computation) update(id string) bool {
	r := c.next.resources[id]
	if r.kind == nil {
		return c.fail(r, r.fault, false)
	}
	edited := c.edited[id] || r.fault != nil || c.asksAboutChanges(r)
	if edited {
		var err error
		if r, err = c.plan(r); err != nil {
			return c.fail(r, err, false)
		}
	}
	if !c.visitAll(r) || !c.hasData(r) {
		return false
	}
	if r.algorithm != nil && (edited || c.inputsChanged(r)) {
		out, err := c.compute(r)
		if err != nil {
			return c.fail(r, err, false)
		}
		if !sameOutput(r.output, out) {
			r = r.with(out)
			c.changed[id], edited = true, true
		}
	}
	if !edited {
		return true
	}
	var err error
	if r.served, err = r.kind.serve(r); err != nil {
		return c.fail(r, err, false)
	}
	if r.fault != nil {
		r.fault, c.changed[id] = nil, true
	}
	c.next.put(r)
	return true
}

func (r *resource) with(out *driver.Output) *resource {
	copied := *r
	copied.output = out
	return &copied
}

func (c *computation) asksAboutChanges(r *resource) bool {
	for id := range c.kinds {
		if r.asked[id] {
			return true
		}
	}
	return false
}

// plan returns a copy of r that knows what it is made from. Its output is the last
// one of a resource of that ID.
func (c *computation) plan(r *resource) (*resource, error) {
	planned := *r
	r = &planned
	if before := c.prev.resources[r.id]; before != nil && before.kind == r.kind {
		r.output = before.output
	}
	r.asked, r.maps = make(map[string]bool), nil
	for _, id := range r.config.Dependency {
		r.asked[id] = true
		if other := c.next.resources[id]; other != nil && other.algorithm != nil && other.algorithm.Kind == driver.NetworkMap {
			r.maps = append(r.maps, id)
		}
	}
	if r.algorithm == nil {
		return r, nil
	}
	var err error
	r.needs, err = r.algorithm.Plan(c.planInput(r))
	for _, id := range r.needs.Resources {
		r.asked[id] = true
	}
	return r, err
}

func (c *computation) planInput(r *resource) driver.PlanInput {
	return driver.PlanInput{Resource: r.config, Kind: func(id string) (driver.Kind, bool) {
		r.asked[id] = true
		if other := c.next.resources[id]; other != nil && other.algorithm != nil {
			return other.algorithm.Kind, true
		}
		return 0, false
	}}
}

// visitAll visits what r is made from and depends on.
func (c *computation) visitAll(r *resource) bool {
	ok := true
	for _, list := range [][]string{r.config.Dependency, r.needs.Resources} {
		for _, id := range list {
			if c.next.resources[id] == nil {
				ok = c.fail(r, driver.Errorf(r.needsLeaf(id), "there is no resource %q", id), false)
				continue
			}
			if c.state[id] == inProgress {
				return c.fail(r, driver.Errorf(r.needsLeaf(id), "to depend on %q closes a circle", id), false)
			}
			if c.visit(id); c.state[id] == done {
				continue
			}
			ok = false
			if other := c.next.resources[id]; other.fault != nil {
				c.fail(r, driver.Errorf(r.needsLeaf(id), "resource %q is out of service: %s", id, other.fault.Message), true)
			}
		}
	}
	return ok
}

// hasData tells whether the sources of r have data; one that could not be opened at a
// restart has none yet.
func (c *computation) hasData(r *resource) bool {
	for _, id := range r.needs.Sources {
		if s := c.next.sources[id]; s != nil && c.next.data[id] == nil {
			why := cmp.Or(c.next.status(s).LastError, "it has just been read")
			return c.fail(r, driver.Errorf(r.kind.params, "data source %q has no data: %s", id, why), true)
		}
	}
	return true
}

// needsLeaf names the node that makes r depend on another resource.
func (r *resource) needsLeaf(id string) string {
	if slices.Contains(r.config.Dependency, id) {
		return driver.Entry("dependency", ".", id)
	}
	return r.kind.params
}

func (c *computation) inputsChanged(r *resource) bool {
	return meets(c.sources, r.needs.Sources) || meets(c.changed, r.needs.Resources) ||
		len(c.costTypes) > 0 && meets(c.costTypes, driver.OfferedCostTypes(r.config))
}

func meets(set map[string]bool, names []string) bool {
	return len(set) > 0 && slices.ContainsFunc(names, func(name string) bool { return set[name] })
}

func (c *computation) compute(r *resource) (*driver.Output, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	in := driver.Input{
		PlanInput: c.planInput(r), CostTypes: c.offered,
		Sources: make(map[string]*driver.Data), Outputs: make(map[string]*driver.Output),
	}
	for _, id := range r.needs.Sources {
		data := c.next.data[id]
		if data == nil {
			return nil, driver.Errorf(r.kind.params, "there is no data source %q", id)
		}
		in.Sources[id] = data
	}
	for _, id := range r.needs.Resources {
		in.Outputs[id] = c.next.resources[id].output
	}
	out, err := r.algorithm.Compute(c.ctx, in)
	if err != nil {
		return nil, err
	}
	return &out, nil
}
