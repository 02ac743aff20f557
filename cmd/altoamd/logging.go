package main

import (
	"context"

	"github.com/altoam/altoam/agent"
)

// addLogging makes the log follow the configuration.
func (s *server) addLogging() {
	s.logging = agent.NewLogging(agent.LoggingOptions{Store: s.store, Router: s.router, Logger: s.quiet, Secrets: s.secrets, HomeFolder: s.options.DataDir})
	s.store.AddParticipant(s.logging)
	s.store.AddStateProvider(s.logging)
	s.registry.MustRegister(s.logging)
}

// runLogging writes records until the function it returns is called, which waits until those
// that were queued are written, a second at most.
func (s *server) runLogging() (stop func()) {
	if s.logging == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.logging.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}
