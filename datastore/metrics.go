package datastore

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts commits and times their phases.
type metrics struct {
	commits *prometheus.CounterVec
	total   prometheus.Histogram
	phases  *prometheus.HistogramVec
}

// durations are the histogram's bounds: 50 µs to 26 s.
var durations = prometheus.ExponentialBuckets(50e-6, 2, 20)

func newMetrics() *metrics {
	return &metrics{
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "altoam_commits_total", Help: "Changes of running that were asked for, by result.",
		}, []string{"result"}),
		total: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "altoam_commit_seconds", Help: "Time of a change of running.", Buckets: durations,
		}),
		phases: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "altoam_commit_phase_seconds", Help: "Time of each phase of a change of running.", Buckets: durations,
		}, []string{"phase"}),
	}
}

// commit starts the clock of one commit; the function it returns stops it.
func (m *metrics) commit() func(error) {
	start := time.Now()
	return func(err error) {
		m.total.Observe(time.Since(start).Seconds())
		result := "ok"
		if err != nil {
			result = "refused"
		}
		m.commits.WithLabelValues(result).Inc()
	}
}

// phase starts the clock of one phase; the function it returns stops it.
func (m *metrics) phase(name string) func() {
	start := time.Now()
	return func() { m.phases.WithLabelValues(name).Observe(time.Since(start).Seconds()) }
}

var (
	sessionsDesc = prometheus.NewDesc("altoam_sessions", "Open sessions, by protocol.", []string{"protocol"}, nil)
	revisionDesc = prometheus.NewDesc("altoam_running_revision", "Number of the newest durable commit.", nil, nil)
	entriesDesc  = prometheus.NewDesc("altoam_running_entries",
		"Entries of the lists of running that stand in containers near the top.", []string{"list"}, nil)
)

var _ prometheus.Collector = (*Store)(nil)

// Describe implements prometheus.Collector.
func (s *Store) Describe(ch chan<- *prometheus.Desc) {
	s.metrics.commits.Describe(ch)
	s.metrics.total.Describe(ch)
	s.metrics.phases.Describe(ch)
	s.budget.refused.Describe(ch)
	ch <- sessionsDesc
	ch <- revisionDesc
	ch <- entriesDesc
}

// listDepth is how deep altoam_running_entries looks for lists.
const listDepth = 3

// Collect implements prometheus.Collector. Cost does not grow with running.
func (s *Store) Collect(ch chan<- prometheus.Metric) {
	s.metrics.commits.Collect(ch)
	s.metrics.total.Collect(ch)
	s.metrics.phases.Collect(ch)
	s.budget.refused.Collect(ch)
	count := map[string]int{}
	for _, x := range s.Sessions() {
		count[x.source.Protocol]++
	}
	for protocol, n := range count {
		ch <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(n), protocol)
	}
	running := s.running.Load()
	ch <- prometheus.MustNewConstMetric(revisionDesc, prometheus.GaugeValue, float64(running.Head.Revision))
	for path, n := range listSizes(running.Tree.Root(), listDepth) {
		ch <- prometheus.MustNewConstMetric(entriesDesc, prometheus.GaugeValue, float64(n), path)
	}
}
