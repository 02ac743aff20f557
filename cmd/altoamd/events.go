package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"

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

// announceCapabilities publishes how the capabilities differ from those of the last
// start, and keeps them for the next.
func (s *server) announceCapabilities() error {
	file := filepath.Join(s.options.DataDir, "capabilities.json")
	var before []string
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &before)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("the capabilities of the last start are not known", "error", err)
	}
	now := s.netconf.Capabilities()
	if slices.Equal(before, now) {
		return nil
	}
	if err := s.netconf.AnnounceCapabilities(before); err != nil {
		return err
	}
	if text, err = json.MarshalIndent(now, "", "  "); err != nil {
		return err
	}
	return renameio.WriteFile(file, append(text, '\n'), 0o600)
}
