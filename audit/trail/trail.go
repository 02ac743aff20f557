package trail

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/yang"
)

// Names in the data folder.
const (
	Folder  = "audit"
	KeyFile = "audit.key"
)

// Options are those of a Trail.
type Options struct {
	DataDir string
	Schema  *yang.Schema
	Router  *logging.Router // takes each record too; may be nil
	Logger  *slog.Logger
	Build   string // of the program, for the record of its start
}

// Trail is the way of deeds into the record. All methods are safe for concurrent use.
type Trail struct {
	o        Options
	log      *audit.Log
	store    *datastore.Store
	settings atomic.Pointer[settings]
	lastly   atomic.Bool // the commit that ends the record is still to be told
	metrics  *metrics
	opened   uint64 // the newest commit on record at the start

	mu      sync.Mutex // guards what follows, and the order of records
	failing bool
	lost    uint64   // records since it fails
	total   uint64   // of all that were lost
	missing []uint64 // commits among them, the newest
	since   map[uint64]bool

	failed failures
}

var _ datastore.Observer = (*Trail)(nil)

// mostMissing bounds the commits that are recovered from the history after a failure.
const mostMissing = 10_000

// Open opens the record in a data folder and tells it of the start. Use must follow.
func Open(o Options) (*Trail, error) {
	key, made, err := audit.LoadOrCreateKey(filepath.Join(o.DataDir, KeyFile))
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	l, err := audit.Open(audit.Options{Dir: filepath.Join(o.DataDir, Folder), Key: key, KeyIsOld: !made, Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	t := &Trail{o: o, log: l, metrics: newMetrics(), opened: l.Status().Commit, since: map[uint64]bool{}}
	t.settings.Store(&defaults)
	t.record(&audit.Record{What: audit.Start, User: system, Result: audit.OK, Reason: o.Build})
	return t, nil
}

// system is the user of what the agent does by itself.
const system = "system"

// Use makes the Trail a part of its Store, which has not started.
func (t *Trail) Use(s *datastore.Store) {
	t.store = s
	s.AddParticipant(t)
	s.AddStateProvider(t)
}

// Run keeps the record durable until ctx ends, and tries again what could not be written.
func (t *Trail) Run(ctx context.Context) {
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { t.log.Run(ctx) })
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			if t.retry() {
				t.recover(ctx)
			}
			t.tellFailures(time.Now())
		}
	}
}

// Close tells the record of the end, and makes it durable.
func (t *Trail) Close() error {
	t.tellFailures(time.Now().Add(failureWindow))
	if t.settings.Load().enabled {
		t.record(&audit.Record{What: audit.Stop, User: system, Result: audit.OK})
	}
	return t.log.Close()
}

// Wants implements datastore.Observer.
func (t *Trail) Wants(a datastore.Act) bool {
	s := t.settings.Load()
	switch {
	case a == datastore.Committed && t.lastly.Load():
		return true
	case a == datastore.Looked:
		return s.enabled && s.reads
	}
	return s.enabled
}

// Observe implements datastore.Observer.
func (t *Trail) Observe(deeds ...datastore.Deed) {
	s := t.settings.Load()
	records := make([]*audit.Record, 0, len(deeds))
	for i := range deeds {
		if r := t.entry(&deeds[i]); !s.without[r.Operation] || r.What != audit.RPC && r.What != audit.Action || r.Result != audit.OK {
			records = append(records, r)
		}
		t.lastly.Store(false)
	}
	t.record(records...)
}

// Ready implements datastore.Observer.
func (t *Trail) Ready() error {
	if s := t.settings.Load(); !s.enabled || !s.refuse {
		return nil
	}
	t.mu.Lock()
	failing := t.failing
	t.mu.Unlock()
	if !failing || t.retry() {
		return nil
	}
	return rpcerr.New(rpcerr.OperationFailed, "",
		"the audit cannot be written, and /altoam-audit:audit/on-failure says to make no changes then")
}

// Failure is why the audit cannot be written, nil while it can.
func (t *Trail) Failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.failing {
		return nil
	}
	return t.log.Status().Failure
}

// record writes records in that order, behind one of those that were lost before.
func (t *Trail) record(records ...*audit.Record) {
	if len(records) > 0 {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.write(records)
	}
}

// retry tries to write again after a failure, and tells whether that is over now.
func (t *Trail) retry() (over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failing && t.write(nil)
}

// write needs mu.
func (t *Trail) write(records []*audit.Record) (ok bool) {
	all := records
	if t.lost > 0 {
		all = append([]*audit.Record{{
			What: audit.Lost, User: system, Count: t.lost, Reason: "records could not be written",
		}}, records...)
	}
	if err := t.log.Append(all...); err != nil {
		t.fail(records, err)
		return false
	}
	if t.failing {
		t.o.Logger.Info("the audit is written to again", "lost", t.lost)
	}
	t.failing, t.lost = false, 0
	for _, r := range all {
		t.metrics.records.WithLabelValues(string(r.What)).Inc()
		if r.What == audit.Commit && t.since != nil {
			t.since[r.Commit] = true
		}
		t.pass(r)
	}
	return true
}

// fail notes what could not be written. Needs mu.
func (t *Trail) fail(records []*audit.Record, err error) {
	if !t.failing {
		t.o.Logger.Error("the audit cannot be written", "error", err)
	}
	t.failing = true
	t.lost += uint64(len(records))
	t.total += uint64(len(records))
	t.metrics.failures.Inc()
	t.metrics.lost.Add(float64(len(records)))
	for _, r := range records {
		if r.What == audit.Commit && r.Commit > 0 && len(t.missing) < mostMissing {
			t.missing = append(t.missing, r.Commit)
		}
	}
}
