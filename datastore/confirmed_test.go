package datastore_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// confirm commits owner through the candidate as a confirmed commit.
func (f *fixture) confirm(x *datastore.Session, owner string, c datastore.Confirm) {
	f.t.Helper()
	must(f.t, x.Edit(ctx, datastore.Candidate, f.merge("owner", owner), datastore.EditOptions{}))
	must(f.t, x.Commit(ctx, datastore.CommitOptions{Confirm: &c}))
}

// eventually waits for the owner in running.
func (f *fixture) eventually(owner string) {
	f.t.Helper()
	for range 400 {
		if f.leaf(f.Running().Tree, "owner") == owner {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	f.t.Errorf("owner stays %q, want %q", f.leaf(f.Running().Tree, "owner"), owner)
}

// settled waits until no confirmed commit waits.
func (f *fixture) settled() {
	f.t.Helper()
	for range 400 {
		if f.Pending() == nil && f.Waiting() == 0 { // a clock that ran out late makes a turn that is refused
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	f.t.Errorf("%+v still waits, and %d turns", f.Pending(), f.Waiting())
}

func TestConfirmedCommitTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes while somebody works
		f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
		x := f.session()
		f.own(x, "ann", datastore.EditOptions{})
		f.confirm(x, "bob", datastore.Confirm{Timeout: time.Minute})
		f.confirm(x, "carl", datastore.Confirm{Timeout: 30 * time.Millisecond}) // resets the clock, keeps the base
		if p := f.Pending(); p == nil || p.Base != 1 || p.Session != x.ID() {
			t.Errorf("pending %+v", p)
		}
		f.eventually("ann")
		f.settled()
		var last persist.Head
		must(t, f.Commits(ctx, 0, func(h persist.Head) bool { last = h; return false }))
		if last.Kind != "revert" || last.Revision != 4 || f.Pending() != nil {
			t.Errorf("last commit %+v", last)
		}
		f.confirm(x, "bob", datastore.Confirm{Timeout: 30 * time.Millisecond})
		must(t, x.Commit(ctx, datastore.CommitOptions{}))
		time.Sleep(60 * time.Millisecond)
		f.eventually("bob")
	})
}

func TestConfirmedCommitLosesItsSession(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	f.own(f.session(), "ann", datastore.EditOptions{})
	x := f.session()
	f.confirm(x, "bob", datastore.Confirm{})
	x.Close()
	f.eventually("ann")

	y := f.session()
	f.confirm(y, "bob", datastore.Confirm{Persist: "token"})
	y.Close()
	if got := f.leaf(f.Running().Tree, "owner"); got != "bob" || f.Pending() == nil {
		t.Errorf("a persistent one went with its session: owner %q", got)
	}
	must(t, f.session().Commit(ctx, datastore.CommitOptions{PersistID: "token"}))
	f.eventually("bob")
}

// TestConfirmedCommitRestart: a restart takes back what was not confirmed
// (RFC 6241 Section 8.4.1), and only that.
func TestConfirmedCommitRestart(t *testing.T) {
	for _, c := range []struct {
		confirm bool
		want    string
	}{{false, "ann"}, {true, "bob"}} {
		path := filepath.Join(t.TempDir(), "s.db")
		f, closeIt := open(t, path)
		x := f.NewSession(datastore.User{}, datastore.Source{})
		f.own(x, "ann", datastore.EditOptions{})
		f.confirm(x, "bob", datastore.Confirm{Persist: "token"})
		if c.confirm {
			must(t, x.Commit(ctx, datastore.CommitOptions{PersistID: "token"}))
		}
		closeIt()
		f, closeIt = open(t, path)
		if got := f.leaf(f.Running().Tree, "owner"); got != c.want || f.Pending() != nil {
			t.Errorf("confirmed %v: owner %q after the restart", c.confirm, got)
		}
		closeIt()
		f, closeIt = open(t, path)
		if got := f.leaf(f.Running().Tree, "owner"); got != c.want {
			t.Errorf("confirmed %v: owner %q after the second restart", c.confirm, got)
		}
		closeIt()
	}
}

// open opens the store at path with module texts, the house by default, as a process
// that is killed later: what it returns closes the file and nothing else.
func open(t *testing.T, path string, texts ...string) (*fixture, func()) {
	t.Helper()
	f, closeIt, err := tryOpen(t, path, false, texts...)
	must(t, err)
	return f, closeIt
}

func tryOpen(t *testing.T, path string, recover bool, texts ...string) (*fixture, func(), error) {
	t.Helper()
	f, closeIt := unstarted(t, path, recover, texts...)
	err := f.Start(ctx, nil)
	if err != nil {
		closeIt()
	}
	return f, closeIt, err
}

func unstarted(t *testing.T, path string, recover bool, texts ...string) (*fixture, func()) {
	t.Helper()
	if len(texts) == 0 {
		texts = []string{house}
	}
	schema := dstest.Schema(t, texts...)
	backend, err := bolt.Open(path)
	must(t, err)
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend, Recover: recover})
	must(t, err)
	return &fixture{t, path, schema, s}, func() { backend.Close() }
}
