// Package expiry tells of certificates that are about to expire or have: by the
// notification certificate-expiration of ietf-crypto-types (RFC 9640) and
// by metrics. It knows those of running and those in files.
package expiry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
)

const day = 24 * time.Hour

// first are how long before the end it is told, before it is told each day.
var first = []time.Duration{90 * day, 60 * day, 30 * day, 21 * day, 14 * day, 7 * day}

// stage counts how often it has been due to tell of a certificate for which there is so
// much time left: once a month, then once a week, then each day, also after its end.
func stage(left time.Duration) (n int) {
	for _, f := range first {
		if left <= f {
			n++
		}
	}
	if last := first[len(first)-1]; left <= last {
		n += int((last - left) / day)
	}
	return n
}

// Options are what a Watch needs.
type Options struct {
	// Publish takes the events; that of a Store.
	Publish func(context.Context, notify.Event) error
	// Files returns the certificates in files; nil for none.
	Files  func() []certs.Held
	Logger *slog.Logger
	Now    func() time.Time // time.Now by default
}

// Watch is a datastore.Participant, which agrees to everything, and a
// prometheus.Collector.
type Watch struct {
	o       Options
	finder  certs.Finder
	running atomic.Pointer[tree.Tree]
	told    map[string]told // by place; of the goroutine of Run
}

// told is what was told of a certificate last.
type told struct {
	end   time.Time
	stage int
}

// New makes a Watch. It is to be added to a Store before it starts.
func New(o Options) *Watch {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Watch{o: o, told: map[string]told{}}
}

// Name implements datastore.Participant.
func (*Watch) Name() string { return "expiry" }

// Prepare implements datastore.Participant.
func (w *Watch) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	return change{w, c.New}, nil
}

type change struct {
	w   *Watch
	new *tree.Tree
}

func (c change) Apply() { c.w.running.Store(c.new) }
func (change) Abort()   {}

// How often is looked for changes of running, and at the time.
const (
	changeEvery = time.Second
	timeEvery   = time.Minute
)

// Run tells until ctx ends. What was due before a start is told once more after it.
func (w *Watch) Run(ctx context.Context) {
	tick := time.NewTicker(changeEvery)
	defer tick.Stop()
	var seen *tree.Tree
	var at time.Time
	for {
		if t := w.running.Load(); t != seen || time.Since(at) >= timeEvery {
			seen, at = t, time.Now()
			w.tell(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// held are the certificates of running.
func (w *Watch) held() []certs.Held {
	if t := w.running.Load(); t != nil {
		return w.finder.Find(t.Root())
	}
	return nil
}

// tell publishes what has become due.
func (w *Watch) tell(ctx context.Context) {
	now := w.o.Now()
	before := w.told
	w.told = map[string]told{}
	for _, h := range w.held() {
		due := told{h.NotAfter, stage(h.NotAfter.Sub(now))}
		w.told[h.Place] = due
		if was := before[h.Place]; due.stage == 0 || was.end.Equal(due.end) && was.stage >= due.stage {
			continue
		}
		if err := w.event(ctx, h); err != nil {
			w.o.Logger.Error("the end of a certificate is not told", "at", h.Place, "error", err)
		}
	}
}

// event publishes the notification, where the schema has it.
func (w *Watch) event(ctx context.Context, h certs.Held) error {
	s := h.Path.Schema()
	n := s.Child(s.Module.Name, "certificate-expiration")
	if n == nil {
		return nil
	}
	m := tree.New(n).Mutate()
	x := datastore.NewWriter(m)
	x.Set("expiration-date", h.NotAfter.UTC().Format(time.RFC3339))
	if err := x.Err(); err != nil {
		return err
	}
	return w.o.Publish(ctx, notify.Event{Path: h.Path, Tree: m.Done()})
}
