package agent

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// computation brings the resources of a world up to date: those that changed, and
// those that what they are made from has changed for.
type computation struct {
	*draft
	guarding
	agent *Agent
	ctx   context.Context
	prev  *world
	next  *world // without what the draft holds, until assemble

	resumed     bool                     // nothing is refused: what fails is left out
	withdrawing bool                     // data goes, and what is made of it with it
	settings    bool                     // what concerns no resource by itself is another
	edited      map[string]bool          // resources with a new configuration
	kinds       map[string]bool          // resources that are new, gone or of another kind
	sources     map[string]bool          // sources with other data
	renamed     []string                 // resources whose server has another identifier
	costTypes   map[string]bool          // cost types that differ
	offered     map[string]alto.CostType // all of next, by name

	configs map[string]*driver.Resource // of a few resources, read already
	roles   lists
	state   map[string]progress
	path    []string        // resources in progress, each needed by the one before
	waiting []string        // to be visited: something they are made from has changed
	changed map[string]bool // resources with another output
	now     time.Time
	turned  map[string]bool // resources whose costs are others by the clock

	refused   refusals
	blamed    map[string]bool // resources that were refused, or need such a one
	unopened  map[string]bool // sources that were refused
	withdrawn map[string]bool // see withdraw
}

// compute begins a computation, with room for so many changed resources, whose next world
// is so far the one of this moment.
func (a *Agent) compute(ctx context.Context, room int) *computation {
	prev := a.world.Load()
	next := *prev
	next.leftOut = nil
	return &computation{
		draft: prev.edit(room), agent: a, ctx: ctx, prev: prev, next: &next,
		edited: make(map[string]bool, room), kinds: make(map[string]bool, room), sources: make(map[string]bool),
		now: a.now(), turned: make(map[string]bool),
		configs: make(map[string]*driver.Resource), roles: make(lists), state: make(map[string]progress, room), changed: make(map[string]bool),
		blamed: make(map[string]bool), unopened: make(map[string]bool), withdrawn: make(map[string]bool),
	}
}

type progress uint8

const (
	inProgress progress = iota + 1
	done
	failed
)

// run computes: cost is that of the resources that are concerned and of what they are
// made from, whatever else there is.
func (c *computation) run() refusals {
	c.offered = make(map[string]alto.CostType, len(c.next.costTypes))
	for _, t := range c.next.costTypes {
		c.offered[t.Name] = t
	}
	c.waiting = c.concerned()
	for len(c.waiting) > 0 {
		now := c.waiting
		c.waiting = nil
		slices.Sort(now)
		for _, id := range now {
			c.visit(id)
		}
	}
	return c.refused
}

// concerned lists the resources that may have to be made anew, whatever the others are:
// those out of service among them.
func (c *computation) concerned() []string {
	ids := make([]string, 0, len(c.edited)+c.faulty.Len())
	for _, id := range c.order {
		if c.edited[id] {
			ids = append(ids, id)
		}
	}
	for kind, names := range []map[string]bool{needResource: c.kinds, needSource: c.sources, needCostType: c.costTypes} {
		for name := range names {
			ids = append(ids, c.usersOf(needKind(kind), name)...)
		}
	}
	for id := range c.faulty.All() {
		ids = append(ids, id)
	}
	return slices.AppendSeq(append(ids, c.renamed...), maps.Keys(c.turned))
}

func (c *computation) visit(id string) {
	if c.state[id] != 0 {
		return
	}
	r := c.resources.At(id)
	if r == nil {
		return
	}
	c.state[id] = inProgress
	c.path = append(c.path, id)
	if c.update(r) {
		c.state[id] = done
	} else {
		c.state[id] = failed
	}
	c.path = c.path[:len(c.path)-1]
	delete(c.configs, id)
	if c.state[id] == failed || c.changed[id] {
		for _, user := range c.usersOf(needResource, id) {
			if c.state[id] == failed || slices.Contains(c.resources.At(user).plan.needs.Resources, id) {
				c.waiting = append(c.waiting, user)
			}
		}
	}
}

// update brings one resource up to date after those it is made from. It is false
// where the resource or one of those is refused or left out.
func (c *computation) update(r *resource) bool {
	if r.kind == nil {
		return !c.blamed[r.id] && c.fail(r, r.fault, false)
	}
	id := r.id
	edited := c.edited[id] || c.turned[id] || r.fault != nil || c.asksAboutChanges(r)
	if edited {
		var err error
		r, err = c.replan(r)
		if c.unjudged(r, r.plan.asked, r.plan.needs.Sources) {
			return false
		}
		if err != nil {
			return c.fail(r, err, false)
		}
	}
	if !c.visitAll(r) || !c.hasData(r) {
		return false
	}
	if r.algorithm != nil && (edited || c.inputsChanged(r)) {
		out, err := c.compute(c.configOf(r))
		if err != nil {
			return c.fail(r, err, false)
		}
		if !sameOutput(r.output, out) {
			c.judge(r, out)
			r = r.with(out)
			c.changed[id], edited = true, true
		}
	}
	if via := c.via(r); via != r.via {
		copied := *r
		copied.via = via
		r, c.changed[id], edited = &copied, true, true
	}
	if edited {
		return c.serve(r)
	}
	if !c.coversOthers(r) {
		return true
	}
	copied := *r // that of the world in use stays as it is
	return c.serve(&copied)
}

// maxConfigs bounds how many configurations are kept from reading the resources to
// computing them; beyond it they are read again.
const maxConfigs = 1000

// configOf returns a resource with its configuration, which is kept until the resource
// has been visited.
func (c *computation) configOf(r *resource) configured {
	if c.configs[r.id] == nil && r.algorithm != nil {
		c.configs[r.id] = new(driver.Resource)
		c.agent.fill(c.configs[r.id], r.entry)
	}
	return configured{r, c.configs[r.id], c.roles.share(texts(r.entry, "accepted-role")), c.now, c.covers(r)}
}

// lists are those of strings that many resources have alike.
type lists map[string][]string

// share returns the list that was seen first of those that are equal.
func (l lists) share(list []string) []string {
	key := strings.Join(list, "\x00")
	if first, ok := l[key]; ok {
		return first
	}
	l[key] = list
	return list
}

func (r *resource) with(out *driver.Output) *resource {
	copied := *r
	copied.output = out
	return &copied
}

// visitAll visits what r is made from and depends on.
func (c *computation) visitAll(r *resource) bool {
	ok := true
	for _, list := range [][]string{r.dependencies, r.plan.needs.Resources} {
		for _, id := range list {
			if !c.resources.Has(id) {
				ok = c.fail(r, driver.Errorf(r.needsLeaf(id), "there is no resource %q", id), false)
				continue
			}
			if c.state[id] == inProgress {
				return c.refuseCircle(r, id)
			}
			if c.visit(id); c.state[id] == done {
				continue
			}
			ok = false
			if c.blamed[id] {
				c.blamed[r.id] = true
				continue
			}
			if other := c.resources.At(id); other.fault != nil {
				c.fail(r, driver.Errorf(r.needsLeaf(id), "resource %q is out of service: %s", id, other.fault.Message), true)
			}
		}
	}
	return ok
}

// refuseCircle refuses that r depends on a resource in progress. Of the circle, the
// last one that was edited is to blame.
func (c *computation) refuseCircle(r *resource, id string) bool {
	circle := append(slices.Clone(c.path[slices.Index(c.path, id):]), id)
	for i := len(circle) - 2; i >= 0; i-- {
		if !c.edited[circle[i]] {
			continue
		}
		if id = circle[i+1]; circle[i] != r.id {
			r = c.resources.At(circle[i])
		}
		break
	}
	return c.fail(r, driver.Errorf(r.needsLeaf(id), "to depend on %q closes a circle", id), false)
}

// hasData tells whether the sources of r have data; one that could not be opened at a
// restart has none yet.
func (c *computation) hasData(r *resource) bool {
	for _, id := range r.plan.needs.Sources {
		if s := c.next.sources.At(id); s != nil && !c.next.data.Has(id) {
			why := cmp.Or(c.next.status(s).LastError, "it has just been read")
			return c.fail(r, driver.Errorf(r.kind.params, "data source %q has no data: %s", id, why), true)
		}
	}
	return true
}

// needsLeaf names the node that makes r depend on another resource.
func (r *resource) needsLeaf(id string) string {
	if slices.Contains(r.dependencies, id) {
		return driver.Entry("dependency", ".", id)
	}
	return r.kind.params
}

func (c *computation) inputsChanged(r *resource) bool {
	return meets(c.sources, r.plan.needs.Sources) || meets(c.changed, r.plan.needs.Resources) || meets(c.costTypes, r.plan.costTypes)
}

func meets(set map[string]bool, names []string) bool {
	return len(set) > 0 && slices.ContainsFunc(names, func(name string) bool { return set[name] })
}

func (c *computation) compute(r configured) (*driver.Output, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	in := driver.Input{
		PlanInput: c.planInput(r, nil), CostTypes: c.offered, Now: c.now,
		Sources: make(map[string]*driver.Data), Outputs: make(map[string]*driver.Output),
	}
	for _, id := range r.plan.needs.Sources {
		data := c.next.data.At(id)
		if data == nil {
			return nil, driver.Errorf(r.kind.params, "there is no data source %q", id)
		}
		in.Sources[id] = data
	}
	for _, id := range r.plan.needs.Resources {
		in.Outputs[id] = c.resources.At(id).output
	}
	out, err := r.algorithm.Compute(c.ctx, in)
	if err != nil {
		return nil, err
	}
	out.Map = c.agent.shared.share(out.Map)
	return &out, nil
}
