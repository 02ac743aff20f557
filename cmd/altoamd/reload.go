package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// lookEvery is how often the files are looked at.
var lookEvery = 5 * time.Second

// watchedFiles are certificates or keys in files that others replace: certs.Files and
// transport.HostKeyFiles.
type watchedFiles struct {
	what string
	look func(again bool) (changed bool, err error)
}

// watchFiles takes files that were replaced into use until ctx ends: at SIGHUP, and by
// looking at them now and then. What cannot be used is in the log, and what was there
// stays in use.
func watchFiles(ctx context.Context, log *slog.Logger, files []watchedFiles) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			asked = true
		case <-tick.C:
		}
		for _, f := range files {
			switch changed, err := f.look(asked); {
			case err != nil:
				log.Error("files that were replaced cannot be used, those of before stay", "what", f.what, "error", err)
			case changed:
				log.Info("files that were replaced are in use", "what", f.what)
			case asked:
				log.Info("files were read again and are as before", "what", f.what)
			}
		}
	}
}
