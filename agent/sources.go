package agent

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
)

// source is an open data source.
type source struct {
	driver.Source
	id string
	// refused tells why its newest data is not in use; nil where it is.
	refused atomic.Pointer[string]
	stop    context.CancelFunc // ends the watching; nil before it. Guarded by Agent.mu.
}

// openSources opens the sources that changed and takes their data into use. There is
// nothing to close in a source that is not watched.
func (a *Agent) openSources(ctx context.Context, next *world, changed map[string]*tree.Node) (refused refusals) {
	for id, entry := range changed {
		delete(next.sources, id)
		delete(next.data, id)
		if entry == nil {
			continue
		}
		s, err := a.openSource(ctx, id, entry)
		if err != nil {
			refused.add(rpcerr.OperationFailed, sourcePath(id), err)
			continue
		}
		next.sources[id] = s
		next.data[id], _ = s.Snapshot()
	}
	return refused
}

func (a *Agent) openSource(ctx context.Context, id string, entry *tree.Node) (*source, error) {
	var config gen.IETFAlto_Alto_AltoServer_DataSource
	a.fill(&config, entry)
	identity := entry.Leaf("source-type").Identity()
	t := driver.SourceTypeOf(identity.String())
	if t == nil {
		return nil, driver.Errorf("source-type", "no driver provides data sources of type %s", identity)
	}
	params := config.SourceParams
	if params == nil {
		params = new(driver.SourceParams)
	}
	s, err := t.New(ctx, driver.SourceConfig{ID: id, Params: params, Logger: a.log})
	if err != nil {
		return nil, err
	}
	return &source{Source: s, id: id}, nil
}

// watch runs a source until it is no longer configured. Needs mu; does nothing
// outside Run.
func (a *Agent) watch(s *source) {
	if a.running == nil || a.running.Err() != nil || s.stop != nil {
		return
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(a.running)
	a.watches.Go(func() {
		err := s.Run(ctx, a.announce)
		if err != nil && !errors.Is(err, context.Canceled) {
			a.log.Error("data source is no longer watched", "source", s.id, "error", err)
		}
	})
}

// unwatch ends the watching of a source. Needs mu.
func (a *Agent) unwatch(s *source) {
	if s.stop != nil {
		s.stop()
	}
}

// announce makes the refresh loop look for new data.
func (a *Agent) announce() {
	select {
	case a.news <- struct{}{}:
	default: // it will look anyway
	}
}
