package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// maxLogFile is how many octets a log file has before another one takes its place.
	maxLogFile = 8 << 20
	// logFileTick is how often that is looked at.
	logFileTick = time.Minute
)

// boundLogFile keeps the file at path, where it is the one that f writes to, small until
// ctx ends: see replaceLogFile.
func boundLogFile(ctx context.Context, log *slog.Logger, f *os.File, path string) {
	tick := time.NewTicker(logFileTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := replaceLogFile(f, path, maxLogFile); err != nil {
				log.Error("the log file cannot be replaced, it grows", "path", path, "error", err)
			}
		}
	}
}

// replaceLogFile has f write to a new file at path where the one that is there is what it
// writes to and has more than so many octets. That one becomes path.1, in place of the one
// before. Nothing that is written meanwhile is lost.
func replaceLogFile(f *os.File, path string, limit int64) error {
	now, err := f.Stat()
	if err != nil {
		return err
	}
	at, err := os.Lstat(path)
	if err != nil || !os.SameFile(now, at) || now.Size() <= limit {
		return nil // it is somebody else's, or small
	}
	next, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer next.Close()
	if err := os.Rename(path, path+".1"); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return unix.Dup3(int(next.Fd()), int(f.Fd()), 0)
}
