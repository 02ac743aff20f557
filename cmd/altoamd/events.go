package main

import (
	"context"
	"log/slog"

	"github.com/altoam/altoam/datastore/notify"
)

// runEvents keeps the history of events until the function it returns is called, which
// waits until what was published is written.
func runEvents(b *notify.Broker, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			log.Error("event history not closed", "error", err)
		}
	}
}
