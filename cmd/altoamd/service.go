package main

import (
	"context"
	"log/slog"

	"github.com/altoam/altoam/daemon"
)

// harden keeps secrets from leaving this process by ways that are not its own. What the
// system refuses is told, and no reason not to serve: a container may have done the same.
func harden(log *slog.Logger) {
	if err := daemon.Harden(); err != nil {
		log.Warn("the process could not be hardened", "error", err)
	}
	if daemon.Held().Root {
		log.Warn("altoamd runs as root and needs no right of root; see docs/security.md")
	}
}

// attend tells the service manager that the server is ready, alive and, once ctx has ended,
// about to stop.
func (s *server) attend(ctx context.Context) error {
	if err := daemon.Notify(daemon.Ready); err != nil {
		s.log.Warn("the service manager does not know that altoamd is ready", "error", err)
	}
	daemon.Watchdog(ctx, func() { s.store.Running() })
	<-ctx.Done()
	_ = daemon.Notify(daemon.Stopping) // it will see
	return nil
}
