package agent

import (
	"context"
	"maps"
	"slices"

	"github.com/altoam/altoam/agent/driver"
)

// refreshLoop takes new data into use until ctx ends.
func (a *Agent) refreshLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.news.some:
			a.refresh(ctx)
		}
	}
}

// refresh takes the new data of all sources into use: together, or where that cannot
// be served, that of each source by itself as long as one of them can. Data that is
// refused leaves everything as it was, and the source says why.
func (a *Agent) refresh(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	news := a.newData()
	a.withdrawLost(ctx, news)
	var back []*held
	for len(news) > 0 {
		err := a.take(ctx, news)
		if err == nil {
			break
		}
		var refused map[string]error
		if len(news) > 1 {
			refused = a.takeOne(ctx, news)
		} else {
			refused = map[string]error{slices.Collect(maps.Keys(news))[0]: err}
		}
		if ctx.Err() != nil {
			return
		}
		for id, err := range refused {
			a.refuse(id, err)
			back = append(back, heldBy(err)...)
			if w := a.world.Load(); w.data.Has(id) && a.lost(w, w.sources.At(id)) {
				a.announce(id)
			}
		}
		if refused != nil {
			break
		}
	}
	a.hold(back)
}

// withdrawLost takes what is lost out of use, and removes it from news. Needs mu.
func (a *Agent) withdrawLost(ctx context.Context, news map[string]*driver.Data) {
	gone := make(map[string]*driver.Data)
	for id, data := range news {
		if data == nil {
			gone[id] = nil
			delete(news, id)
		}
	}
	if len(gone) == 0 {
		return
	}
	if err := a.take(ctx, gone); err != nil && ctx.Err() == nil {
		a.log.Error("data cannot be withdrawn", "sources", slices.Sorted(maps.Keys(gone)), "error", err)
	}
}

// takeOne takes data that can be used by itself, and removes it from news; where there
// is none it returns why, by source.
func (a *Agent) takeOne(ctx context.Context, news map[string]*driver.Data) map[string]error {
	refused := make(map[string]error)
	var ids []string
	for id := range news {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		err := a.take(ctx, map[string]*driver.Data{id: news[id]})
		if err == nil {
			delete(news, id)
			return nil
		}
		refused[id] = err
	}
	return refused
}

// newData returns the data that is not in use yet, by source: of those that may have
// some. Needs mu.
func (a *Agent) newData() map[string]*driver.Data {
	w := a.world.Load()
	found := make(map[string]*driver.Data)
	look := a.news.take()
	maps.Copy(look, a.refused)
	for id := range look {
		s := w.sources.At(id)
		if s == nil {
			delete(a.refused, id)
			continue
		}
		data, status := s.Snapshot()
		lost, used := a.lost(w, s), w.data.At(id)
		switch {
		case lost && used != nil:
			found[id] = nil // withdraws it
		case data == nil || lost && (status.LastError != "" || s.refused.Load() == nil): // there is none that could be used
		case !s.uses(used, data):
			found[id] = data
		default:
			a.accept(s)
		}
	}
	return found
}

// accept notes that the newest data of a source is in use. Needs mu.
func (a *Agent) accept(s *source) {
	s.refused.Store(nil)
	s.guarded.Store(false)
	delete(a.refused, s.id)
}

// take makes and publishes the world with that data, or without the data of those sources
// where it is nil, which it is for all or none. Needs mu.
func (a *Agent) take(ctx context.Context, news map[string]*driver.Data) error {
	c := a.compute(ctx, 0)
	next := c.next
	c.newData = true
	for id, data := range news {
		c.sources[id] = true
		if data == nil {
			next.data, c.withdrawing = next.data.Without(id), true
			continue
		}
		if err := a.safeguardOf(next, id).judge(next.sources.At(id).inUse.Load(), data); err != nil {
			return err
		}
		next.data = next.data.With(id, next.sources.At(id).distinct(c.prev.data.At(id), data))
	}
	if err := c.run().err(); err != nil {
		return err
	}
	if err := c.holdBack(); err != nil {
		return err
	}
	if err := c.assemble(0).err(); err != nil {
		return err
	}
	a.publishWorld(next, nil, false)
	a.world.Store(next)
	a.guide.wake()
	a.tellFaults(c.prev, next)
	for id, data := range news {
		if data == nil {
			a.log.Warn("the data of a source is withdrawn, as its safeguard says", "source", id, "resources", len(c.changed))
			continue
		}
		next.sources.At(id).use(data)
		a.accept(next.sources.At(id))
		a.log.Info("data source has new data", "source", id, "resources", len(c.changed))
	}
	return nil
}

func (a *Agent) refuse(id string, err error) {
	text := "the data cannot be served: " + err.Error()
	s := a.world.Load().sources.At(id)
	before := s.refused.Swap(&text)
	s.guarded.Store(len(heldBy(err)) > 0)
	if a.refused[id] = true; before != nil && *before == text {
		return // and it was said before
	}
	a.log.Warn("new data of a source is not used, the last good one stays", "source", id, "error", err)
}
