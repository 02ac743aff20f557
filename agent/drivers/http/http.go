// Package http is the data source "http": documents in ALTO's own JSON forms, as the
// source "file" reads them, fetched by HTTP.
package http

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/driver/document"
	"github.com/altoam/altoam/agent/driver/remote"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-http:http", YANG: modules, New: open, Remote: true})
}

const top = "source-params/altoam-source-http:http"

type params = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Http

type source struct {
	remote.Feed
	server   *remote.Server
	schedule *remote.Schedule
	pages    []*page
}

// page is a document with what it holds.
type page struct {
	remote.Document
	part *document.Part // nil before it is in use
}

var _ driver.Source = (*source)(nil)

func open(ctx context.Context, c driver.SourceConfig) (driver.Source, error) {
	p := c.Params.Http
	if p == nil {
		p = new(params)
	}
	s := &source{Feed: remote.Feed{Log: c.Log()}, schedule: remote.NewSchedule(p)}
	home := ""
	for _, uri := range p.Uri {
		s.pages = append(s.pages, &page{Document: remote.Document{URI: uri}})
		home = s.pages[0].URI
	}
	s.server = remote.NewServer(home, p, c.Network)
	defer s.server.Rest()
	if _, err := s.load(ctx); err != nil {
		var fault *pageError
		if errors.As(err, &fault) && remote.Shown(fault.uri) == fault.uri { // a query may hold a secret
			return nil, driver.Errorf(top+"/"+driver.Entry("uri", ".", fault.uri), "%w", err)
		}
		return nil, driver.Errorf(top+"/uri", "%w", err)
	}
	s.exchanged(0)
	return s, nil
}

// pageError tells which document is at fault.
type pageError struct {
	uri string
	error
}

func (e *pageError) Unwrap() error { return e.error }

// load fetches all documents and makes data of them unless they are those in use. The
// error is a *pageError.
func (s *source) load(ctx context.Context) (changed bool, err error) {
	answers, parts := make([]*remote.Answer, len(s.pages)), make([]*document.Part, len(s.pages))
	var c document.Collector
	for i, p := range s.pages {
		parts[i] = p.part
		if answers[i], err = s.server.Fetch(ctx, &p.Document); err != nil {
			return false, &pageError{p.URI, err}
		}
		if answers[i].Text != nil {
			name := remote.Shown(p.URI)
			if parts[i], err = document.Read(name, answers[i].Text); err != nil {
				return false, &pageError{p.URI, driver.Errorf(name, "%w", err)}
			}
		}
		if err := c.Add(parts[i]); err != nil {
			return false, &pageError{p.URI, driver.Errorf(remote.Shown(p.URI), "%w", err)}
		}
		changed = changed || parts[i] != p.part
	}
	for i, p := range s.pages {
		p.Use(answers[i])
		p.part = parts[i]
	}
	return s.Take(&c, remote.Union(answers), changed), nil
}

// exchanged notes how the last exchange was and when the next one comes; 0: not known.
func (s *source) exchanged(next time.Duration) {
	s.Asked(s.server, &s.pages[0].Document, next, false)
}

// Run implements driver.Source.
func (s *source) Run(ctx context.Context, changed func()) error {
	defer s.server.Rest()
	pause := s.schedule.Next(nil)
	for s.exchanged(pause); remote.Wait(ctx, pause); {
		news, err := s.load(ctx)
		s.server.Rest()
		pause = s.schedule.Next(err)
		s.exchanged(pause)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.Fail(time.Now(), err)
			s.Log.Warn("documents not read, the last good data stays", "error", err)
		case news:
			changed()
		}
	}
	return nil
}
