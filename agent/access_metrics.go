package agent

import (
	"github.com/altoam/altoam/alto"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

var limitedDesc = metric("alto_limited_total", "Requests of ALTO clients that were refused because they exceed a limit.", "limit")

// collectLimited tells how often each limit was exceeded.
func (a *Agent) collectLimited(ch chan<- prometheus.Metric) {
	a.side.Limited(func(limit alto.Limit, requests uint64) {
		name, value := "limit", limit.String()
		counter(ch, limitedDesc, requests, labels{&dto.LabelPair{Name: &name, Value: &value}})
	})
}
