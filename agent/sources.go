package agent

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
	"github.com/altoam/altoam/yang"
	"golang.org/x/sync/errgroup"
)

// source is a data source. It has no data, nil, until it could be opened.
type source struct {
	driver.Source
	id string
	// refused tells why its newest data is not in use; nil where it is.
	refused atomic.Pointer[string]
	// guarded tells that it is refused because a map that was made of it is held back.
	guarded atomic.Bool
	stop    context.CancelFunc // ends the watching; nil before it. Guarded by Agent.mu.

	configured bool              // its data is its configuration
	config     [sha256.Size]byte // see configDigest
	inUse      atomic.Uint64     // extent of the data that was taken into use last, 0: none was
	since      atomic.Int64      // when that was, in Unix nanoseconds
	lag        atomic.Int64      // how long it was since it had been read, in nanoseconds
	renamed    atomic.Pointer[renamed]
	kept       *driver.Data // that was kept over a restart and is in use since; nil: there is none
	keptFrom   time.Time    // when it was read; zero: there is none
}

// openSources opens the sources that changed and takes their data into use. There is
// nothing to close in a source that is not watched.
// A source whose own configuration stays keeps its data where it cannot be opened.
func (a *Agent) openSources(ctx context.Context, next *world, t *tree.Tree, c *change) (refused refusals) {
	for id, entry := range c.sources {
		before := next.sources.At(id)
		next.sources, next.data = next.sources.Without(id), next.data.Without(id)
		if entry == nil {
			continue
		}
		if before != nil && !c.indirect[id] && !before.configured && before.config == configDigest(entry) {
			next.keep(before, a.world.Load()) // it is about something else
			continue
		}
		at := a.readSource(next, t, id, entry)
		s, err := at.open(ctx)
		if err != nil && c.indirect[id] && at.fault == nil && before != nil {
			s, err = a.failing(at, err).instead(before), nil
		}
		if err != nil {
			refused.add(rpcerr.OperationFailed, sourcePath(id), err)
			continue
		}
		next.take(at.source(s, entry))
	}
	return refused
}

// resumeSources opens the sources of a restart, many at a time. One that cannot be
// opened, or not soon, has no data yet.
func (a *Agent) resumeSources(ctx context.Context, next *world, t *tree.Tree, entries map[string]*tree.Node) {
	ctx, cancel := context.WithTimeout(ctx, resumeTime)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(resumeSources)
	var mu sync.Mutex
	for id, entry := range entries {
		g.Go(func() error {
			at := a.readSource(next, t, id, entry)
			s, err := at.open(ctx)
			if err != nil {
				s = a.failing(at, err)
			}
			mu.Lock()
			defer mu.Unlock()
			a.resume(next, at.source(s, entry))
			return nil
		})
	}
	_ = g.Wait() // none returns an error
}

// take takes a source and its data, where it has some, into a world in the making.
func (w *world) take(s *source) {
	w.sources = w.sources.With(s.id, s)
	if data, _ := s.Snapshot(); data != nil {
		w.data = w.data.With(s.id, data)
		s.use(data)
	}
}

// use notes that data is taken into use.
func (s *source) use(data *driver.Data) {
	if !s.configured && data != nil {
		s.inUse.Store(extent(data))
		now := time.Now()
		s.since.Store(now.UnixNano())
		if _, status := s.Snapshot(); !status.LastSuccess.IsZero() {
			s.lag.Store(int64(max(0, now.Sub(status.LastSuccess))))
		}
	}
}

// keep takes a source with the data in use over from another world.
func (w *world) keep(s *source, from *world) {
	w.sources = w.sources.With(s.id, s)
	if data := from.data.At(s.id); data != nil {
		w.data = w.data.With(s.id, data)
	}
}

// source is an open source as the agent has it.
func (c sourceConfig) source(s driver.Source, entry *tree.Node) *source {
	return &source{Source: s, id: c.ID, configured: c.driver != nil && c.driver.Configured, config: configDigest(entry)}
}

// At a restart so many sources are opened at a time, and in all it takes so long at
// most.
const (
	resumeSources = 16
	resumeTime    = 5 * time.Second
)

// sourceConfig is a configured source that is not open.
type sourceConfig struct {
	driver.SourceConfig
	identity *yang.Identity
	driver   *driver.SourceType // nil: there is none
	fault    error              // why it cannot be opened; nil where it may be
}

// readSource reads an entry of the list data-source of t, of which w is being made.
func (a *Agent) readSource(w *world, t *tree.Tree, id string, entry *tree.Node) sourceConfig {
	var config gen.IETFAlto_Alto_AltoServer_DataSource
	a.fill(&config, entry)
	params := config.SourceParams
	if params == nil {
		params = new(driver.SourceParams)
	}
	identity := entry.Leaf("source-type").Identity()
	c := sourceConfig{
		SourceConfig: driver.SourceConfig{ID: id, Params: params, Logger: a.log},
		identity:     identity, driver: driver.SourceTypeOf(identity.String()),
	}
	if isRemote(entry) {
		c.Network, c.fault = a.network(w, t, id, entry)
	}
	return c
}

// open is New of the driver.
func (c sourceConfig) open(ctx context.Context) (driver.Source, error) {
	if c.driver == nil {
		return nil, driver.Errorf("source-type", "no driver provides data sources of type %s", c.identity)
	}
	if c.fault != nil {
		return nil, c.fault
	}
	return c.driver.New(ctx, c.SourceConfig)
}

func (c sourceConfig) files() []string {
	if c.driver == nil || c.driver.Files == nil {
		return nil
	}
	return c.driver.Files(c.Params)
}

// watch runs a source until it is no longer configured. Needs mu; does nothing
// outside Run.
func (a *Agent) watch(s *source) {
	if a.running == nil || a.running.Err() != nil || s.stop != nil {
		return
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(a.running)
	changed := func() { a.announce(s.id) }
	a.watches.Go(func() {
		err := s.Run(ctx, changed)
		if err != nil && !errors.Is(err, context.Canceled) {
			a.log.Error("data source is no longer watched", "source", s.id, "error", err)
		}
	})
	changed() // since it was opened
}

// unwatch ends the watching of a source. Needs mu.
func (a *Agent) unwatch(s *source) {
	if s.stop != nil {
		s.stop()
	}
}
