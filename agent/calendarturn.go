package agent

import (
	"context"
	"time"

	"github.com/altoam/altoam/agent/driver"
)

// calendarLook bounds how long after the beginning of an interval its costs are current.
const calendarLook = 100 * time.Millisecond

// calendarLoop keeps costs that follow the clock up to date until ctx ends.
func (a *Agent) calendarLoop(ctx context.Context) {
	var failed time.Time
	every(ctx, calendarLook, func(time.Time) {
		if now := a.now(); now.Sub(failed) > lookEvery || now.Before(failed) {
			if err := a.turn(ctx, now); err != nil && ctx.Err() == nil {
				failed = now
				a.log.Error("costs do not follow the clock", "error", err)
			}
		}
	})
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

// turn publishes the world in which all costs are those of now. Cost is a look at each
// resource with a calendar, and where one has turned that of making it anew.
func (a *Agent) turn(ctx context.Context, now time.Time) error {
	if !a.world.Load().turns(now) {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.compute(ctx, 0)
	for id, at := range c.prev.index.turning.All() {
		if !at.After(c.now) {
			c.turned[id] = true
		}
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

// turns tells whether the costs of a resource are others by now.
func (w *world) turns(now time.Time) bool {
	for _, at := range w.index.turning.All() {
		if !at.After(now) {
			return true
		}
	}
	return false
}
