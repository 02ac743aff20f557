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
		}
		if refused != nil {
			break
		}
	}
	a.hold(back)
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
		if data, _ := s.Snapshot(); data != w.data.At(id) {
			found[id] = data
		} else {
			a.accept(s)
		}
	}
	return found
}

// accept notes that the data of a source is in use. Needs mu.
func (a *Agent) accept(s *source) {
	s.refused.Store(nil)
	s.guarded.Store(false)
	delete(a.refused, s.id)
}

// take makes and publishes the world with that data. Needs mu.
func (a *Agent) take(ctx context.Context, news map[string]*driver.Data) error {
	c := a.compute(ctx, 0)
	next := c.next
	c.newData = true
	for id, data := range news {
		next.data = next.data.With(id, data)
		c.sources[id] = true
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
	for id := range news {
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
