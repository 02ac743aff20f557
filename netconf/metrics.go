package netconf

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts and times requests. Operations are those of the schema, so that
// a client cannot add series.
type metrics struct {
	rpcs    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	limited *prometheus.CounterVec
}

func newMetrics() *metrics {
	return &metrics{
		limited: newLimited(),
		rpcs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "altoam_netconf_rpcs_total", Help: "NETCONF requests answered, by operation and result.",
		}, []string{"operation", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "altoam_netconf_rpc_seconds", Help: "Time to read and carry out a NETCONF request, by operation.",
			Buckets: prometheus.ExponentialBuckets(100e-6, 4, 10), // 100 µs to 26 s
		}, []string{"operation"}),
	}
}

func (m *metrics) observe(operation string, err error, d time.Duration) {
	result := "ok"
	if err != nil {
		result = "error"
	}
	m.rpcs.WithLabelValues(operation, result).Inc()
	m.seconds.WithLabelValues(operation).Observe(d.Seconds())
}

var (
	helloDesc = prometheus.NewDesc("altoam_netconf_bad_hellos_total", "NETCONF sessions refused for their hello.", nil, nil)
	startDesc = prometheus.NewDesc("altoam_netconf_sessions_total", "NETCONF sessions started.", nil, nil)
	dropDesc  = prometheus.NewDesc("altoam_netconf_dropped_sessions_total",
		"NETCONF sessions that ended neither by close-session nor by kill-session.", nil, nil)
)

var _ prometheus.Collector = (*Server)(nil)

// Describe implements prometheus.Collector.
func (s *Server) Describe(ch chan<- *prometheus.Desc) {
	s.metrics.rpcs.Describe(ch)
	s.metrics.seconds.Describe(ch)
	s.metrics.limited.Describe(ch)
	ch <- helloDesc
	ch <- startDesc
	ch <- dropDesc
}

// Collect implements prometheus.Collector.
func (s *Server) Collect(ch chan<- prometheus.Metric) {
	s.metrics.rpcs.Collect(ch)
	s.metrics.seconds.Collect(ch)
	s.metrics.limited.Collect(ch)
	counter := func(d *prometheus.Desc, n uint64) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n))
	}
	counter(helloDesc, s.counters.badHellos.Load())
	counter(startDesc, s.counters.sessions.Load())
	counter(dropDesc, s.counters.dropped.Load())
}
