package agent

import (
	"context"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// prepared is a change that the agent agreed to. It holds Agent.mu.
type prepared struct {
	agent   *Agent
	change  *change
	next    *world
	binding *alto.Binding // nil where the sockets stay
}

// nothing is the agreement to a change that does not concern the agent.
type nothing struct{}

func (nothing) Apply() {}
func (nothing) Abort() {}

// Prepare implements datastore.Participant: it makes the world that the new
// configuration asks for. After a restart it fails only where ctx ends: what cannot be
// realised is left out, and tried again until it can. Cost is that of the change, of what
// is computed from it, and of what is out of service.
func (a *Agent) Prepare(ctx context.Context, c datastore.Change) (datastore.Prepared, error) {
	what := a.nodes.changeOf(c)
	if what.empty() {
		return nothing{}, nil
	}
	p := &prepared{agent: a, change: what}
	agreed := false
	a.mu.Lock()
	defer func() { // after a panic too: whoever serves the request may live on
		if !agreed {
			a.mu.Unlock()
		}
	}()
	if err := p.make(ctx, c); err != nil {
		return nil, err
	}
	agreed = true
	return p, nil
}

// make leaves no trace where it fails. The error holds all that is refused.
func (p *prepared) make(ctx context.Context, c datastore.Change) error {
	a := p.agent
	next, refused, err := a.configured(ctx, c, p.change)
	if err != nil {
		return err
	}
	p.next = next
	prev := a.world.Load()
	moved := next.process != prev.process
	if (p.change.listen || moved) && (next.process != nil || moved) && !c.Resumed {
		if why := a.try(prev.listening, next.listening); why != nil {
			refused = append(refused, why)
		}
	}
	if p.change.listen || moved {
		binding, why := a.bind(a.own(next), c.Resumed || moved)
		if p.binding = binding; why != nil {
			refused = append(refused, why)
		}
	}
	if len(refused) > 0 && p.binding != nil {
		p.binding.Abort()
	}
	return refused.err()
}

// link makes the snapshot of next, from that of prev and the resources that the draft
// touched.
func (c *computation) link() *rpcerr.Error {
	if err := c.checkVariants(); err != nil {
		return err
	}
	var step alto.Change
	step.Put = make([]*alto.Resource, 0, len(c.touched))
	for _, id := range c.order {
		now := c.touched[id]
		if before := c.prev.resources.At(id); before != nil {
			for _, s := range before.served {
				step.Remove = append(step.Remove, s.ID) // before Put, which comes after
			}
		}
		if now != nil {
			step.Put = append(step.Put, now.served...)
		}
	}
	if w := c.next; c.settings {
		step.Settings = w.config()
	}
	var err error
	if c.next.snapshot, err = c.prev.snapshot.With(step); err != nil {
		return c.configRefusal(err)
	}
	return nil
}

// checkVariants refuses a filtered variant with the ID of a resource: the first by the
// ID of its own.
func (c *computation) checkVariants() *rpcerr.Error {
	first, with := "", ""
	check := func(owner, variant string) {
		if r := c.resources.At(owner); r != nil && len(r.served) == 2 && r.served[1].ID == variant && c.resources.Has(variant) && (first == "" || owner < first) {
			first, with = owner, variant
		}
	}
	for id, r := range c.touched {
		if r != nil && len(r.served) == 2 {
			check(id, r.served[1].ID)
		}
		if owner, taken := c.variants.Get(id); taken {
			check(owner, id)
		}
	}
	if first == "" {
		return nil
	}
	err := rpcerr.New(rpcerr.InvalidValue, c.resources.At(first).filteredPath(),
		"the filtered service has ID %q, which is that of another resource", with)
	err.Err = &alto.ConfigError{Resource: first, Field: alto.FieldID, Value: with, Reason: err.Message}
	return err
}

// Apply implements datastore.Prepared.
func (p *prepared) Apply() {
	a, prev := p.agent, p.agent.world.Load()
	defer a.mu.Unlock()
	own := a.own(p.next)
	leaves := own != p.next.listening
	if p.binding != nil && leaves {
		a.settle(own, p.binding)
	}
	p.settleClients()
	a.publishWorld(p.next, p.reconfigured(prev), p.change.access() || p.change.monitor)
	if p.binding != nil && !leaves {
		a.settle(own, p.binding)
	}
	a.world.Store(p.next)
	a.guide.wake()
	a.tellFaults(prev, p.next)
	persistent.Diff(prev.sources, p.next.sources, func(_ string, old, s *source) {
		if old != nil {
			a.unwatch(old)
		}
		if s != nil {
			a.watch(s)
		}
	})
	if l := p.next.listening; p.change.listen && l.idle != nil {
		a.log.Warn("the ALTO server does not listen", "reason", l.idle)
	}
	if p.change.listen {
		for _, note := range p.next.listening.notes {
			a.log.Warn("part of the TLS configuration has no effect", "reason", note)
		}
	}
	a.announce() // what was refused may fit now
}

// reconfigured lists the resources that were there and have changed.
func (p *prepared) reconfigured(prev *world) (ids []string) {
	for id, entry := range p.change.resources {
		if entry != nil && prev.resources.Has(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Abort implements datastore.Prepared.
func (p *prepared) Abort() {
	if p.binding != nil {
		p.binding.Abort()
	}
	p.agent.mu.Unlock()
}
