package driver

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"time"
)

// settle is how long files must be left alone after a change before they are read,
// so that one that is being written is not read half-way each time.
const settle = 100 * time.Millisecond

// Watch calls look when files change: on the system's word where it gives one, and
// when size, time or identity of a file differ at one of the looks that are taken
// every interval; first of all it calls look once, for what changed before it watched.
// A file that is replaced, deleted or not there yet is watched too.
// A look that returns an error is repeated at each interval. Watch returns when ctx
// ends, with nil, and look is not called after that. log may not be nil. All watches of
// the process share one inotify instance and a goroutine, which end with the last of them.
func Watch(ctx context.Context, files []string, interval time.Duration, log *slog.Logger, look func() error) error {
	w := watch{files: files, look: look}
	w.differs()
	notify := subscribe(files, log)
	defer notify.end()
	w.failed = ctx.Err() == nil && look() != nil
	tick := time.NewTicker(interval)
	defer tick.Stop()
	settled := time.NewTimer(time.Hour)
	settled.Stop()
	settling := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-notify.named:
			w.failed, settling = true, true // look even if the file seems to be the same
			settled.Reset(settle)
		case <-notify.near:
			if !settling { // others in the folder do not hold it up
				settling = true
				settled.Reset(settle)
			}
		case <-settled.C:
			settling = false
			w.check()
		case <-tick.C:
			w.check()
		}
	}
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
