// Package cric is the data source "cric": the list of sites of the WLCG in CRIC's
// JSON form, from a file or a URI. A site with network routes becomes a PID.
package cric

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/driver/remote"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-cric:cric", YANG: modules, New: open, Files: files, Remote: true})
}

const top = "source-params/altoam-source-cric:cric"

type params = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric

// policies maps the leaf conflict-policy.
var policies = map[gen.E_IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric_ConflictPolicy]policy{
	gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric_ConflictPolicy_first_by_name: firstByName,
	gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric_ConflictPolicy_last_by_name:  lastByName,
	gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric_ConflictPolicy_drop:          drop,
	gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Cric_ConflictPolicy_reject:        reject,
}

func files(c *driver.SourceParams) []string {
	if c.Cric == nil || c.Cric.Path == nil {
		return nil
	}
	return []string{c.Cric.GetPath()}
}

type source struct {
	remote.Feed
	list     list
	path     string // "": the list is fetched
	interval time.Duration
	policy   policy
	digest   [sha256.Size]byte // of the list in use
}

var _ driver.Source = (*source)(nil)

func open(ctx context.Context, c driver.SourceConfig) (driver.Source, error) {
	p := c.Params.Cric
	if p == nil {
		p = new(params)
	}
	s := &source{
		Feed:     remote.Feed{Log: c.Log()},
		path:     p.GetPath(),
		interval: time.Duration(p.GetRefreshInterval()) * time.Second,
		policy:   policies[p.GetConflictPolicy()],
	}
	leaf := top + "/path"
	if s.path != "" {
		s.list = file(s.path)
	} else {
		leaf = top + "/uri"
		s.list = newPage(p.GetUri(), time.Duration(p.GetTimeout())*time.Second, c.Network)
	}
	if _, err := s.load(ctx); err != nil {
		var conflict *conflictError
		if errors.As(err, &conflict) {
			leaf = top + "/conflict-policy"
		}
		return nil, driver.Errorf(leaf, "%w", err)
	}
	s.asked()
	return s, nil
}

// asked notes how the last exchange was, where the list is fetched.
func (s *source) asked() {
	if p, ok := s.list.(*page); ok {
		s.Asked(p.server, &p.Document, s.interval, false)
	}
}

// load reads the list and makes data of it if it is not the list in use.
func (s *source) load(ctx context.Context) (changed bool, err error) {
	text, path, err := s.list.read(ctx)
	if err != nil {
		return false, err
	}
	digest := sha256.Sum256(text)
	if text == nil || digest == s.digest {
		s.list.use()
		return s.Again(path), nil
	}
	sites, skipped, err := parse(text)
	if err != nil {
		return false, err
	}
	data, err := dataOf(sites, s.policy)
	if err != nil {
		return false, err
	}
	data.Skipped = append(skipped, data.Skipped...)
	s.digest = digest
	s.list.use()
	s.Use(data, path)
	return true, nil
}

func (s *source) Run(ctx context.Context, changed func()) error {
	look := func() error {
		news, err := s.load(ctx)
		s.asked()
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.Fail(time.Now(), err)
			s.Log.Warn("list of sites not read, the last good one stays", "error", err)
		case news:
			changed()
		}
		return err
	}
	if s.path != "" {
		return driver.Watch(ctx, []string{s.path}, s.interval, s.Log, look)
	}
	tick := time.NewTicker(s.interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			_ = look() // noted in the status
		}
	}
}
