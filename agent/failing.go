package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// longestRetry bounds the time between two attempts to open a source whose files
// stay as they are.
const longestRetry = time.Minute

// failing stands for a source that could not be opened when the agent started, or when
// what it refers to became another. Once it could, it is that source.
type failing struct {
	config sourceConfig
	retry  time.Duration // before the second attempt; it doubles from there

	before *driver.Data // that stays until then; nil: there is none

	opened atomic.Pointer[driver.Source] // nil until it is open

	mu     sync.Mutex
	status driver.Status
}

var _ driver.Source = (*failing)(nil)

// failing returns the stand-in for a source that could not be opened because of err.
func (a *Agent) failing(c sourceConfig, err error) *failing {
	f := &failing{config: c, retry: a.retry}
	f.fail(a.log, err)
	return f
}

// instead has the data of a source that it takes the place of stay in use.
func (f *failing) instead(before driver.Source) *failing {
	data, status := before.Snapshot()
	if f.before = data; data != nil {
		f.status.LastSuccess, f.status.Records = status.LastSuccess, status.Records
	}
	return f
}

// Snapshot returns the data of the source before, nil where there was none, until the
// source is open.
func (f *failing) Snapshot() (*driver.Data, driver.Status) {
	if s := f.opened.Load(); s != nil {
		return (*s).Snapshot()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.before, f.status
}

// Run implements driver.Source: it opens the source, at a change of its files and
// again and again, then runs it.
func (f *failing) Run(ctx context.Context, changed func()) error {
	if err := f.await(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	changed()
	return (*f.opened.Load()).Run(ctx, changed)
}

// await returns when the source is open or ctx has ended.
func (f *failing) await(ctx context.Context) error {
	ctx, done := context.WithCancel(ctx)
	defer done()
	var next time.Time // of an attempt though no file has changed
	pause, seen := f.retry, ""
	return driver.Watch(ctx, f.config.files(), f.retry, f.config.Log(), func() error {
		now := filesNow(f.config.files())
		if now == seen && time.Now().Before(next) {
			return errors.New("too early to try again")
		}
		if now != seen {
			pause, seen = f.retry, now
		}
		s, err := f.config.open(ctx)
		if err != nil {
			if ctx.Err() == nil {
				f.fail(f.config.Logger, err)
			}
			next, pause = time.Now().Add(pause), min(2*pause, longestRetry)
			return err
		}
		f.opened.Store(&s)
		f.config.Log().Info("data source is open now")
		done()
		return nil
	})
}

// filesNow tells apart the states that files are in.
func filesNow(files []string) string {
	var b strings.Builder
	for _, f := range files {
		if info, err := os.Stat(f); err != nil {
			b.WriteString("none,")
		} else {
			fmt.Fprintf(&b, "%d %d,", info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

// fail notes an attempt that failed. What failed for the same reason before is not
// logged again.
func (f *failing) fail(log *slog.Logger, err error) {
	var at refusals
	at.add(rpcerr.OperationFailed, sourcePath(f.config.ID), err)
	f.mu.Lock()
	defer f.mu.Unlock()
	again := f.status.LastError == at[0].Message
	f.status.LastAttempt, f.status.LastError = time.Now(), at[0].Message
	if !again {
		log.Error("data source cannot be opened, it is tried again", "at", at[0].Path, "error", at[0].Message)
	}
}
