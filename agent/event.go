package agent

import (
	"context"
	"slices"
	"time"

	"github.com/altoam/altoam/alto/persistent"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const (
	// lookEvery is the time between looks at the resources with limits.
	lookEvery = time.Second
	// atOnce bounds the resources that a look takes besides those that have changed and
	// the update streams.
	atOnce = 1000
)

// limitLoop publishes an alto-resource-event when a resource has come to exceed one of
// its resource-limits, and again only after it has been below, until ctx ends. What is
// above a limit at the start, or when the limit changes, is reported then.
func (a *Agent) limitLoop(ctx context.Context) {
	event := a.schema.Find("/" + altoModule + ":alto-resource-event")
	if event == nil {
		return
	}
	l := &limits{agent: a, event: event, resources: make(map[string]*limited), streams: make(map[string]bool)}
	every(ctx, lookEvery, func(time.Time) { l.look(ctx) })
}

// limits are the resources with limits. It belongs to one goroutine.
type limits struct {
	agent     *Agent
	event     *yang.Node
	seen      persistent.Map[string, *resource] // as of the last look
	resources map[string]*limited               // those without limits go when their turn comes
	order     []string                          // of resources
	next      int                               // in order
	streams   map[string]bool                   // resources with a limit of update streams
}

// limited is a resource with limits.
type limited struct{ memory, streams limit }

// limit is a threshold and whether the figure was above it at the last look.
type limit struct {
	set, over bool
	at        uint64
}

// exceeds tells whether the figure has come to be above the limit.
func (l *limit) exceeds(figure uint64) bool {
	was := l.over
	l.over = l.set && figure > l.at
	return l.over && !was
}

// change sets the limit; one that stays keeps what was seen.
func (l *limit) change(leaf yang.Value) {
	at, ok := leaf.Uint()
	now := limit{set: ok, at: at}
	if now.set != l.set || now.at != l.at {
		*l = now
	}
}

// look judges the resources that have changed, those with update streams and some of the
// others, whose memory varies with what has been encoded. Cost does not grow with the
// number of resources.
func (l *limits) look(ctx context.Context) {
	now := l.agent.world.Load().resources
	var due []string
	persistent.Diff(l.seen, now, func(id string, _, r *resource) {
		if l.learn(id, r) {
			due = append(due, id)
		}
	})
	l.seen = now
	for id := range l.streams {
		due = append(due, id)
	}
	due = append(due, l.turn()...)
	slices.Sort(due)
	for _, id := range slices.Compact(due) {
		l.judge(ctx, id)
	}
}

// turn returns those whose turn it is, and forgets those among them without limits.
func (l *limits) turn() (ids []string) {
	for range min(atOnce, len(l.order)) {
		l.next %= len(l.order)
		id, last := l.order[l.next], len(l.order)-1
		if x := l.resources[id]; x.memory.set || x.streams.set {
			ids = append(ids, id)
			l.next++
			continue
		}
		delete(l.resources, id)
		l.order[l.next], l.order = l.order[last], l.order[:last]
	}
	return ids
}

// learn takes note of the limits of a resource, nil for one that is gone, and tells
// whether it has any.
func (l *limits) learn(id string, r *resource) bool {
	var c *tree.Node
	if r != nil && r.entry != nil {
		c = below(r.entry, "resource-limits")
	}
	x := l.resources[id]
	delete(l.streams, id)
	if c == nil {
		if x != nil {
			*x = limited{}
		}
		return false
	}
	if x == nil {
		x = new(limited)
		l.resources[id] = x
		l.order = append(l.order, id)
	}
	x.memory.change(c.Leaf("notify-res-mem-limit"))
	x.streams.change(c.Leaf("notify-upd-stream-limit"))
	if x.streams.set {
		l.streams[id] = true
	}
	return true
}

// judge compares the figures of a resource with its limits.
func (l *limits) judge(ctx context.Context, id string) {
	x := l.resources[id]
	if x == nil {
		return
	}
	held, open, ok := l.agent.side.ResourceLoad(id)
	if !ok {
		return // out of service
	}
	memory, streams := x.memory.exceeds(held), x.streams.exceeds(open)
	if !memory && !streams {
		return
	}
	m := tree.New(l.event).Mutate()
	w := datastore.NewWriter(m).Set("resource-id", id)
	if memory {
		w.Set("notify-res-mem-threshold", x.memory.at)
	}
	if streams {
		w.Set("notify-upd-stream-threshold", x.streams.at)
	}
	err := w.Err()
	if err == nil {
		err = l.agent.publish(ctx, notify.Event{Tree: m.Done()})
	}
	if err != nil {
		l.agent.log.Warn("alto-resource-event not published", "resource", id, "error", err)
	}
}
