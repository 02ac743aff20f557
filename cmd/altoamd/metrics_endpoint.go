package main

import (
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/altoam/altoam/doorway"
	"github.com/altoam/altoam/listeners"
)

// Clients of the metrics endpoint: open connections and requests at the same time. A
// further connection is closed, or another one for it; a further request is answered 503. An answer that is not
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

// atMost admits so many connections at the same time. A newcomer gets the place of another
// one, the oldest of the address with most of them, unless its own has as many.
func atMost(most int) listeners.Admission {
	var open doorway.Doorway
	return func(remote net.Addr, cut func()) (func(), bool) {
		place, _ := open.Enter(remote, doorway.Limits{Open: most}, cut)
		if place == nil {
			return nil, false
		}
		return place.Leave, true
	}
}
