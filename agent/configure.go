package agent

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/openconfig/ygot/ygot"
)

// configured returns the world after a change of configuration, which is not complete
// where something is refused. The error is that of ctx; nothing is seen from outside.
func (a *Agent) configured(ctx context.Context, of datastore.Change, c *change) (*world, refusals, error) {
	comp := a.compute(ctx, len(c.resources))
	next := comp.next
	comp.resumed = of.Resumed
	next.root, next.server = of.New.Root(), a.nodes.serverIn(of.New)
	at, stores := certs.Root(of.New).Below("ietf-alto:alto", "alto-server"), a.storesOf(of.New)
	if c.listen {
		next.listening = a.readListen(at, stores)
	}
	comp.configureAccess(c, at, stores)
	if c.meta {
		next.meta = a.readMeta(next.server)
	}
	if c.monitor {
		next.window = a.readWindow(next.server)
	}
	if c.costTypes {
		next.costTypes = a.readCostTypes(next.server)
		comp.costTypes = differing(comp.prev.costTypes, next.costTypes)
	}
	comp.settings = comp.settings || c.meta || c.costTypes
	var refused refusals
	if c.process {
		process, err := a.readSouthbound(next.server, next.process)
		if next.process = process; err != nil && !of.Resumed {
			refused = append(refused, err)
		}
	}
	switch {
	case next.process == nil:
		next.reached = nil
	case comp.settings || c.process || c.monitor:
		next.reached = a.reachedOf(of.New)
	}
	comp.configureRemote(c, certs.Root(of.New))
	if of.Resumed {
		a.resumeSources(ctx, next, of.New, c.sources)
	} else {
		refused = append(refused, a.openSources(ctx, next, of.New, c)...)
	}
	for id, entry := range c.sources {
		comp.sources[id] = true
		comp.unopened[id] = entry != nil && !next.sources.Has(id)
	}
	refused = append(refused, next.configureDiscovery(of, c, a.secrets, a.home)...)
	if !of.Resumed {
		refused = append(refused, next.checkProbe()...)
	}
	comp.readResources(c.resources)
	comp.run()
	comp.refused = append(append(comp.refused, refused...), comp.overLimit()...)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return next, comp.assemble(maxMisfits), nil
}

// readResources takes the resources that changed into the world to come, by ID.
func (c *computation) readResources(changed map[string]*tree.Node) {
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		entry, before := changed[id], c.prev.resources.At(id)
		if entry == nil {
			c.remove(id)
			c.kinds[id] = true
			continue
		}
		r, err := c.agent.readResource(id, entry)
		if err != nil {
			r := unreadable(id, entry, err)
			if c.put(r); !c.resumed {
				c.refuse(id, r.fault)
			}
			continue
		}
		if r.config != nil && len(c.configs) < maxConfigs {
			c.configs[id] = r.config
		}
		c.put(r.resource)
		c.edited[id] = true
		if before == nil || before.kind != r.kind {
			c.kinds[id] = true
		}
	}
}

// fill is Fill; what no code knows, of modules loaded at start, is passed over.
func (a *Agent) fill(dst ygot.GoStruct, n *tree.Node) {
	var unknown *UnknownError
	if err := Fill(dst, n); errors.As(err, &unknown) {
		a.log.Debug("configuration that no code reads", "at", tree.Path{tree.StepTo(n)}.String(), "error", err)
	}
}

// entries calls f for each entry of a list below alto-server.
func (a *Agent) entries(server *tree.Node, list string, f func(*tree.Node)) {
	s := a.nodes.child(list)
	if server == nil || s == nil {
		return
	}
	for e := range server.Entries(s) {
		f(e)
	}
}

func (a *Agent) readMeta(server *tree.Node) map[string]jsontext.Value {
	meta := make(map[string]jsontext.Value)
	a.entries(server, "meta", func(e *tree.Node) {
		var m gen.IETFAlto_Alto_AltoServer_Meta
		a.fill(&m, e)
		meta[m.GetMetaKey()] = jsontext.Value(m.MetaValue)
	})
	return meta
}

// differing returns the names of the cost types that are not in both lists alike.
func differing(a, b []alto.CostType) map[string]bool {
	count := make(map[string]int)
	for _, list := range [][]alto.CostType{a, b} {
		for _, t := range list {
			count[t.Name+"\x00"+t.Mode+"\x00"+t.Metric]++
		}
	}
	names := make(map[string]bool)
	for _, list := range [][]alto.CostType{a, b} {
		for _, t := range list {
			if count[t.Name+"\x00"+t.Mode+"\x00"+t.Metric] == 1 {
				names[t.Name] = true
			}
		}
	}
	return names
}

func (a *Agent) readWindow(server *tree.Node) time.Duration {
	var config gen.IETFAlto_Alto_AltoServer_ServerLevelMonitorConfig
	if server != nil {
		if s := server.Schema().Child(statsModule, "server-level-monitor-config"); s != nil {
			if n := server.Child(s); n != nil {
				a.fill(&config, n)
			}
		}
	}
	return time.Duration(config.GetTimeWindowSize()) * time.Second
}
