package agent

import (
	"math"

	"github.com/altoam/altoam/alto"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// answerDescs are the metrics of what answers took, of the server or of resources.
type answerDescs struct {
	bytes, latency *prometheus.Desc
	bounds         []int // of alto.LatencyBound
}

func newAnswerDescs(prefix, of string, bounds []int, labels ...string) answerDescs {
	return answerDescs{
		bounds:  bounds,
		bytes:   metric(prefix+"_response_bytes_total", "Bytes of the bodies of responses and streams of "+of+", as they went out.", labels...),
		latency: metric(prefix+"_response_seconds", "Time from a request to "+of+" until its answer was written, of an update stream until it was open.", labels...),
	}
}

var (
	serverAnswers   = newAnswerDescs("alto_server", "the ALTO server", []int{24, 32, 40, 48, 56, 64, 72, 80, 88, 96})
	resourceAnswers = newAnswerDescs("alto_resource", "a resource", []int{40, 56, 72, 88}, "resource")
	contentDesc     = metric("alto_resource_info", "What a resource serves: 1, with the tag of its version and the SHA-256 of its full response.", "resource", "tag", "digest")
	changeDesc      = metric("alto_resource_change_timestamp_seconds", "When the content of a resource became what it is.", "resource")
	clientDesc      = metric("alto_client_requests_total", "Requests in which a client proved who it is, by result: received counts all.", "client", "result")
	clientsDesc     = metric("alto_other_client_requests_total", "Requests of clients that are not counted each by itself.")

	answerMetrics = []*prometheus.Desc{
		serverAnswers.bytes, serverAnswers.latency, resourceAnswers.bytes, resourceAnswers.latency, contentDesc, changeDesc, clientDesc, clientsDesc,
	}
)

// collect sends a histogram only where there has been an answer.
func (d answerDescs) collect(ch chan<- prometheus.Metric, bytes uint64, took alto.Latency, of labels) {
	counter(ch, d.bytes, bytes, of)
	if took.Count > 0 {
		ch <- &latencySeries{desc: d.latency, labels: of, bounds: d.bounds, took: took}
	}
}

func collectContent(ch chan<- prometheus.Metric, s *alto.ResourceStats, id string, of labels) {
	instant(ch, changeDesc, s.Changed, of)
	if s.Tag != "" {
		gauge(ch, contentDesc, 1, labelled(contentDesc, id, s.Tag, s.Digest))
	}
}

// collectClients sends the requests of the clients that are counted each by itself, of
// which there are no more than the configuration allows.
func (a *Agent) collectClients(ch chan<- prometheus.Metric, others uint64) {
	for _, id := range a.side.Clients() {
		s, ok := a.side.ClientStats(id)
		if !ok {
			continue // forgotten in the meantime
		}
		counter(ch, clientDesc, s.Total.Requests, labelled(clientDesc, id, "received"))
		counter(ch, clientDesc, s.Total.Succeeded, labelled(clientDesc, id, "succeeded"))
		counter(ch, clientDesc, s.Total.Failed, labelled(clientDesc, id, "failed"))
	}
	counter(ch, clientsDesc, others, nil)
}

// latencySeries is one sample of a histogram: native, and with a few buckets for who does
// not know those: of the server from 61 microseconds to 16 seconds, each bound four times the
// one before; of a resource, of which there are many, from 1 millisecond to 4 seconds, each
// 16 times the one before.
type latencySeries struct {
	desc   *prometheus.Desc
	labels labels
	bounds []int
	took   alto.Latency
}

var _ prometheus.Metric = (*latencySeries)(nil)

// Native buckets: their bounds are powers of the fourth root of two, in seconds, of which
// oneSecond of alto.LatencyBound is the zeroth; what is in the zeroth there counts as zero.
const (
	nativeSchema = 2
	oneSecond    = 80
)

// Desc implements prometheus.Metric.
func (s *latencySeries) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s *latencySeries) Write(m *dto.Metric) error {
	sum, schema, smallest, zeros := s.took.Sum.Seconds(), int32(nativeSchema), math.Exp2(-oneSecond/4), s.took.Within(0)
	h := &dto.Histogram{SampleCount: &s.took.Count, SampleSum: &sum, Schema: &schema, ZeroThreshold: &smallest, ZeroCount: &zeros}
	h.Bucket = make([]*dto.Bucket, 0, len(s.bounds))
	for _, i := range s.bounds {
		bound, count := math.Exp2(float64(i-oneSecond)/4), s.took.Within(i)
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: &bound, CumulativeCount: &count})
	}
	counts, first := s.took.Counts, s.took.First
	if first == 0 && len(counts) > 0 {
		counts, first = counts[1:], 1
	}
	if len(counts) > 0 {
		offset, length := int32(first-oneSecond), uint32(len(counts))
		h.PositiveSpan = []*dto.BucketSpan{{Offset: &offset, Length: &length}}
		h.PositiveDelta = make([]int64, len(counts))
		before := int64(0)
		for i, n := range counts {
			h.PositiveDelta[i] = int64(n) - before
			before = int64(n)
		}
	}
	m.Label, m.Histogram = s.labels, h
	return nil
}
