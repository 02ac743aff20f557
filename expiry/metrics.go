package expiry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// maxSeries bounds how many certificates have a metric.
const maxSeries = 1000

var (
	endDesc = prometheus.NewDesc("altoam_certificate_expiry_timestamp_seconds",
		"When the certificate expires, or the one of its chain that does so first; of the first 1000.", []string{"place"}, nil)
	countDesc = prometheus.NewDesc("altoam_certificates", "Certificates of the configuration and of files.", nil, nil)
)

var _ prometheus.Collector = (*Watch)(nil)

// Describe implements prometheus.Collector.
func (*Watch) Describe(ch chan<- *prometheus.Desc) {
	ch <- endDesc
	ch <- countDesc
}

// Collect implements prometheus.Collector.
func (w *Watch) Collect(ch chan<- prometheus.Metric) {
	all := w.held()
	if w.o.Files != nil {
		all = slices.Concat(w.o.Files(), all)
	}
	ch <- prometheus.MustNewConstMetric(countDesc, prometheus.GaugeValue, float64(len(all)))
	for _, h := range all[:min(len(all), maxSeries)] {
		ch <- prometheus.MustNewConstMetric(endDesc, prometheus.GaugeValue, float64(h.NotAfter.Unix()), h.Place)
	}
}
