package trail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/dstest/instance"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/yang"
)

var ctx = context.Background()

const vault = `module vault { yang-version 1.1; namespace "urn:vault"; prefix v;
  import ietf-netconf-acm { prefix nacm; }
  import altoam-audit { prefix au; }
  import iana-crypt-hash { prefix ianach; }
  augment /nacm:nacm { leaf note { type string; } }
  augment /au:audit { leaf note { type string; } }
  container vault {
    leaf owner { type string { pattern '[^!]*'; } }
    leaf code { nacm:default-deny-all; type string; }
    leaf-list spare { nacm:default-deny-all; type string; }
    leaf password { type ianach:crypt-hash; }
    container encrypted-word { leaf encrypted-value-format { type string; } leaf encrypted-value { type binary; } }
    container keys { nacm:default-deny-all; leaf master { type string; } }
    list box { key name; leaf name { type string; } leaf area { type uint16; }
      must "area < 100" { error-message "a box is smaller"; }
      action open { input { leaf with { type string; } } } } }
  rpc knock;
  notification bell; }`

const seed = `{
  "vault:vault": {"owner": "o", "code": "canary-seed", "box": [{"name": "a", "area": 5}, {"name": "b", "area": 7}]},
  "ietf-netconf-acm:nacm": {
    "groups": {"group": [{"name": "all", "user-name": ["root"]}, {"name": "some", "user-name": ["u"]}]},
    "rule-list": [
      {"name": "root", "group": ["all"], "rule": [{"name": "1", "action": "permit"}]},
      {"name": "u", "group": ["some"], "rule": [
        {"name": "1", "path": "/vault:vault/box[name='a']/area", "access-operations": "read update", "action": "permit"}]}]}}`

// guardedStore is a Store with access control and its Trail, in a folder.
type guardedStore struct {
	*datastore.Store
	t      testing.TB
	dir    string
	trail  *Trail
	schema *yang.Schema
	close  func()
}

func newSchema(t testing.TB) *yang.Schema { return dstest.Schema(t, vault) }

// start starts a program on a data folder.
func start(t testing.TB, dir string, schema *yang.Schema, router *logging.Router) *guardedStore {
	t.Helper()
	backend, err := bolt.Open(filepath.Join(dir, "running.db"))
	check(t, err)
	trail, err := Open(Options{DataDir: dir, Schema: schema, Router: router, Build: "test"})
	check(t, err)
	s, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend, Observer: trail, Recover: true})
	check(t, err)
	trail.Use(s)
	s.HandleRPC("vault", "knock", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	s.HandleAction("/vault:vault/box/open", func(context.Context, datastore.Call) (*tree.Tree, error) { return nil, nil })
	check(t, s.Start(ctx, func() (*tree.Tree, error) { return instance.JSON(t, schema, seed), nil }))
	check(t, trail.Reconcile(ctx))
	g := &guardedStore{s, t, dir, trail, schema, func() { check(t, trail.Close()); check(t, backend.Close()) }}
	return g
}

func (g *guardedStore) as(user string) *datastore.Session {
	x := g.NewSession(datastore.User{Name: user, Groups: []string{"g"}}, datastore.Source{Protocol: "test", Address: "192.0.2.7"})
	g.t.Cleanup(x.Close)
	return x
}

// merge edits a datastore.
func (g *guardedStore) merge(x *datastore.Session, ds datastore.Datastore, text string, o datastore.EditOptions) error {
	g.t.Helper()
	return x.Edit(ctx, ds, edit.FromTree(instance.JSON(g.t, g.schema, text), edit.Merge), o)
}

func (g *guardedStore) owner(x *datastore.Session, name string) error {
	g.t.Helper()
	return g.merge(x, datastore.Running, fmt.Sprintf(`{"vault:vault": {"owner": %q}}`, name), datastore.EditOptions{})
}

// records are all there are; they must be without findings.
func records(t testing.TB, dir string) (all []*audit.Record) {
	t.Helper()
	key, err := audit.ReadKey(filepath.Join(dir, KeyFile))
	check(t, err)
	r, err := audit.Verify(ctx, filepath.Join(dir, Folder), key, func(r *audit.Record) { all = append(all, r) })
	check(t, err)
	if len(r.Findings) > 0 {
		t.Fatalf("findings: %v", r.Findings)
	}
	return all
}

// text is all that the files hold.
func text(t testing.TB, dir string) string {
	t.Helper()
	all := ""
	names, err := filepath.Glob(filepath.Join(dir, Folder, "*"))
	check(t, err)
	for _, name := range names {
		part, err := os.ReadFile(name)
		check(t, err)
		all += string(part)
	}
	return all
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
