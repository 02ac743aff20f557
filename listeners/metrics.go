package listeners

import "github.com/prometheus/client_golang/prometheus"

var (
	listeningDesc = prometheus.NewDesc("altoam_endpoint_listening",
		"1 where a configured endpoint listens at the address, 0 where the address could not be bound.",
		[]string{"protocol", "endpoint", "transport", "address"}, nil)
	calledDesc = prometheus.NewDesc("altoam_call_home_connected",
		"1 while there is a connection to a client that is called, else 0.", []string{"protocol", "client"}, nil)
)

// Collector collects from several Listeners at once.
type Collector []*Listeners

// Describe implements prometheus.Collector.
func (Collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- listeningDesc
	ch <- calledDesc
}

// Collect implements prometheus.Collector.
func (c Collector) Collect(ch chan<- prometheus.Metric) {
	for _, l := range c {
		l.collect(ch)
	}
}

func (l *Listeners) collect(ch chan<- prometheus.Metric) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.endpoints {
		for _, b := range e.binds {
			ch <- gauge(listeningDesc, l.sockets[b.key] != nil, e.protocol.name, e.name, b.network, b.addr)
		}
	}
	for _, c := range l.callers {
		ch <- gauge(calledDesc, c.up.Load(), c.protocol.name, c.name)
	}
}

func gauge(d *prometheus.Desc, on bool, labels ...string) prometheus.Metric {
	v := 0.0
	if on {
		v = 1
	}
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}
