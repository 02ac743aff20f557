package agent

import (
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
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
	resourcesDesc = metric("alto_resources", "Configured resources.")
	downDesc      = metric("alto_resources_down", "Resources out of service.")
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
		alarmDesc, appliedDesc, startsDesc, probeOKDesc, probeFailuresDesc, probeTimeDesc, probeRunDesc, limitedDesc, windowDesc, resourcesDesc, downDesc, upDesc, updatesDesc, memoryDesc, encodedDesc,
		sourceSuccessDesc, sourceAttemptDesc, sourceStaleDesc, sourceRecordsDesc, sourceSkippedDesc, sourceConflictsDesc,
	} {
		ch <- d
	}
	for _, d := range answerMetrics {
		ch <- d
	}
	for _, d := range figureDescs {
		ch <- d
	}
	a.guide.describe(ch)
}

// Collect implements prometheus.Collector. Cost is that of the resources that have
// metrics of their own; the first time after a change all resources are looked at.
func (a *Agent) Collect(ch chan<- prometheus.Metric) {
	w := a.world.Load()
	if s, ok := a.side.Stats(); ok {
		serverDescs.collect(ch, s.Total, s.Last, s.Discontinuity, s.Reported, nil)
		serverAnswers.collect(ch, s.BytesSent, s.Latency, nil)
		a.collectClients(ch, s.OtherClients.Requests)
	}
	gauge(ch, windowDesc, w.window.Seconds(), nil)
	a.collectSouthbound(ch)
	gauge(ch, resourcesDesc, float64(w.resources.Len()), nil)
	gauge(ch, downDesc, float64(w.index.faulty.Len()), nil)
	a.collectAlarms(ch)
	a.collectProbe(ch)
	a.collectLimited(ch)
	for _, id := range a.shownOf(w) {
		a.collectResource(ch, w.resources.At(id))
	}
	for id, s := range w.sources.All() {
		w.collectSource(ch, id, s)
	}
	a.guide.collect(ch, w)
}

func (a *Agent) collectResource(ch chan<- prometheus.Metric, r *resource) {
	of := labelled(upDesc, r.id)
	up := 1.0
	if r.fault != nil {
		up = 0
	}
	gauge(ch, upDesc, up, of)
	s, ok := a.side.ResourceStats(r.id)
	if !ok {
		return // it is out of service, or has been deleted in the meantime
	}
	resourceDescs.collect(ch, s.Total, s.Last, s.Discontinuity, s.Reported, of)
	resourceAnswers.collect(ch, s.BytesSent, s.Latency, of)
	collectContent(ch, &s, r.id, of)
	counter(ch, updatesDesc, s.Updates, of)
	gauge(ch, memoryDesc, float64(s.MemoryBytes), of)
	gauge(ch, encodedDesc, float64(s.EncodedBytes), of)
	for _, f := range r.kind.figures {
		gauge(ch, figureDescs[f.metric], float64(f.value(s)), of)
	}
}

func (w *world) collectSource(ch chan<- prometheus.Metric, id string, s *source) {
	status, data, of := w.status(s), w.data.At(id), labelled(sourceStaleDesc, id)
	instant(ch, sourceSuccessDesc, status.LastSuccess, of)
	instant(ch, sourceAttemptDesc, status.LastAttempt, of)
	stale := 0.0
	if status.Stale() {
		stale = 1
	}
	gauge(ch, sourceStaleDesc, stale, of)
	if data == nil {
		return
	}
	gauge(ch, sourceRecordsDesc, float64(data.Records()), of)
	gauge(ch, sourceSkippedDesc, float64(len(data.Skipped)), of)
	gauge(ch, sourceConflictsDesc, float64(len(data.Conflicts)), of)
}

// The label "result", which is the last by name.
var received, succeeded, unanswered = result("received"), result("succeeded"), result("failed")

func result(value string) *dto.LabelPair {
	name := "result"
	return &dto.LabelPair{Name: &name, Value: &value}
}

func (d requestDescs) collect(ch chan<- prometheus.Metric, total, last alto.Counts, discontinuity, reported time.Time, of labels) {
	for _, x := range []struct {
		result      *dto.LabelPair
		total, last uint64
	}{
		{unanswered, total.Failed, last.Failed}, {received, total.Requests, last.Requests}, {succeeded, total.Succeeded, last.Succeeded},
	} {
		with := append(of[:len(of):len(of)], x.result)
		counter(ch, d.total, x.total, with)
		gauge(ch, d.last, float64(x.last), with)
	}
	instant(ch, d.discontinuity, discontinuity, of)
	instant(ch, d.reported, reported, of)
}

func counter(ch chan<- prometheus.Metric, d *prometheus.Desc, v uint64, of labels) {
	ch <- &counterSeries{desc: d, labels: of, value: float64(v)}
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, of labels) {
	ch <- &gaugeSeries{desc: d, labels: of, value: v}
}

// instant is a gauge of seconds since 1970; nothing for the zero time.
func instant(ch chan<- prometheus.Metric, d *prometheus.Desc, t time.Time, of labels) {
	if !t.IsZero() {
		gauge(ch, d, float64(t.UnixMilli())/1000, of)
	}
}
