// Package topology is the data source "topology": a graph of nodes and links, from a
// file in the form of ietf-l3-unicast-topology (RFC 8346) or from the configuration.
package topology

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"log/slog"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/altoam/altoam/gen"
)

//go:embed *.yang
var modules embed.FS

func init() {
	driver.RegisterSource(driver.SourceType{Identity: "altoam-source-topology:topology", YANG: modules, New: open, Files: files})
}

// params is the container of this module, top its place below the data source.
type params = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Topology

const top = "source-params/altoam-source-topology:topology"

func files(c *driver.SourceParams) []string {
	if c.Topology.GetPath() == "" {
		return nil
	}
	return []string{c.Topology.GetPath()}
}

func open(_ context.Context, c driver.SourceConfig) (driver.Source, error) {
	p := c.Params.Topology
	if p == nil {
		p = new(params)
	}
	if p.Path == nil {
		return openInline(p)
	}
	s := &fileSource{path: p.GetPath(), network: p.GetNetworkId(), interval: time.Duration(p.GetPollInterval()) * time.Second, log: c.Log()}
	if _, err := s.load(); err != nil {
		leaf := top + "/path"
		if errors.Is(err, errWhichNetwork) {
			leaf = top + "/network-id"
		}
		return nil, driver.Errorf(leaf, "%w", err)
	}
	return s, nil
}

// fileSource reads its graph from a file, again whenever that changes.
type fileSource struct {
	driver.Feed
	path, network string
	interval      time.Duration
	log           *slog.Logger
	text          []byte // in use
}

var _ driver.Source = (*fileSource)(nil)

func (s *fileSource) load() (changed bool, err error) {
	now := time.Now()
	text, err := driver.ReadFile(s.path)
	if err != nil {
		return false, err
	}
	if s.text != nil && bytes.Equal(text, s.text) {
		s.Succeed(now, nil)
		return false, nil
	}
	g, skipped, err := parse(text, s.network)
	if err != nil {
		return false, err
	}
	s.text = text
	s.Succeed(now, &driver.Data{Graph: g, Skipped: skipped})
	return true, nil
}

func (s *fileSource) Run(ctx context.Context, changed func()) error {
	return driver.Watch(ctx, []string{s.path}, s.interval, s.log, func() error {
		news, err := s.load()
		switch {
		case err != nil:
			s.Fail(time.Now(), err)
			s.log.Warn("topology not read, the last good one stays", "error", err)
		case news:
			changed()
		}
		return err
	})
}

// inline is a graph that stands in the configuration.
type inline struct{ driver.Feed }

var _ driver.Source = (*inline)(nil)

// Run waits: the data cannot change.
func (*inline) Run(ctx context.Context, _ func()) error {
	<-ctx.Done()
	return nil
}

func openInline(p *params) (driver.Source, error) {
	var nodes []graph.Node
	for name, n := range p.Node {
		node := graph.Node{Name: name}
		for _, text := range n.Prefix {
			prefix, err := parsePrefix(text)
			if err != nil {
				return nil, driver.Errorf(driver.Entry(top+"/node", "name", name)+"/"+driver.Entry("prefix", ".", text), "%w", err)
			}
			node.Prefixes = append(node.Prefixes, prefix)
		}
		if at := n.Position; at != nil {
			node.Place = &graph.Place{Latitude: at.GetLatitude(), Longitude: at.GetLongitude()}
		}
		nodes = append(nodes, node)
	}
	var links []graph.Link
	for name, l := range p.Link {
		link := graph.Link{Name: name, From: l.GetFrom(), To: l.GetTo(), Metric: float64(l.GetMetric())}
		for metric, v := range l.Value {
			link.Values = with(link.Values, metric, v.GetValue())
		}
		links = append(links, link)
	}
	g, err := graph.New(nodes, links)
	if err != nil {
		return nil, driver.Errorf(top, "%w", err)
	}
	s := new(inline)
	s.Succeed(time.Now(), &driver.Data{Graph: g})
	return s, nil
}

// with adds to values, which may be nil.
func with(values map[string]float64, metric string, value float64) map[string]float64 {
	if values == nil {
		values = make(map[string]float64)
	}
	values[metric] = value
	return values
}
