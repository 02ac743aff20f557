package datastore_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// sleeper is a Participant that takes its time, and counts.
type sleeper struct {
	prepared   atomic.Int64
	armed      atomic.Bool // the next one waits
	begun, end chan struct{}
}

func (*sleeper) Name() string { return "sleeper" }

func (s *sleeper) Prepare(context.Context, datastore.Change) (datastore.Prepared, error) {
	s.prepared.Add(1)
	if s.armed.CompareAndSwap(true, false) {
		s.begun <- struct{}{}
		<-s.end
	}
	return s, nil
}

func (*sleeper) Apply() {}
func (*sleeper) Abort() {}

// TestDryRunFlood has clients send dry runs and go: only the one that has begun takes any
// work.
func TestDryRunFlood(t *testing.T) {
	p := &sleeper{begun: make(chan struct{}), end: make(chan struct{})}
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddParticipant(p)
		}
	})
	x := f.session()
	dry := func(ctx context.Context, e *edit.Edit) []error {
		var all []error
		for _, err := range x.TryEdit(ctx, e, datastore.EditOptions{}).Errors {
			all = append(all, err)
		}
		return all
	}
	var running sync.WaitGroup
	e := f.merge("owner", "bob")
	before := p.prepared.Load()
	p.armed.Store(true)
	running.Go(func() { dry(ctx, e) })
	<-p.begun
	gone, cancel := context.WithCancel(ctx)
	for range 50 {
		running.Go(func() {
			if errs := dry(gone, e); len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
				t.Errorf("a dry run of a client that is gone: %v", errs)
			}
		})
	}
	cancel()
	close(p.end)
	running.Wait()
	if n := p.prepared.Load() - before; n != 1 {
		t.Errorf("%d dry runs were prepared, want 1", n)
	}
	if errs := dry(ctx, e); len(errs) > 0 {
		t.Errorf("afterwards: %v", errs)
	}
}
