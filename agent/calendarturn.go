package agent

import (
	"context"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
)

// calendarLook bounds how long after the beginning of an interval its costs are current.
const calendarLook = 100 * time.Millisecond

// calendars are the costs that follow the clock. They belong to one goroutine.
type calendars struct {
	*Agent
	failed map[string]failedTurn // resources whose costs do not
}

// failedTurn is the last attempt to turn the costs of a resource.
type failedTurn struct {
	at  time.Time
	why string
}

// calendarLoop keeps costs that follow the clock up to date until ctx ends.
func (a *Agent) calendarLoop(ctx context.Context) {
	c := &calendars{a, make(map[string]failedTurn)}
	every(ctx, calendarLook, func(time.Time) { c.follow(ctx, a.now()) })
}

// follow turns the costs of all resources that are due: together, or where that cannot be
// served, those of each resource by itself. One that failed waits for lookEvery and is then
// turned by itself, so that it holds up no other.
func (c *calendars) follow(ctx context.Context, now time.Time) {
	due, again := c.due(now)
	if len(due)+len(again) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(due) > 1 && c.turn(ctx, due...) == nil {
		due = nil
	}
	for _, id := range append(due, again...) {
		if at, ok := c.world.Load().index.turning.Get(id); !ok || at.After(now) {
			delete(c.failed, id)
			continue
		}
		if err := c.turn(ctx, id); ctx.Err() == nil {
			c.note(id, now, err)
		}
	}
}

// due lists the resources whose costs are others by now: those to be turned the first time,
// and those that failed and are to be tried again; ascending.
func (c *calendars) due(now time.Time) (due, again []string) {
	for id, at := range c.world.Load().index.turning.All() {
		f, failed := c.failed[id]
		switch {
		case at.After(now):
		case !failed:
			due = append(due, id)
		case now.Sub(f.at) > lookEvery || now.Before(f.at):
			again = append(again, id)
		}
	}
	slices.Sort(due)
	slices.Sort(again)
	return due, again
}

// note notes how an attempt has ended. A failure is logged once for each cause.
func (c *calendars) note(id string, now time.Time, err error) {
	before, failed := c.failed[id]
	switch {
	case err != nil:
		if c.failed[id] = (failedTurn{now, err.Error()}); before.why != err.Error() {
			c.log.Error("the costs of a resource do not follow the clock", "resource", id, "error", err)
		}
	case failed:
		delete(c.failed, id)
		c.log.Info("the costs of a resource follow the clock again", "resource", id)
	}
}

// nextTurn is when the costs over time of a resource are others, as seen from now: the
// zero time where they never are.
func (c *computation) nextTurn(out *driver.Output) (next time.Time) {
	if out == nil {
		return next
	}
	for _, s := range out.Schedules {
		if t := s.Next(c.now); !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// turn publishes the world in which the costs of these resources are those of now. Cost is
// that of making them anew. Needs mu.
func (a *Agent) turn(ctx context.Context, ids ...string) error {
	c := a.compute(ctx, 0)
	for _, id := range ids {
		c.turned[id] = true
	}
	if err := c.run().err(); err != nil {
		return err
	}
	if err := c.assemble(0).err(); err != nil {
		return err
	}
	a.publishWorld(c.next, nil, false)
	a.world.Store(c.next)
	a.tellFaults(c.prev, c.next)
	return nil
}
