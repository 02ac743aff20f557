package driver

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long files must be left alone after a change before they are read,
// so that one that is being written is not read half-way each time.
const settle = 100 * time.Millisecond

// Watch calls look when files change: on the system's word where it gives one, and
// when size, time or identity of a file differ at one of the looks that are taken
// every interval; first of all it calls look once, for what changed before it watched.
// A file that is replaced, deleted or not there yet is watched too.
// A look that returns an error is repeated at each interval. Watch returns when ctx
// ends, with nil, and look is not called after that. log may not be nil.
func Watch(ctx context.Context, files []string, interval time.Duration, log *slog.Logger, look func() error) error {
	w := watch{files: files, look: look}
	w.differs()
	var events chan fsnotify.Event
	var faults chan error
	if notify := newNotify(files, log); notify != nil {
		defer notify.Close()
		events, faults = notify.Events, notify.Errors
	}
	w.failed = ctx.Err() == nil && look() != nil
	tick := time.NewTicker(interval)
	defer tick.Stop()
	settled := time.NewTimer(time.Hour)
	settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-events:
			if w.concerns(e) {
				w.failed = true // look even if the file seems to be the same
				settled.Reset(settle)
			}
		case err := <-faults:
			log.Warn("watching files", "error", err)
		case <-settled.C:
			w.check()
		case <-tick.C:
			w.check()
		}
	}
}

// newNotify watches the folders of the files, since a file that is replaced is
// another one afterwards. nil: there is only polling.
func newNotify(files []string, log *slog.Logger) *fsnotify.Watcher {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("no notification of file changes, polling only", "error", err)
		return nil
	}
	var folders []string
	for _, f := range files {
		folders = append(folders, filepath.Dir(f))
	}
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		if err := notify.Add(folder); err != nil {
			log.Warn("no notification of file changes, polling only", "folder", folder, "error", err)
		}
	}
	return notify
}

type watch struct {
	files  []string
	seen   []fs.FileInfo // nil entry: not there
	failed bool
	look   func() error
}

func (w *watch) check() {
	if w.differs() || w.failed {
		w.failed = w.look() != nil
	}
}

// concerns reports whether an event is about one of the files, or about something
// in their folders that a symbolic link may lead through.
func (w *watch) concerns(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	return slices.ContainsFunc(w.files, func(f string) bool { return filepath.Clean(f) == filepath.Clean(e.Name) }) ||
		e.Has(fsnotify.Create|fsnotify.Rename) && w.differs()
}

// differs reports whether a file is not the one it was at the last call.
func (w *watch) differs() bool {
	now := make([]fs.FileInfo, len(w.files))
	same := len(w.seen) == len(now)
	for i, f := range w.files {
		if info, err := os.Stat(f); err == nil {
			now[i] = info
		}
		same = same && sameFile(w.seen[i], now[i])
	}
	w.seen = now
	return !same
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
