// Package alto is the data source "alto": another ALTO server, its directory and the
// resources that are wanted of it, asked at intervals or followed by an update stream (RFC
// 8895).
package alto

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/driver/remote"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-alto:alto", YANG: modules, New: open, Remote: true})
}

const top = "source-params/altoam-source-alto:alto"

type params = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Alto

type source struct {
	remote.Feed
	params   *params
	network  *driver.Network
	schedule *remote.Schedule

	uri       string // of the root directory
	server    *remote.Server
	ird       *remote.Document
	wanted    *selection
	resources []*resource
	inUse     int // resources that the data in use is made of
}

var _ driver.Source = (*source)(nil)

func open(ctx context.Context, c driver.SourceConfig) (driver.Source, error) {
	p := c.Params.Alto
	if p == nil {
		p = new(params)
	}
	s := &source{Feed: remote.Feed{Log: c.Log()}, params: p, network: c.Network, schedule: remote.NewSchedule(p)}
	leaf := top + "/ird-uri"
	if p.Discovery != nil {
		leaf = top + "/discovery"
	}
	if _, err := s.load(ctx); err != nil {
		if id := unknownIn(err); slices.Contains(p.Resource, id) {
			leaf = top + "/" + driver.Entry("resource", ".", id)
		}
		return nil, driver.Errorf(leaf, "%w", err)
	}
	s.Asked(s.server, s.ird, 0, false)
	return s, nil
}

// Run implements driver.Source: it asks at intervals, and follows a stream while there is
// one. After a stream the server is asked before the next one is opened.
func (s *source) Run(ctx context.Context, changed func()) error {
	defer func() { s.server.Rest() }()
	var err error
	for {
		if err == nil && s.wanted.stream != nil {
			if err = s.follow(ctx, changed); ctx.Err() == nil && err != nil {
				s.Log.Info("no stream of updates, the server is asked at intervals", "error", err)
			}
		}
		pause := s.schedule.Next(err)
		s.Asked(s.server, s.ird, pause, false)
		if !remote.Wait(ctx, pause) {
			return nil
		}
		var news bool
		news, err = s.load(ctx)
		s.server.Rest()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.Asked(s.server, s.ird, 0, false)
			s.Fail(time.Now(), err)
			s.Log.Warn("ALTO server not read, the last good data stays", "error", err)
		case news:
			changed()
		}
	}
}
