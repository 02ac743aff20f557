package trail

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/altoam/altoam/audit"
)

type metrics struct {
	records        *prometheus.CounterVec
	lost, failures prometheus.Counter
	failing        *prometheus.Desc
	sequence       *prometheus.Desc
}

func newMetrics() *metrics {
	m := &metrics{
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "altoam_audit_records_total", Help: "Records written to the audit.",
		}, []string{"what"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "altoam_audit_lost_total", Help: "Records that could not be written to the audit.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "altoam_audit_failures_total", Help: "Attempts to write to the audit that failed.",
		}),
		failing:  prometheus.NewDesc("altoam_audit_failing", "Whether the last attempt to write to the audit failed.", nil, nil),
		sequence: prometheus.NewDesc("altoam_audit_sequence", "Number of the newest record of the audit.", nil, nil),
	}
	for _, w := range audit.Whats {
		m.records.WithLabelValues(string(w))
	}
	return m
}

// Describe implements prometheus.Collector.
func (t *Trail) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(t, ch) }

// Collect implements prometheus.Collector.
func (t *Trail) Collect(ch chan<- prometheus.Metric) {
	m := t.metrics
	m.records.Collect(ch)
	m.lost.Collect(ch)
	m.failures.Collect(ch)
	t.mu.Lock()
	failing := 0.0
	if t.failing {
		failing = 1
	}
	t.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(m.failing, prometheus.GaugeValue, failing)
	ch <- prometheus.MustNewConstMetric(m.sequence, prometheus.GaugeValue, float64(t.log.Status().Sequence))
}
