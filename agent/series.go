package agent

import (
	"slices"

	"github.com/altoam/altoam/alto/persistent"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// defaultMetricResources is how many resources have metrics of their own.
const defaultMetricResources = 10_000

// labels are those of many series, which share them; ascending by name.
type labels []*dto.LabelPair

// labelled returns the labels of a metric with these values.
func labelled(d *prometheus.Desc, values ...string) labels {
	return prometheus.MakeLabelPairs(d, values)
}

// gaugeSeries is one sample of a gauge: a quarter of what a const metric of the library
// takes, of which a scrape may need 100 000.
type gaugeSeries struct {
	desc   *prometheus.Desc
	labels labels
	value  float64
	sample dto.Gauge
}

var (
	_ prometheus.Metric = (*gaugeSeries)(nil)
	_ prometheus.Metric = (*counterSeries)(nil)
)

// Desc implements prometheus.Metric.
func (s *gaugeSeries) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s *gaugeSeries) Write(m *dto.Metric) error {
	s.sample.Value = &s.value
	m.Label, m.Gauge = s.labels, &s.sample
	return nil
}

// counterSeries is one sample of a counter.
type counterSeries struct {
	desc   *prometheus.Desc
	labels labels
	value  float64
	sample dto.Counter
}

// Desc implements prometheus.Metric.
func (s *counterSeries) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s *counterSeries) Write(m *dto.Metric) error {
	s.sample.Value = &s.value
	m.Label, m.Counter = s.labels, &s.sample
	return nil
}

// shown are the resources of one world that have metrics of their own.
type shown struct {
	of  persistent.Map[string, *resource]
	ids []string // ascending: what is sent in order need not be sorted
}

// shownOf returns the IDs of the resources of w that have metrics of their own: the
// first ones by ID. They are looked for after a change only.
func (a *Agent) shownOf(w *world) []string {
	if s := a.shown.Load(); s != nil && s.of == w.resources {
		return s.ids
	}
	ids := make([]string, 0, w.resources.Len())
	for id := range w.resources.All() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) > a.metricResources {
		ids = slices.Clone(ids[:a.metricResources])
	}
	a.shown.Store(&shown{w.resources, ids})
	return ids
}
