package agent

import (
	"fmt"
	"strings"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const guardModule = "altoam-guard"

// guarding judges the maps that a computation makes (altoam-guard).
type guarding struct {
	newData bool    // the computation is about new data, not about a configuration
	over    []*held // maps that exceed a limit
	general *bounds // of all maps; nil: not read yet
}

// bounds are the limits of a map; a zero value does not limit.
type bounds struct {
	pids, prefixes, pairs, entities, objects yang.Value // shares
	minPIDs                                  yang.Value
	commits                                  bool // limit changes of configuration too
}

// of returns the limits of the counts of a resource of a kind, in their order; none where
// the guard does not judge it.
func (b *bounds) of(k *kind) []yang.Value {
	switch k {
	case kinds["network-map"]:
		return []yang.Value{b.pids, b.prefixes}
	case kinds["cost-map"]:
		return []yang.Value{b.pairs}
	case kinds["property-map"], kinds["endpoint-prop"]:
		return []yang.Value{b.entities}
	case kinds["cdni"]:
		return []yang.Value{b.objects}
	}
	return nil
}

// held is a map that exceeds a limit. It is not modified any more.
type held struct {
	id     string // of the resource
	output *driver.Output
	reason string
	since  time.Time
	state  holdState
	counts []count
}

type holdState uint8

const (
	waiting holdState = iota
	accepted
	rejected
)

func (s holdState) String() string { return [...]string{"waiting", "accepted", "rejected"}[s] }

// count tells what of a map changes.
type count struct {
	of                     string // container of altoam-guard
	before, after, changed int
	all                    int // before or after
}

// hundredths is the share that changes, in hundredths of a percent.
func (c count) hundredths() int64 {
	if c.all == 0 {
		return 0
	}
	return int64(c.changed) * 10_000 / int64(c.all)
}

func shareText(hundredths int64) string {
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// exceeds tells whether the share is above a limit, a decimal64 with two fraction digits.
func (c count) exceeds(limit yang.Value) bool {
	at, _, ok := limit.Decimal()
	return ok && int64(c.changed)*10_000 > at*int64(c.all)
}

// judge notes a map that exceeds a limit with a new output. Cost is that of comparing
// the maps, where there is a limit.
func (c *computation) judge(r *resource, out *driver.Output) {
	if c.resumed {
		return
	}
	b := c.boundsOf(r)
	if !c.newData && !b.commits {
		return
	}
	h := &held{id: r.id, output: out, since: c.agent.now()}
	limits := b.of(r.kind)
	if r.kind == kinds["network-map"] {
		if least, ok := b.minPIDs.Uint(); ok && uint64(len(out.Map.PIDs())) < least {
			h.reason = fmt.Sprintf("the map would have %d PIDs, fewer than %d", len(out.Map.PIDs()), least)
		}
	}
	limited := h.reason != ""
	for _, l := range limits {
		limited = limited || !l.IsZero()
	}
	if !limited || r.output == nil && h.reason == "" {
		return
	}
	h.counts = r.changes(out)
	for i, n := range h.counts {
		if h.reason == "" && r.output != nil && n.exceeds(limits[i]) {
			h.reason = fmt.Sprintf("%s %% of the %s would change, more than %s %%", shareText(n.hundredths()), n.of, limits[i])
		}
	}
	if h.reason != "" {
		c.over = append(c.over, h)
	}
}

// changes counts what a new output changes.
func (r *resource) changes(out *driver.Output) []count {
	before := r.output
	if before == nil {
		before = new(driver.Output)
	}
	switch r.kind {
	case kinds["network-map"]:
		d := alto.CompareNetworkMaps(before.Map, out.Map, 0)
		return []count{
			{"pids", d.PIDsBefore, d.PIDsAfter, d.PIDsAdded + d.PIDsRemoved + d.PIDsChanged, d.PIDsBefore + d.PIDsAdded},
			{"prefixes", d.PrefixesBefore, d.PrefixesAfter, d.PrefixesAdded + d.PrefixesRemoved + d.PrefixesMoved, d.PrefixesBefore + d.PrefixesAdded},
		}
	case kinds["property-map"], kinds["endpoint-prop"]:
		d := alto.ComparePropertyMaps(before.Properties, out.Properties, 0)
		return []count{{"entities", d.EntitiesBefore, d.EntitiesAfter, d.Added + d.Removed + d.Changed, d.EntitiesBefore + d.Added}}
	case kinds["cdni"]:
		d := compareObjects(before.Advertisements, out.Advertisements)
		return []count{{"objects", d.before, d.after, d.added + d.removed, d.before + d.added}}
	}
	most := count{of: "pairs"}
	for name, costs := range out.Costs {
		d := alto.CompareCosts(before.Costs[name], costs, 0)
		n := count{"pairs", d.PairsBefore, d.PairsAfter, d.Added + d.Removed + d.Changed, d.PairsBefore + d.Added}
		most = most.orMore(n)
	}
	for name, paths := range out.Paths {
		d := alto.ComparePaths(before.Paths[name], paths, before.ANEs, out.ANEs)
		most = most.orMore(count{"pairs", d.PairsBefore, d.PairsAfter, d.Added + d.Removed + d.Changed, d.PairsBefore + d.Added})
	}
	return []count{most}
}

// orMore is n where a larger share of it changes.
func (c count) orMore(n count) count {
	if n.hundredths() > c.hundredths() || c.all == 0 {
		return n
	}
	return c
}

// boundsOf returns the limits of a resource: its own before those of the server.
func (c *computation) boundsOf(r *resource) bounds {
	if c.general == nil {
		c.general = new(bounds)
		c.general.read(guardOf(c.next.server))
	}
	b := *c.general
	b.read(guardOf(r.entry))
	return b
}

// guardOf is the container guard of the server or of a resource; nil: there is none.
func guardOf(n *tree.Node) *tree.Node {
	if n == nil {
		return nil
	}
	s := n.Schema().Child(guardModule, "guard")
	if s == nil {
		return nil
	}
	return n.Child(s)
}

// read takes what is set in a container guard, which may be nil.
func (b *bounds) read(guard *tree.Node) {
	if guard == nil {
		return
	}
	set := func(to *yang.Value, of *tree.Node, leaf string) {
		if of != nil && !of.Leaf(leaf).IsZero() {
			*to = of.Leaf(leaf)
		}
	}
	share := below(guard, "max-changed-share")
	set(&b.pids, share, "pids")
	set(&b.prefixes, share, "prefixes")
	set(&b.pairs, share, "pairs")
	set(&b.entities, share, "entities")
	set(&b.objects, share, "objects")
	set(&b.minPIDs, guard, "min-pids")
	if on, ok := guard.Leaf("guard-commits").Bool(); ok {
		b.commits = on
	}
}

// refusals of a change of configuration, one for each map that exceeds a limit.
func (c *computation) overLimit() (list refusals) {
	for _, h := range c.over {
		list = append(list, rpcerr.New(rpcerr.OperationFailed, resourcePath(h.id)+"/"+guardModule+":guard", "%s", h.reason))
	}
	return list
}

// heldError tells that new data is held back.
type heldError struct{ maps []*held }

func (e *heldError) Error() string {
	list := make([]string, len(e.maps))
	for i, h := range e.maps {
		list[i] = fmt.Sprintf("resource %q is held back: %s", h.id, h.reason)
	}
	return strings.Join(list, "; ")
}

// holdBack refuses new data as long as one of the maps that exceed a limit is not
// accepted by an operator. What was decided about the same map counts.
func (c *computation) holdBack() error {
	free := true
	for _, h := range c.over {
		if before := c.agent.heldOf(h.id); before != nil && sameOutput(before.output, h.output) {
			h.since, h.state, h.output = before.since, before.state, before.output
		}
		free = free && h.state == accepted
	}
	if free {
		return nil
	}
	return &heldError{c.over}
}
