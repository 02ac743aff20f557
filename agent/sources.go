package agent

import (
	"context"
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
}

// openSources opens the sources that changed and takes their data into use. There is
// nothing to close in a source that is not watched.
func (a *Agent) openSources(ctx context.Context, next *world, changed map[string]*tree.Node) (refused refusals) {
	for id, entry := range changed {
		next.sources, next.data = next.sources.Without(id), next.data.Without(id)
		if entry == nil {
			continue
		}
		s, err := a.readSource(id, entry).open(ctx)
		if err != nil {
			refused.add(rpcerr.OperationFailed, sourcePath(id), err)
			continue
		}
		next.take(&source{Source: s, id: id})
	}
	return refused
}

// resumeSources opens the sources of a restart, many at a time. One that cannot be
// opened, or not soon, has no data yet.
func (a *Agent) resumeSources(ctx context.Context, next *world, entries map[string]*tree.Node) {
	ctx, cancel := context.WithTimeout(ctx, resumeTime)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(resumeSources)
	var mu sync.Mutex
	for id, entry := range entries {
		g.Go(func() error {
			at := a.readSource(id, entry)
			s, err := at.open(ctx)
			if err != nil {
				s = a.failing(at, err)
			}
			mu.Lock()
			defer mu.Unlock()
			next.take(&source{Source: s, id: id})
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
	}
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
}

func (a *Agent) readSource(id string, entry *tree.Node) sourceConfig {
	var config gen.IETFAlto_Alto_AltoServer_DataSource
	a.fill(&config, entry)
	params := config.SourceParams
	if params == nil {
		params = new(driver.SourceParams)
	}
	identity := entry.Leaf("source-type").Identity()
	return sourceConfig{driver.SourceConfig{ID: id, Params: params, Logger: a.log}, identity, driver.SourceTypeOf(identity.String())}
}

// open is New of the driver.
func (c sourceConfig) open(ctx context.Context) (driver.Source, error) {
	if c.driver == nil {
		return nil, driver.Errorf("source-type", "no driver provides data sources of type %s", c.identity)
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
