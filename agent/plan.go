package agent

import (
	"maps"
	"slices"

	"github.com/altoam/altoam/agent/driver"
)

// plan is what a resource is made from.
type plan struct {
	asked []string // resources whose kind the plan depends on, its own needs among them; ascending
	*inputs
}

// inputs are what the algorithm of a resource reads.
type inputs struct {
	needs     driver.Needs
	costTypes []string // that the resource offers
}

// uncomputed are the inputs of resources without an algorithm, which many are.
var uncomputed = new(inputs)

// alone is the plan of resources that are made from nothing.
var alone = &plan{inputs: uncomputed}

// all lists what a plan depends on.
func (p *plan) all() []need {
	if p == nil {
		return nil
	}
	list := make([]need, 0, len(p.asked)+len(p.needs.Sources)+len(p.costTypes))
	for kind, names := range [][]string{needResource: p.asked, needSource: p.needs.Sources, needCostType: p.costTypes} {
		for _, name := range names {
			list = append(list, need{needKind(kind), name})
		}
	}
	return list
}

func (c *computation) asksAboutChanges(r *resource) bool {
	return len(c.kinds) > 0 && r.plan != nil && meets(c.kinds, r.plan.asked)
}

// replan returns a copy of r that knows what it is made from. Its output is the last
// one of a resource of that ID.
func (c *computation) replan(r *resource) (*resource, error) {
	planned := *r
	r = &planned
	if before := c.prev.resources.At(r.id); before != nil && before.kind == r.kind {
		r.output = before.output
	}
	if r.algorithm == nil && len(r.dependencies) == 0 {
		r.plan = alone
		return r, nil
	}
	if r.algorithm == nil {
		if p := (&plan{ascending(r.dependencies), uncomputed}); !p.equal(r.plan) {
			r.plan = p
		}
		return r, nil
	}
	p, asked := &plan{inputs: new(inputs)}, make(map[string]bool)
	for _, id := range r.dependencies {
		asked[id] = true
	}
	config := c.configOf(r)
	var err error
	p.needs, err = r.algorithm.Plan(c.planInput(config, asked))
	p.costTypes = driver.OfferedCostTypes(config.config)
	for _, id := range p.needs.Resources {
		asked[id] = true
	}
	p.asked = slices.Sorted(maps.Keys(asked))
	if !p.equal(r.plan) {
		r.plan = p
	}
	return r, err
}

// ascending returns list where it is in order already, else a sorted copy.
func ascending(list []string) []string {
	if slices.IsSorted(list) {
		return list
	}
	return slices.Sorted(slices.Values(list))
}

func (p *plan) equal(q *plan) bool {
	return q != nil && slices.Equal(p.asked, q.asked) && slices.Equal(p.costTypes, q.costTypes) &&
		slices.Equal(p.needs.Resources, q.needs.Resources) && slices.Equal(p.needs.Sources, q.needs.Sources)
}

// planInput notes what is asked, where asked is not nil.
func (c *computation) planInput(r configured, asked map[string]bool) driver.PlanInput {
	return driver.PlanInput{Resource: r.config, Kind: func(id string) (driver.Kind, bool) {
		if asked != nil {
			asked[id] = true
		}
		if other := c.resources.At(id); other != nil && other.algorithm != nil {
			return other.algorithm.Kind, true
		}
		return 0, false
	}}
}
