package datastore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// hook is a Participant that does something for each new owner.
type hook struct{ on func(owner string) error }

func (*hook) Name() string { return "hook" }
func (*hook) Apply()       {}
func (*hook) Abort()       {}

func (h *hook) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	for n := range c.New.Root().Children() {
		return h, h.on(n.Leaf("owner").String())
	}
	return h, nil
}

func hooked(t *testing.T, on func(owner string) error) *fixture {
	return start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddParticipant(&hook{on})
		}
	})
}

// TestSessionEndsInItsConfirmedCommit: the commit is made, and taken back.
func TestSessionEndsInItsConfirmedCommit(t *testing.T) {
	var x *datastore.Session
	f := hooked(t, func(owner string) error {
		if owner == "bob" {
			x.Close() // its turn is past the check of its session
		}
		return nil
	})
	x = f.session()
	f.own(x, "ann", datastore.EditOptions{})
	f.confirm(x, "bob", datastore.Confirm{})
	f.eventually("ann")
	f.settled()
}

// TestConfirmedCommitIsTheFirst: it goes back to nothing.
func TestConfirmedCommitIsTheFirst(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x := f.session()
	f.confirm(x, "ann", datastore.Confirm{})
	must(t, x.CancelCommit(ctx, ""))
	f.confirm(x, "bob", datastore.Confirm{Timeout: time.Millisecond})
	f.settled()
	if r := f.Running(); !r.Tree.Empty() || r.Head.Revision != 4 {
		t.Errorf("back to %+v", r.Head)
	}
}

// TestRevertIsTriedAgain: a participant that refuses to go back for a while delays it;
// meanwhile the commit can still be confirmed.
func TestRevertIsTriedAgain(t *testing.T) {
	for _, confirm := range []bool{false, true} {
		var mu sync.Mutex
		refusals := 0
		f := hooked(t, func(owner string) error {
			mu.Lock()
			defer mu.Unlock()
			if owner == "ann" && refusals > 0 {
				refusals--
				return rpcerr.New(rpcerr.ResourceDenied, "", "not now")
			}
			return nil
		})
		x := f.session()
		f.own(x, "ann", datastore.EditOptions{})
		mu.Lock()
		refusals = 3
		if confirm {
			refusals = 1_000_000
		}
		mu.Unlock()
		f.confirm(x, "bob", datastore.Confirm{Timeout: time.Millisecond})
		want := "ann"
		if confirm {
			time.Sleep(30 * time.Millisecond)
			must(t, x.Commit(ctx, datastore.CommitOptions{}))
			mu.Lock()
			refusals = 0
			mu.Unlock()
			time.Sleep(50 * time.Millisecond)
			want = "bob"
		}
		f.eventually(want)
		f.settled()
	}
}

// TestConfirmRacesTimeout: either the confirmation or the timeout wins, as the
// confirmation's reply says.
func TestConfirmRacesTimeout(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x := f.session()
	won := 0
	for i := range 40 {
		before, after := fmt.Sprint("before", i), fmt.Sprint("after", i)
		f.own(x, before, datastore.EditOptions{})
		f.confirm(x, after, datastore.Confirm{Timeout: time.Duration(i%5) * time.Millisecond / 2, Persist: "token"})
		time.Sleep(time.Duration(i%4) * time.Millisecond / 2)
		err := x.Commit(ctx, datastore.CommitOptions{PersistID: "token"})
		want := after
		switch {
		case err == nil:
			won++
		case hasTag(err, rpcerr.InvalidValue):
			want = before
		default:
			t.Fatal(err)
		}
		if got := f.leaf(f.Running().Tree, "owner"); got != want || f.Pending() != nil {
			t.Fatalf("%v, but owner is %q, pending %v", err, got, f.Pending())
		}
	}
	t.Logf("%d of 40 confirmed", won)
}

// TestConfirmedCommitKeepsItsBase: retention leaves what is needed to go back, and
// edits of running meanwhile, a rollback among them, go back too.
func TestConfirmedCommitKeepsItsBase(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.Retain(func(*tree.Tree) datastore.Retention { return datastore.Retention{Commits: 1} })
		}
	})
	x, other := f.session(), f.session()
	f.own(x, "zoe", datastore.EditOptions{})
	f.own(x, "ann", datastore.EditOptions{})
	f.confirm(x, "bob", datastore.Confirm{})
	for i := range 5 {
		must(t, other.Edit(ctx, datastore.Running, f.room(fmt.Sprint("r", i)), datastore.EditOptions{}))
		f.confirm(x, fmt.Sprint("bob", i), datastore.Confirm{})
	}
	must(t, other.Rollback(ctx, 4, datastore.EditOptions{}))
	must(t, x.CancelCommit(ctx, ""))
	r := f.Running().Tree
	if f.leaf(r, "owner") != "ann" || r.Find(f.at("/house:house/room[name='r0']")) != nil {
		t.Errorf("back to owner %q", f.leaf(r, "owner"))
	}
	f.own(x, "carl", datastore.EditOptions{})
	if got := f.kept(); len(got) != 1 {
		t.Errorf("kept %v afterwards", got)
	}
}

// TestConfirmedCommitBelongsTo: who may follow up, confirm and cancel (RFC 6241
// Section 8.4.1), and lock running meanwhile (RFC 6241 Section 7.5).
func TestConfirmedCommitBelongsTo(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x, other := f.session(), f.session()
	f.own(x, "ann", datastore.EditOptions{})
	commit := func(s *datastore.Session, id string, c *datastore.Confirm) error {
		return s.Commit(ctx, datastore.CommitOptions{PersistID: id, Confirm: c})
	}
	refused := func(what string, err error, tag rpcerr.Tag) {
		t.Helper()
		if !hasTag(err, tag) {
			t.Errorf("%s: %v, want %s", what, err, tag)
		}
	}
	refused("cancel of nothing", x.CancelCommit(ctx, ""), rpcerr.OperationFailed)
	refused("confirmation of nothing", commit(x, "id", nil), rpcerr.InvalidValue)

	f.confirm(x, "bob", datastore.Confirm{})
	refused("another session's commit", commit(other, "", nil), rpcerr.InUse)
	refused("another session's follow-up", commit(other, "", &datastore.Confirm{}), rpcerr.InUse)
	refused("another session's cancel", other.CancelCommit(ctx, ""), rpcerr.InUse)
	refused("a wrong persist-id", commit(x, "id", nil), rpcerr.InvalidValue)
	refused("another session's lock", other.Lock(datastore.Running), rpcerr.LockDenied)
	must(t, x.Lock(datastore.Running))
	must(t, x.Unlock(datastore.Running))
	_, err := other.PartialLock(nil, func(*tree.Tree) ([]tree.Path, error) { return []tree.Path{f.at("/house:house/owner")}, nil })
	refused("a partial lock", err, rpcerr.InUse)

	must(t, commit(x, "", &datastore.Confirm{Persist: "one"})) // a follow-up that names it
	refused("its own session without the name", commit(x, "", nil), rpcerr.InUse)
	refused("another name", commit(x, "two", nil), rpcerr.InvalidValue)
	must(t, commit(other, "one", &datastore.Confirm{Persist: "two"}))
	refused("the name before", commit(x, "one", nil), rpcerr.InvalidValue)
	must(t, other.Edit(ctx, datastore.Candidate, f.merge("owner", "carl"), datastore.EditOptions{}))
	must(t, commit(x, "two", &datastore.Confirm{})) // keeps the name
	other.Close()
	x.Close()
	third := f.session()
	refused("a lock", third.Lock(datastore.Running), rpcerr.LockDenied)
	must(t, third.CancelCommit(ctx, "two"))
	f.eventually("ann")
	must(t, third.Lock(datastore.Running))
}

// TestConfirmedCommitUpgrade: a start with other modules takes a confirmed commit back
// to what fits them.
func TestConfirmedCommitUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	x := f.NewSession(datastore.User{}, datastore.Source{})
	f.own(x, "annabel", datastore.EditOptions{})
	must(t, x.Edit(ctx, datastore.Running, f.room("attic"), datastore.EditOptions{}))
	f.confirm(x, "bob", datastore.Confirm{})
	closeIt()

	_, _, err := tryOpen(t, path, false, newHouse)
	if err == nil || !strings.Contains(err.Error(), "commit 2") || !strings.Contains(err.Error(), "--recover") {
		t.Errorf("a start that cannot go back: %v", err)
	}
	f, closeIt, err = tryOpen(t, path, true, newHouse)
	must(t, err)
	r := f.Running()
	if f.leaf(r.Tree, "owner") != "" || r.Tree.Find(f.at("/house:house/room[name='attic']")) == nil || f.Pending() != nil || r.Head.Kind != "revert" {
		t.Errorf("recovered %+v, owner %q", r.Head, f.leaf(r.Tree, "owner"))
	}
	closeIt()
}

// TestRestartEndsSessions: the sessions of before a restart own nothing after it.
func TestRestartEndsSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	x := f.NewSession(datastore.User{}, datastore.Source{})
	f.own(x, "ann", datastore.EditOptions{})
	f.confirm(x, "bob", datastore.Confirm{})
	closeIt()
	f = start(t, path, func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddParticipant(&hook{func(owner string) error {
				if owner == "ann" {
					return rpcerr.New(rpcerr.ResourceDenied, "", "never")
				}
				return nil
			}})
		}
	})
	y := f.session()
	if err := y.Commit(ctx, datastore.CommitOptions{}); y.ID() != x.ID() || !hasTag(err, rpcerr.InUse) {
		t.Errorf("session %d confirms what session %d did before the restart: %v", y.ID(), x.ID(), err)
	}
}
