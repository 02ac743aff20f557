package datastore_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
)

// newHouse lacks the leaf secret, wants short owners, no room named "hall", and has a
// leaf more.
const newHouse = `
module house {
  yang-version 1.1;
  namespace "urn:house";
  prefix h;
  revision 2027-01-01;
  container house {
    leaf owner { type string { length "1..3"; } }
    list room {
      key "name";
      must "name != 'hall'" { error-message "halls are out"; }
      leaf name { type string; }
      leaf area { type uint16 { range "1..500"; } }
    }
    leaf main { type leafref { path "../room/name"; } }
    leaf colour { type string; }
  }
}`

func TestSchemaUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	x := f.NewSession(datastore.User{}, datastore.Source{})
	f.own(x, "annabel", datastore.EditOptions{})
	must(t, x.Edit(ctx, datastore.Running, f.merge("secret", "s"), datastore.EditOptions{}))
	must(t, x.Edit(ctx, datastore.Running, f.room("hall"), datastore.EditOptions{}))
	must(t, x.Edit(ctx, datastore.Running, f.room("attic"), datastore.EditOptions{}))
	must(t, x.Edit(ctx, datastore.Running, f.merge("main", "hall"), datastore.EditOptions{}))
	closeIt()

	_, _, err := tryOpen(t, path, false, newHouse)
	for _, want := range []string{"/house:house", "secret", "owner", "halls are out", "+house@2027-01-01", "-house)", "--recover"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a start with other modules: %v, want %q in it", err, want)
		}
	}

	f, closeIt, err = tryOpen(t, path, true, newHouse)
	must(t, err)
	r := f.Running()
	if r.Tree.Find(f.at("/house:house/room[name='attic']")) == nil || r.Tree.Find(f.at("/house:house/room[name='hall']")) != nil ||
		f.leaf(r.Tree, "owner") != "" || f.leaf(r.Tree, "main") != "" || r.Head.Kind != "recover" {
		t.Errorf("recovered %+v", r.Head)
	}
	f.own(f.NewSession(datastore.User{}, datastore.Source{}), "bob", datastore.EditOptions{})
	closeIt()
	f, closeIt = open(t, path, newHouse) // what was recovered is durable
	if f.leaf(f.Running().Tree, "owner") != "bob" {
		t.Error("the edit after the recovery is lost")
	}
	closeIt()

	// With the modules of before the history still leads back to everything.
	f, closeIt = open(t, path)
	defer closeIt()
	then, err := f.At(ctx, 5)
	must(t, err)
	if f.leaf(then, "secret") != "s" || f.leaf(then, "owner") != "annabel" || f.leaf(then, "main") != "hall" {
		t.Error("what was left out is not in the history")
	}
}

// TestHarmlessUpgrade: data that fits is kept without a commit.
func TestHarmlessUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	f.own(f.NewSession(datastore.User{}, datastore.Source{}), "ann", datastore.EditOptions{})
	closeIt()
	f, closeIt = open(t, path, newHouse)
	defer closeIt()
	if r := f.Running(); f.leaf(r.Tree, "owner") != "ann" || r.Head.Revision != 1 {
		t.Errorf("after the upgrade: %+v", r.Head)
	}
	n := 0
	must(t, f.Commits(ctx, 0, func(persist.Head) bool { n++; return true }))
	if n != 1 {
		t.Errorf("%d commits", n)
	}
}

// nameless is a Backend of a format that did not keep the modules.
type nameless struct {
	persist.Backend
	txns []persist.Txn
}

func (n *nameless) Load(ctx context.Context, f func(persist.Record) error) (persist.State, error) {
	s, err := n.Backend.Load(ctx, f)
	s.Modules = nil
	return s, err
}

func (n *nameless) Commit(ctx context.Context, t persist.Txn) error {
	n.txns = append(n.txns, t)
	return n.Backend.Commit(ctx, t)
}

// TestModulesAreAdopted: a store that does not say what modules it was written with
// learns it, and a confirmed commit that waits is not forgotten on the way.
func TestModulesAreAdopted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	x := f.NewSession(datastore.User{}, datastore.Source{})
	f.own(x, "ann", datastore.EditOptions{})
	f.confirm(x, "bob", datastore.Confirm{})
	closeIt()
	n := &nameless{}
	f = start(t, path, func(_ *datastore.Store, o *datastore.Options) {
		if o != nil {
			n.Backend, o.Backend = o.Backend, n
		}
	})
	if len(n.txns) != 2 || len(n.txns[0].Modules) == 0 || n.txns[0].Pending == nil || len(n.txns[0].Commits) != 0 {
		t.Errorf("transactions %+v", n.txns)
	}
	if got := f.leaf(f.Running().Tree, "owner"); got != "ann" || f.Running().Head.Revision != 3 {
		t.Errorf("owner %q in commit %d", got, f.Running().Head.Revision)
	}
}
