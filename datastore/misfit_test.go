package datastore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const shed = `
module shed {
  yang-version 1.1;
  namespace "urn:shed";
  prefix s;
  revision 2026-03-01;
  list tool { key "name"; leaf name { type string; } }
}`

// TestModuleGone: what is stored of a module that is not loaded any more is one line of
// the refusal, whatever the number of entries.
func TestModuleGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path, house, shed)
	x := f.NewSession(datastore.User{}, datastore.Source{})
	for _, name := range []string{"axe", "rake", "saw"} {
		m := tree.New(f.schema.Root).Mutate()
		m.AddEntry(f.node("/shed:tool"), []yang.Value{f.value("/shed:tool/name", name)}, tree.Position{})
		must(t, x.Edit(ctx, datastore.Running, edit.FromTree(m.Done(), edit.Merge), datastore.EditOptions{}))
	}
	closeIt()
	_, _, err := tryOpen(t, path, false, house)
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Fatalf("a start without a module: %v, want two lines", err)
	}
	for _, want := range []string{"(-shed@2026-03-01)", "the module shed is not loaded", "tool[name='axe']", "and 2 more"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("a start without a module: %v, want %q in it", err, want)
		}
	}
	f, closeIt = open(t, path, house, shed)
	defer closeIt()
	if f.Running().Head.Revision != 3 {
		t.Errorf("with the module: %+v", f.Running().Head)
	}
}

// TestInvalidRestore: what was restored in part and is not valid is not blamed on the
// modules, which are those of before.
func TestInvalidRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f, closeIt := open(t, path)
	f.own(f.NewSession(datastore.User{}, datastore.Source{}), "ann", datastore.EditOptions{})
	closeIt()
	b, err := bolt.Open(path)
	must(t, err)
	_, err = b.Load(ctx, func(persist.Record) error { return nil })
	must(t, err)
	must(t, b.Commit(ctx, persist.Txn{Base: 1, Commits: []persist.Commit{{
		Head:    persist.Head{Revision: 2, Kind: "recover", Comment: "restore of commit 1 without what was damaged"},
		Records: []persist.Record{{Key: "/", Value: []byte("c\x0bhouse:housel\x04main\x05attice")}},
	}}}))
	must(t, b.Close())
	_, _, err = tryOpen(t, path, false)
	for _, want := range []string{"is not valid since commit 2 (restore of commit 1 without", "--recover", "main"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "modules") {
			t.Errorf("a start after a restore in part: %v, want %q in it, nothing of modules", err, want)
		}
	}
}
