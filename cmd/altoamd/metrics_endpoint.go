package main

import (
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/altoam/altoam/listeners"
)

// Clients of the metrics endpoint: open connections and requests at the same time. A
// further connection is closed, a further request is answered 503. An answer that is not
// read within metricsTime is given up.
const (
	metricsConnections = 64
	metricsRequests    = 8
)

var metricsTime = time.Minute

// metricsHandler serves what the registry collects at /metrics.
func metricsHandler(r *prometheus.Registry) http.Handler {
	collected := promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: metricsRequests})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, q *http.Request) {
		// Fails where the connection is gone, as writing does then.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(metricsTime))
		collected.ServeHTTP(w, q)
	})
	return mux
}

// atMost admits so many connections at the same time.
func atMost(most int64) listeners.Admission {
	var open atomic.Int64
	leave := func() { open.Add(-1) }
	return func(net.Addr, func()) (func(), bool) {
		if open.Add(1) > most {
			leave()
			return nil, false
		}
		return leave, true
	}
}
