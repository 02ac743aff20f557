package datastore_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// twoStores is a Store with a startup datastore; over restarts the files stay.
type twoStores struct {
	*fixture
	stop func()
}

func withStartup(t *testing.T, dir, seedOwner string) *twoStores {
	t.Helper()
	schema := dstest.Schema(t, house)
	running, err := bolt.Open(filepath.Join(dir, "running.db"))
	must(t, err)
	startup, err := bolt.Open(filepath.Join(dir, "startup.db"))
	must(t, err)
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: running, Startup: startup})
	must(t, err)
	must(t, s.Start(ctx, func() (*tree.Tree, error) {
		m := tree.New(schema.Root).Mutate()
		datastore.NewWriter(m).In("house:house").Set("owner", seedOwner)
		return m.Done(), nil
	}))
	return &twoStores{&fixture{t, dir, schema, s}, func() { running.Close(); startup.Close() }}
}

// owner is that of a datastore.
func (f *twoStores) owner(ds datastore.Datastore) string {
	f.t.Helper()
	got, err := f.session().Read(ctx, ds, datastore.Selection{})
	must(f.t, err)
	return f.leaf(got, "owner")
}

func (f *twoStores) want(running, startup string) {
	f.t.Helper()
	if r, s := f.owner(datastore.Running), f.owner(datastore.Startup); r != running || s != startup {
		f.t.Errorf("running has %q and startup %q, want %q and %q", r, s, running, startup)
	}
}

func TestStartup(t *testing.T) {
	dir := t.TempDir()
	var f *twoStores
	restart := func() {
		if f != nil {
			f.stop()
		}
		f = withStartup(t, dir, "seed")
	}
	var none datastore.EditOptions
	restart()
	f.want("seed", "seed")
	must(t, f.session().Edit(ctx, datastore.Running, f.merge("owner", "ann"), none))
	f.want("ann", "seed")
	restart()
	f.want("seed", "seed")
	must(t, f.session().Edit(ctx, datastore.Running, f.merge("owner", "ben"), none))
	must(t, f.session().Copy(ctx, datastore.Running, datastore.Startup, none))
	must(t, f.session().Edit(ctx, datastore.Running, f.merge("owner", "cat"), none))
	f.want("cat", "ben")
	must(t, f.session().Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{Timeout: time.Hour, Persist: "x"}}))
	restart()
	f.want("ben", "ben")
	must(t, f.session().Copy(ctx, datastore.Startup, datastore.Candidate, none))

	over := f.NewSession(datastore.User{Name: "rest"}, datastore.Source{Protocol: "restconf"})
	must(t, over.Edit(ctx, datastore.Running, f.merge("owner", "dan"), none))
	f.want("dan", "dan")
	holder := f.session()
	must(t, holder.Lock(datastore.Startup))
	if err := over.Edit(ctx, datastore.Running, f.merge("owner", "eve"), none); !hasTag(err, rpcerr.InUse) {
		t.Errorf("an edit over RESTCONF while startup is locked: %v", err)
	}
	if err := f.session().DeleteStartup(ctx); !hasTag(err, rpcerr.InUse) {
		t.Errorf("delete-config of a locked startup: %v", err)
	}
	must(t, holder.Unlock(datastore.Startup))
	if err := f.session().Edit(ctx, datastore.Startup, f.merge("main", "nowhere"), none); err == nil {
		t.Error("startup took what is not valid")
	}
	must(t, f.session().Validate(ctx, datastore.Startup))
	must(t, f.session().DeleteStartup(ctx))
	f.want("dan", "")
	restart()
	f.want("seed", "")
	f.stop()
}

// TestNoStartup shows that nothing takes running for startup where there is none.
func TestNoStartup(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x := f.session()
	for name, do := range map[string]func(context.Context) error{
		"read": func(ctx context.Context) error {
			_, err := x.Read(ctx, datastore.Startup, datastore.Selection{})
			return err
		},
		"copy": func(ctx context.Context) error {
			return x.Copy(ctx, datastore.Startup, datastore.Candidate, datastore.EditOptions{})
		},
		"copy to": func(ctx context.Context) error {
			return x.Copy(ctx, datastore.Running, datastore.Startup, datastore.EditOptions{})
		},
		"validate": func(ctx context.Context) error { return x.Validate(ctx, datastore.Startup) },
		"lock":     func(context.Context) error { return x.Lock(datastore.Startup) },
		"delete":   x.DeleteStartup,
	} {
		if err := do(ctx); !hasTag(err, rpcerr.InvalidValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStartupKeepsMarks: what startup has as running had it is marked as before after a
// restart; what it has otherwise is marked anew.
func TestStartupKeepsMarks(t *testing.T) {
	dir := t.TempDir()
	f := withStartup(t, dir, "seed")
	mark := func(path string) tree.Mark { return f.Running().Mark(f.at(path)) }
	const owner, room = "/house:house/owner", "/house:house/room[name='attic']"
	x := f.NewSession(datastore.User{Name: "rest"}, datastore.Source{Protocol: "restconf"}) // startup follows
	must(t, x.Edit(ctx, datastore.Running, f.merge("owner", "ann"), datastore.EditOptions{}))
	must(t, x.Edit(ctx, datastore.Running, f.room("attic"), datastore.EditOptions{}))
	ann, attic, head := mark(owner), mark(room), f.Running().Head.Revision
	if ann.Revision+1 != attic.Revision || attic.Revision != head {
		t.Fatalf("marks %d and %d at commit %d", ann.Revision, attic.Revision, head)
	}
	f.stop()
	f = withStartup(t, dir, "seed")
	if r := f.Running(); r.Head.Revision != head || mark(owner) != ann || mark(room) != attic {
		t.Errorf("after a restart at commit %d: marks %+v and %+v, want %+v and %+v", r.Head.Revision, mark(owner), mark(room), ann, attic)
	}
	must(t, f.session().Edit(ctx, datastore.Running, f.merge("owner", "ben"), datastore.EditOptions{}))
	f.stop()
	f = withStartup(t, dir, "seed")
	if r := f.Running(); r.Head.Revision != head+2 || mark(owner).Revision != head+2 || mark(room) != attic {
		t.Errorf("after a start with startup at commit %d: marks %+v and %+v", r.Head.Revision, mark(owner), mark(room))
	}
	was := f.Snapshot(datastore.Startup).Mark(f.at(owner))
	must(t, f.session().Edit(ctx, datastore.Startup, f.merge("owner", "eve"), datastore.EditOptions{}))
	if now := f.Snapshot(datastore.Startup).Mark(f.at(owner)); now == was || mark(owner).Revision != head+2 {
		t.Errorf("startup is marked %+v after an edit, before %+v", now, was)
	}
	f.stop()
}

// TestMarkOfTheCandidate: it is running's until an edit, and then another after each
// edit and each commit of others.
func TestMarkOfTheCandidate(t *testing.T) {
	f := withStartup(t, t.TempDir(), "seed")
	defer f.stop()
	owner := f.at("/house:house/owner")
	seen := map[tree.Mark]bool{}
	fresh := func(what string) {
		t.Helper()
		m := f.Snapshot(datastore.Candidate).Mark(owner)
		if seen[m] {
			t.Errorf("%s: the mark %+v was there before", what, m)
		}
		seen[m] = true
	}
	x := f.session()
	if f.Snapshot(datastore.Candidate).Mark(owner) != f.Running().Mark(owner) {
		t.Error("without edits the candidate has other marks than running")
	}
	fresh("no edits")
	must(t, x.Edit(ctx, datastore.Candidate, f.merge("owner", "ann"), datastore.EditOptions{}))
	fresh("an edit")
	must(t, x.Edit(ctx, datastore.Candidate, f.merge("owner", "ben"), datastore.EditOptions{}))
	fresh("another")
	must(t, f.session().Edit(ctx, datastore.Running, f.room("attic"), datastore.EditOptions{}))
	fresh("a commit")
	must(t, x.Discard(ctx))
	if m := f.Snapshot(datastore.Candidate).Mark(owner); m != f.Running().Mark(owner) {
		t.Errorf("after discard: %+v", m)
	}
}
