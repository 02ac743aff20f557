package agent

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// heldMaps are the maps that are held back, by resource ID.
func (a *Agent) heldMaps() []*held {
	if list := a.held.Load(); list != nil {
		return *list
	}
	return nil
}

// heldOf is the map of a resource that is held back, nil where none is.
func (a *Agent) heldOf(id string) *held {
	for _, h := range a.heldMaps() {
		if h.id == id {
			return h
		}
	}
	return nil
}

// heldBy are the maps that an error of take is about; none where it is another error.
func heldBy(err error) []*held {
	var e *heldError
	if errors.As(err, &e) {
		return e.maps
	}
	return nil
}

// hold notes which maps are held back now, and tells of those that are so anew and of
// those that are no longer. Needs mu.
func (a *Agent) hold(now []*held) {
	before := a.heldMaps()
	if len(now) == 0 && len(before) == 0 {
		return
	}
	slices.SortStableFunc(now, func(x, y *held) int { return strings.Compare(x.id, y.id) })
	now = slices.CompactFunc(now, func(x, y *held) bool { return x.id == y.id })
	a.held.Store(&now)
	for _, h := range now {
		if i := slices.IndexFunc(before, func(b *held) bool { return b.id == h.id }); i < 0 || before[i].output != h.output {
			a.log.Warn("a map is held back", "resource", h.id, "reason", h.reason)
			a.tellGuard(h, "held", "")
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, func(h *held) bool { return h.id == b.id }) {
			a.log.Info("a map is held back no longer", "resource", b.id)
			a.tellGuard(b, "released", "")
		}
	}
}

// tellGuard publishes a guard-event.
func (a *Agent) tellGuard(h *held, event, operator string) {
	a.notify("/"+guardModule+":guard-event", func(w *datastore.Writer) {
		w.Set("resource-id", h.id).Set("event", event)
		if operator != "" {
			w.Set("operator", operator)
		}
		w.Set("reason", h.reason)
		h.writeCounts(w)
	})
}

func (h *held) writeCounts(w *datastore.Writer) {
	for _, c := range h.counts {
		w.In(c.of).Set("before", c.before).Set("after", c.after).Set("changed", c.changed).Set("share", shareText(c.hundredths()))
	}
}

// guardState writes what is held back below the server.
func (a *Agent) guardState(server *datastore.Writer, w *world) {
	for _, h := range a.heldMaps() {
		r := w.resources.At(h.id)
		if r == nil || r.entry == nil {
			continue
		}
		x := server.Existing("resource", r.entry.KeyValues()[0]).In(guardModule + ":guard").In("held")
		x.Set("since", dateAndTime(h.since)).Set("state", h.state).Set("reason", h.reason)
		h.writeCounts(x)
	}
}

// guardConditions tells which maps wait for a decision.
func (a *Agent) guardConditions() (list []alarms.Condition) {
	for _, h := range a.heldMaps() {
		if h.state == waiting {
			list = append(list, condition(resourcePath(h.id), alarmGuard, alarms.Major, "the map is held back: %s", h.reason))
		}
	}
	return list
}

// decide handles the actions accept and reject.
func (a *Agent) decide(to holdState) datastore.Handler {
	return func(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
		id := c.Path[len(c.Path)-2].Keys[0].String()
		all := !c.Input.Root().Leaf("all").IsZero()
		also := func(other string) bool { return all && c.Session.Acts(ofResource(c.Path, other), c.Node) }
		if err := a.setDecision(id, also, to, c.Session.User().Name); err != nil {
			return nil, err
		}
		if to == rejected {
			return nil, nil
		}
		a.refresh(context.WithoutCancel(ctx))
		return output(c.Node, func(w *datastore.Writer) { w.Set("in-use", a.heldOf(id) == nil) })
	}
}

// ofResource is the path of a node of one resource for another resource.
func ofResource(p tree.Path, id string) tree.Path {
	other := p.Clone()
	at := len(p) - 2
	key, err := p[at].Schema.Keys[0].Type.Parse(id, nil)
	if err != nil {
		panic(err) // a resource that is served has it as its key
	}
	other[at].Keys = []yang.Value{key}
	return other
}

// setDecision notes what an operator says about the map of a resource, and about those
// others that are held back of which also is true.
func (a *Agent) setDecision(id string, also func(other string) bool, to holdState, operator string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.heldOf(id) == nil {
		return rpcerr.New(rpcerr.DataMissing, resourcePath(id)+"/"+guardModule+":guard/held", "no map of this resource is held back").
			WithReason(rpcerr.NoSuchResource)
	}
	next := slices.Clone(a.heldMaps())
	for i, h := range next {
		if h.state == to || h.id != id && !also(h.id) {
			continue
		}
		decided := *h
		decided.state = to
		next[i] = &decided
		a.log.Info("an operator decided about a map", "resource", h.id, "decision", to, "operator", operator)
		a.tellGuard(h, to.String(), operator)
	}
	a.held.Store(&next)
	return nil
}

// output makes the output of an action.
func output(action *yang.Node, fill func(*datastore.Writer)) (*tree.Tree, error) {
	m := tree.New(action.Output()).Mutate()
	w := datastore.NewWriter(m)
	fill(w)
	if err := w.Err(); err != nil {
		return nil, err
	}
	return m.Done(), nil
}
