package agent

import (
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/prometheus/client_golang/prometheus"
)

// metric describes a Prometheus metric.
func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("altoam_"+name, help, labels, nil)
}

// requestDescs are the metrics of requests, of the server or of resources.
type requestDescs struct {
	total, last, discontinuity, reported *prometheus.Desc
}

func newRequestDescs(prefix, of string, labels ...string) requestDescs {
	result := append(labels[:len(labels):len(labels)], "result")
	return requestDescs{
		total:         metric(prefix+"_requests_total", "Requests to "+of+", by result: received counts all.", result...),
		last:          metric(prefix+"_requests_last", "Requests to "+of+" within the statistics window, by result: received counts all.", result...),
		discontinuity: metric(prefix+"_discontinuity_timestamp_seconds", "When the counters of "+of+" last could not go on.", labels...),
		reported:      metric(prefix+"_report_timestamp_seconds", "When the figures of "+of+" were taken.", labels...),
	}
}

var (
	serverDescs   = newRequestDescs("alto_server", "the ALTO server")
	windowDesc    = metric("alto_server_window_seconds", "Length of the statistics window.")
	resourceDescs = newRequestDescs("alto_resource", "a resource", "resource")
	upDesc        = metric("alto_resource_up", "Whether a resource is in service: 0 where its source has no good data since the start.", "resource")
	updatesDesc   = metric("alto_resource_updates_total", "Updates of the version of a resource.", "resource")
	memoryDesc    = metric("alto_resource_memory_bytes", "Memory that a resource uses.", "resource")
	encodedDesc   = metric("alto_resource_encoded_bytes", "Size of the JSON encoding of a resource.", "resource")

	sourceSuccessDesc   = metric("source_success_timestamp_seconds", "When the data of a source was last read without an error.", "source")
	sourceAttemptDesc   = metric("source_attempt_timestamp_seconds", "When the reading of the data of a source was last tried.", "source")
	sourceStaleDesc     = metric("source_stale", "Whether a source's data in use is not that of the last attempt.", "source")
	sourceRecordsDesc   = metric("source_records", "Records in the data of a source.", "source")
	sourceSkippedDesc   = metric("source_skipped_records", "Records of a source that could not be used.", "source")
	sourceConflictsDesc = metric("source_conflicts", "Prefixes of a source that more than one PID claims.", "source")

	figureDescs = newFigureDescs()
)

// newFigureDescs returns a metric for each figure, by its name.
func newFigureDescs() map[string]*prometheus.Desc {
	descs := make(map[string]*prometheus.Desc)
	for _, k := range kinds {
		for _, f := range k.figures {
			descs[f.metric] = metric(f.metric, f.help, "resource")
		}
	}
	return descs
}

// Describe implements prometheus.Collector.
func (a *Agent) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []requestDescs{serverDescs, resourceDescs} {
		ch <- d.total
		ch <- d.last
		ch <- d.discontinuity
		ch <- d.reported
	}
	for _, d := range []*prometheus.Desc{
		windowDesc, upDesc, updatesDesc, memoryDesc, encodedDesc,
		sourceSuccessDesc, sourceAttemptDesc, sourceStaleDesc, sourceRecordsDesc, sourceSkippedDesc, sourceConflictsDesc,
	} {
		ch <- d
	}
	for _, d := range figureDescs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (a *Agent) Collect(ch chan<- prometheus.Metric) {
	w := a.world.Load()
	s := a.server.Stats()
	serverDescs.collect(ch, s.Total, s.Last, s.Discontinuity, s.Reported)
	gauge(ch, windowDesc, s.Window.Seconds())
	for id, r := range w.resources.All() {
		up := 1.0
		if r.fault != nil {
			up = 0
		}
		gauge(ch, upDesc, up, id)
		s, ok := a.server.ResourceStats(id)
		if !ok {
			continue // it has been deleted in the meantime
		}
		resourceDescs.collect(ch, s.Total, s.Last, s.Discontinuity, s.Reported, id)
		counter(ch, updatesDesc, s.Updates, id)
		gauge(ch, memoryDesc, float64(s.MemoryBytes), id)
		gauge(ch, encodedDesc, float64(s.EncodedBytes), id)
		for _, f := range r.kind.figures {
			gauge(ch, figureDescs[f.metric], float64(f.value(s)), id)
		}
	}
	for id, s := range w.sources.All() {
		status, data := w.status(s), w.data.At(id)
		instant(ch, sourceSuccessDesc, status.LastSuccess, id)
		instant(ch, sourceAttemptDesc, status.LastAttempt, id)
		stale := 0.0
		if status.Stale() {
			stale = 1
		}
		gauge(ch, sourceStaleDesc, stale, id)
		if data == nil {
			continue
		}
		gauge(ch, sourceRecordsDesc, float64(data.Records()), id)
		gauge(ch, sourceSkippedDesc, float64(len(data.Skipped)), id)
		gauge(ch, sourceConflictsDesc, float64(len(data.Conflicts)), id)
	}
}

func (d requestDescs) collect(ch chan<- prometheus.Metric, total, last alto.Counts, discontinuity, reported time.Time, labels ...string) {
	with := func(result string) []string { return append(labels[:len(labels):len(labels)], result) }
	counter(ch, d.total, total.Requests, with("received")...)
	counter(ch, d.total, total.Succeeded, with("succeeded")...)
	counter(ch, d.total, total.Failed, with("failed")...)
	gauge(ch, d.last, float64(last.Requests), with("received")...)
	gauge(ch, d.last, float64(last.Succeeded), with("succeeded")...)
	gauge(ch, d.last, float64(last.Failed), with("failed")...)
	instant(ch, d.discontinuity, discontinuity, labels...)
	instant(ch, d.reported, reported, labels...)
}

func counter(ch chan<- prometheus.Metric, d *prometheus.Desc, v uint64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

// instant is a gauge of seconds since 1970; nothing for the zero time.
func instant(ch chan<- prometheus.Metric, d *prometheus.Desc, t time.Time, labels ...string) {
	if !t.IsZero() {
		gauge(ch, d, float64(t.UnixMilli())/1000, labels...)
	}
}
