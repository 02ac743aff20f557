package agent

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto/persistent"
)

// writeShare bounds the part of the time that the data of one source is written in: one in
// so many.
const writeShare = 10

// sourceKeeper keeps the data in use for a restart, and removes it with its source. It
// belongs to one goroutine and holds nobody up.
type sourceKeeper struct {
	*Agent
	looked  bool                                 // once, at least
	sources persistent.Map[string, *source]      // at the last look
	data    persistent.Map[string, *driver.Data] // in use then, without what is still to be kept
	pauses  map[string]pause                     // by source
	said    map[string]bool                      // why data cannot be kept; empty where all could
}

// pause is when the data of a source is written again.
type pause struct {
	until  time.Time
	failed time.Duration // that it is after a failure, doubled by each; 0: there was none
}

func newSourceKeeper(a *Agent) *sourceKeeper {
	return &sourceKeeper{Agent: a, pauses: make(map[string]pause), said: make(map[string]bool)}
}

// keepLoop keeps the data of sources until ctx ends, and what is in use then.
func (a *Agent) keepLoop(ctx context.Context) {
	if a.kept.dir == "" {
		return
	}
	k := newSourceKeeper(a)
	every(ctx, min(lookEvery, a.retry), func(now time.Time) { k.look(a.world.Load(), now) })
	clear(k.pauses)
	k.look(a.world.Load(), time.Now())
}

// look keeps the data of w that has not been kept yet, but for that whose pause lasts.
// Data that is withdrawn stays kept.
func (k *sourceKeeper) look(w *world, now time.Time) {
	k.forget(w)
	kept, failed := w.data, false
	persistent.Diff(k.data, w.data, func(id string, before, d *driver.Data) {
		s := w.sources.At(id)
		if d == nil || s == nil || s.configured || d == s.kept {
			return
		}
		if wait := k.pauses[id]; now.Before(wait.until) || !k.save(s, d) {
			failed = failed || k.pauses[id].failed > 0
			if kept = kept.Without(id); before != nil {
				kept = kept.With(id, before)
			}
		}
	})
	k.data = kept
	if !failed && len(k.said) > 0 {
		clear(k.said)
		k.log.Info("the data of all sources is kept for a restart again")
	}
}

// save writes data, and tells whether it could. A cause of failure is logged once until
// there is none.
func (k *sourceKeeper) save(s *source, d *driver.Data) bool {
	begin := time.Now()
	err := k.kept.saveData(s.id, s.config, begin.Add(-k.dataAge(s)), d)
	took := time.Since(begin)
	var failed time.Duration
	if err != nil {
		failed = min(cmp.Or(2*k.pauses[s.id].failed, k.retry), longestRetry)
		if cause := causeOf(err); !k.said[cause] {
			k.said[cause] = true
			k.log.Error("the data of a source cannot be kept for a restart, it is tried again", "source", s.id, "error", err)
		}
	}
	k.pauses[s.id] = pause{time.Now().Add(max(failed, writeShare*took)), failed}
	return err == nil
}

// causeOf is an error without the name of the file, which is another one each time.
func causeOf(err error) string {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Op + ": " + at.Err.Error()
	}
	return err.Error()
}

// forget removes what was kept of sources that are no longer there: at the first look all
// that is of none in w, such as what a crash has left.
func (k *sourceKeeper) forget(w *world) {
	if !k.looked {
		k.looked = true
		k.sweep(w)
	}
	persistent.Diff(k.sources, w.sources, func(id string, _, s *source) {
		if s == nil || s.configured {
			k.kept.forgetData(id)
			delete(k.pauses, id)
			k.data = k.data.Without(id)
		}
	})
	k.sources = w.sources
}

func (k *sourceKeeper) sweep(w *world) {
	wanted := make(map[string]bool)
	for id, s := range w.sources.All() {
		wanted[k.kept.keptFile(id)] = !s.configured
	}
	found, err := os.ReadDir(k.kept.keptFolder())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.log.Warn("the data kept of sources that are gone stays", "error", err)
	}
	for _, f := range found {
		if path := filepath.Join(k.kept.keptFolder(), f.Name()); !wanted[path] {
			_ = os.Remove(path) // the next start tries again
		}
	}
}
