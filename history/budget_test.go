package history

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// TestDryRunWaits has the operation wait for a dry run that has not ended, and a user with
// as many changes as may be refused all others.
func TestDryRunWaits(t *testing.T) {
	f := fresh(t)
	f.running(`{"altoam-limits:request-limits":{"dry-runs":1}}`)
	rpc := f.store.Schema().RPC(module, "dry-run")
	b := tree.NewBuilder(rpc.Input())
	f.must(codec.DecodeJSON(strings.NewReader(`{"altoam-commit:candidate":[null]}`), f.store.Schema(), rpc.Input(), b, codec.DecodeOptions{}))
	input, err := b.Tree()
	f.must(err)
	try := func(ctx context.Context) error {
		_, err := f.session.Call(ctx, rpc, input)
		return err
	}
	wantBusy := func(what string, err error, limit string) {
		t.Helper()
		var b *datastore.Busy
		var e *rpcerr.Error
		if !errors.As(err, &b) || !errors.As(err, &e) || b.Limit != limit || e.Tag != rpcerr.ResourceDenied {
			t.Errorf("%s: %v, want %s", what, err, limit)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	end, err := f.session.StartDryRun(ctx)
	f.must(err)
	wantBusy("beside a dry run", try(gone), "dry-runs")
	f.running(`{"altoam-limits:request-limits":{"dry-runs":2}}`) // what waits, and comes, begins
	f.must(try(ctx))

	f.running(`{"altoam-limits:request-limits":{"changes-per-user":1}}`)
	edit := f.read(`{"altoam-limits:request-limits":{"dry-runs":3}}`)
	for what, do := range map[string]func() error{
		"dry run": func() error { return try(ctx) },
		"change":  func() error { return f.session.Edit(ctx, datastore.Running, edit, datastore.EditOptions{}) },
		"test only": func() error {
			return f.session.Edit(ctx, datastore.Running, edit, datastore.EditOptions{Test: datastore.TestOnly})
		},
		"validate": func() error { return f.session.Validate(ctx, datastore.Candidate) },
		"commit":   func() error { return f.session.Commit(ctx, datastore.CommitOptions{}) },
	} {
		wantBusy(what, do(), "changes-per-user")
		end()
		end() // does nothing more
		for range 3 {
			if err := do(); err != nil {
				t.Errorf("%s afterwards: %v", what, err)
			}
		}
		end, err = f.session.StartDryRun(ctx)
		f.must(err)
	}
	end()
}

// TestDryRunBeginsLater waits for its turn, which a larger bound brings too.
func TestDryRunBeginsLater(t *testing.T) {
	f := fresh(t)
	f.running(`{"altoam-limits:request-limits":{"dry-runs":1}}`)
	first, err := f.session.StartDryRun(ctx)
	f.must(err)
	begun := make(chan func(), 2)
	for range cap(begun) {
		go func() {
			end, err := f.session.StartDryRun(ctx)
			if err != nil {
				t.Error(err)
			}
			begun <- end
		}()
	}
	select {
	case <-begun:
		t.Error("a dry run begins beyond the bound")
	default:
	}
	f.running(`{"altoam-limits:request-limits":{"dry-runs":2}}`)
	second := <-begun
	first()
	third := <-begun
	second()
	third()
	f.must(func() error { end, err := f.session.StartDryRun(ctx); end(); return err }())
}
