package main

import (
	"net/http"

	"github.com/altoam/altoam/listeners"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/users"
)

// addMetrics makes what altoam-metrics configures, besides the address of --metrics, which
// stays whatever the configuration says.
func (s *server) addMetrics() {
	if s.options.Bare {
		return
	}
	h := s.forReaders(metricsHandler(s.registry))
	s.figures = listeners.NewMetrics(listeners.Options{
		Logins: s.logins, Verify: users.Verify, Logger: s.sparing, Secrets: s.secrets, Admit: atMost(metricsConnections),
		HTTP: func() *http.Server { return s.httpServer(h) },
	})
	s.store.AddParticipant(s.figures)
	s.registry.MustRegister(listeners.Collector{s.endpoints, s.figures})
}

// forReaders has h answer those whom the endpoint knows by certificate or password.
func (s *server) forReaders(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !listeners.Certified(r) && !s.readsMetrics(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="`+realm+`", charset="UTF-8"`)
			http.Error(w, "a user name and the password that goes with it are needed", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// readsMetrics tells whether a request has the password of a user of its endpoint.
func (s *server) readsMetrics(r *http.Request) bool {
	name, password, ok := r.BasicAuth()
	if !ok {
		return false
	}
	ctx := r.Context()
	return s.logins.Try(ctx, logins.Attempt{User: name, Remote: r.RemoteAddr, Transport: logins.Metrics, Method: logins.Password},
		func() bool { return listeners.KnowsPassword(ctx, name, password) },
		func() error {
			if !listeners.PasswordUser(ctx, name, password) {
				return users.ErrRefused
			}
			return nil
		}) == nil
}
