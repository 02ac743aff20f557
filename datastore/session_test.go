package datastore_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// busy runs during while another session is in the middle of setting owner to "ben".
func busy(t *testing.T, f *fixture, during func()) {
	t.Helper()
	o := datastore.EditOptions{Before: func(*datastore.Snapshot) error {
		during()
		return nil
	}}
	must(t, f.session().Edit(ctx, datastore.Running, f.merge("owner", "ben"), o))
}

// TestEndedSessionLeavesNothing has a session wait for another writer while it ends.
func TestEndedSessionLeavesNothing(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	for name, ask := range map[string]func(*datastore.Session) error{
		"lock": func(x *datastore.Session) error { return x.Lock(datastore.Candidate) },
		"edit": func(x *datastore.Session) error {
			return x.Edit(ctx, datastore.Candidate, f.merge("owner", "eve"), datastore.EditOptions{})
		},
	} {
		x, result := f.session(), make(chan error, 1)
		busy(t, f, func() {
			go func() { result <- ask(x) }()
			must(t, f.session().Kill(x.ID()))
		})
		if err := <-result; !hasTag(err, rpcerr.OperationFailed) {
			t.Errorf("%s of a killed session: %v, want operation-failed", name, err)
		}
		y := f.session()
		if err := y.Lock(datastore.Candidate); err != nil {
			t.Fatalf("lock after %s of a killed session: %v", name, err)
		}
		must(t, y.Unlock(datastore.Candidate))
	}
}

// TestCopyFollowsWriters copies running while another session is changing it.
func TestCopyFollowsWriters(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x, result := f.session(), make(chan error, 1)
	busy(t, f, func() {
		go func() { result <- x.Copy(ctx, datastore.Running, datastore.Candidate, datastore.EditOptions{}) }()
		time.Sleep(20 * time.Millisecond) // for Copy to wait its turn
	})
	must(t, <-result)
	got, err := x.Read(ctx, datastore.Candidate, datastore.Selection{})
	must(t, err)
	if owner := f.leaf(got, "owner"); owner != "ben" {
		t.Errorf("owner in the candidate = %q, want ben as in running", owner)
	}
}
