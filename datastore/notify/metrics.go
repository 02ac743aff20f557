package notify

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	published     *prometheus.CounterVec
	lost, errors  prometheus.Counter
	fellBehind    prometheus.Counter
	subscriptions *prometheus.Desc
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &metrics{
		published: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "altoam_events_total", Help: "Events published, by notification.",
		}, []string{"notification"}),
		lost:          counter("altoam_events_not_kept_total", "Events that came faster than the history could be written."),
		errors:        counter("altoam_event_history_errors_total", "Failures to write the history of events."),
		fellBehind:    counter("altoam_subscriptions_lost_total", "Subscriptions that ended because their owner was too slow."),
		subscriptions: prometheus.NewDesc("altoam_subscriptions", "Open subscriptions to events.", nil, nil),
	}
}

var _ prometheus.Collector = (*Broker)(nil)

// Describe implements prometheus.Collector.
func (b *Broker) Describe(ch chan<- *prometheus.Desc) {
	b.metrics.published.Describe(ch)
	b.metrics.lost.Describe(ch)
	b.metrics.errors.Describe(ch)
	b.metrics.fellBehind.Describe(ch)
	ch <- b.metrics.subscriptions
}

// Collect implements prometheus.Collector.
func (b *Broker) Collect(ch chan<- prometheus.Metric) {
	b.metrics.published.Collect(ch)
	b.metrics.lost.Collect(ch)
	b.metrics.errors.Collect(ch)
	b.metrics.fellBehind.Collect(ch)
	b.mu.Lock()
	open := b.open
	b.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(b.metrics.subscriptions, prometheus.GaugeValue, float64(open))
}
