package restconf

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts requests and times them.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	limited  *prometheus.CounterVec
}

func newMetrics() *metrics {
	return &metrics{
		limited: newLimited(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "altoam_restconf_requests_total", Help: "RESTCONF requests by method and status code.",
		}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "altoam_restconf_request_seconds", Help: "Time of RESTCONF requests by method.",
			Buckets: prometheus.ExponentialBuckets(100e-6, 2, 20),
		}, []string{"method"}),
	}
}

// request starts the clock of one request; the function it returns stops it.
func (m *metrics) request(method string, rec *recorder) func() {
	start := time.Now()
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		method = "other" // names come from outside: their number must be bounded
	}
	return func() {
		m.seconds.WithLabelValues(method).Observe(time.Since(start).Seconds())
		m.requests.WithLabelValues(method, strconv.Itoa(rec.status())).Inc()
		if rec.lost {
			m.limited.WithLabelValues("write-timeout").Inc()
		}
	}
}

// recorder remembers the status of a response, and has patience with its client.
type recorder struct {
	http.ResponseWriter
	patience
	code int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
	r.extend()
	r.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) status() int {
	if r.code == 0 {
		return http.StatusOK
	}
	return r.code
}

var _ prometheus.Collector = (*Server)(nil)

// Describe implements prometheus.Collector.
func (s *Server) Describe(ch chan<- *prometheus.Desc) {
	s.metrics.requests.Describe(ch)
	s.metrics.seconds.Describe(ch)
	s.metrics.limited.Describe(ch)
}

// Collect implements prometheus.Collector.
func (s *Server) Collect(ch chan<- prometheus.Metric) {
	s.metrics.requests.Collect(ch)
	s.metrics.seconds.Collect(ch)
	s.metrics.limited.Collect(ch)
}
