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
	for len(news) > 0 {
		err := a.take(ctx, news)
		if err == nil || ctx.Err() != nil {
			return
		}
		if len(news) == 1 || !a.takeOne(ctx, news) {
			for id := range news {
				a.refuse(id, err)
			}
			return
		}
	}
}

// takeOne takes data that can be used by itself, and removes it from news.
func (a *Agent) takeOne(ctx context.Context, news map[string]*driver.Data) bool {
	var ids []string
	for id := range news {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if a.take(ctx, map[string]*driver.Data{id: news[id]}) == nil {
			delete(news, id)
			return true
		}
	}
	return false
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
	delete(a.refused, s.id)
}

// take makes and publishes the world with that data. Needs mu.
func (a *Agent) take(ctx context.Context, news map[string]*driver.Data) error {
	c := a.compute(ctx, 0)
	next := c.next
	for id, data := range news {
		next.data = next.data.With(id, data)
		c.sources[id] = true
	}
	if err := c.run().err(); err != nil {
		return err
	}
	if err := c.assemble(0).err(); err != nil {
		return err
	}
	a.server.Publish(next.snapshot)
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
	a.world.Load().sources.At(id).refused.Store(&text)
	a.refused[id] = true
	a.log.Warn("new data of a source is not used, the last good one stays", "source", id, "error", err)
}
