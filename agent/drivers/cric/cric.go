// Package cric is the data source "cric": the list of sites of the WLCG in CRIC's
// JSON form, from a file or a URI. A site with network routes becomes a PID.
package cric

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"log/slog"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-cric:cric", YANG: modules, New: open, Files: files})
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
	driver.Feed
	list     list
	path     string // "": the list is fetched
	interval time.Duration
	policy   policy
	log      *slog.Logger
	digest   [sha256.Size]byte // of the list in use
}

var _ driver.Source = (*source)(nil)

func open(ctx context.Context, c driver.SourceConfig) (driver.Source, error) {
	p := c.Params.Cric
	if p == nil {
		p = new(params)
	}
	s := &source{
		path:     p.GetPath(),
		interval: time.Duration(p.GetRefreshInterval()) * time.Second,
		policy:   policies[p.GetConflictPolicy()],
		log:      c.Log(),
	}
	leaf := top + "/path"
	if s.path != "" {
		s.list = file(s.path)
	} else {
		leaf = top + "/uri"
		s.list = &remote{uri: p.GetUri(), timeout: time.Duration(p.GetTimeout()) * time.Second}
	}
	if _, err := s.load(ctx); err != nil {
		var conflict *conflictError
		if errors.As(err, &conflict) {
			leaf = top + "/conflict-policy"
		}
		return nil, driver.Errorf(leaf, "%w", err)
	}
	return s, nil
}

// load reads the list and makes data of it if it is not the list in use.
func (s *source) load(ctx context.Context) (changed bool, err error) {
	now := time.Now()
	text, err := s.list.read(ctx)
	if err != nil {
		return false, err
	}
	digest := sha256.Sum256(text)
	if text == nil || digest == s.digest {
		s.Succeed(now, nil)
		return false, nil
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
	s.Succeed(now, data)
	return true, nil
}

func (s *source) Run(ctx context.Context, changed func()) error {
	look := func() error {
		news, err := s.load(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.Fail(time.Now(), err)
			s.log.Warn("list of sites not read, the last good one stays", "error", err)
		case news:
			changed()
		}
		return err
	}
	if s.path != "" {
		return driver.Watch(ctx, []string{s.path}, s.interval, s.log, look)
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
