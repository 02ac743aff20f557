package secrets_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

var ctx = context.Background()

// safe has a secret of each kind, a list that can have none, and a keystore.
const safe = `module safe { yang-version 1.1; namespace "urn:safe"; prefix s;
  import ietf-crypto-types { prefix ct; } import altoam-secrets { prefix sec; }
  revision 2026-01-01;
  container safe {
    leaf note { type string; }
    list box { key name; leaf name { type string; }
      uses ct:password-grouping; container key { uses ct:symmetric-key-grouping { refine key-type { mandatory false; } } } }
    leaf code { sec:sealed; type string { length "1..100"; } }
    list plain { key name; leaf name { type string; } } } }`

var schema = sync.OnceValue(func() *yang.Schema {
	dir, err := os.MkdirTemp("", "secrets-yang")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "safe@2026-01-01.yang"), []byte(safe), 0o600); err != nil {
		panic(err)
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), os.DirFS(dir)), yang.Options{Implement: []yang.ModuleSpec{
		{Name: "safe"}, {Name: "ietf-keystore"}, {Name: "ietf-crypto-types"}, {Name: "altoam-secrets"},
	}})
	if err != nil {
		panic(err)
	}
	return s
})

// The keys of the tests, as lines.
var (
	first  = strings.Repeat("A", 43) + "="
	second = "B" + strings.Repeat("A", 42) + "="
)

func sealer(t testing.TB, lines ...string) *secrets.Sealer {
	t.Helper()
	r, err := secrets.ParseRing(strings.Join(lines, "\n"))
	must(t, err)
	return secrets.NewSealer(schema(), r)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// vault is a store with a file.
type vault struct {
	testing.TB
	*datastore.Store
	path string
}

// open starts a store over the file at path; with no lines it does not seal.
func open(t testing.TB, path string, change func(*datastore.Options), lines ...string) (*vault, error) {
	t.Helper()
	backend, err := bolt.Open(path)
	must(t, err)
	t.Cleanup(func() { backend.Close() })
	o := datastore.Options{Schema: schema(), Backend: backend}
	if len(lines) > 0 {
		o.Sealer = sealer(t, lines...)
	}
	if change != nil {
		change(&o)
	}
	s, err := datastore.Open(o)
	must(t, err)
	return &vault{t, s, path}, s.Start(ctx, nil)
}

func newVault(t testing.TB, lines ...string) *vault {
	t.Helper()
	v, err := open(t, filepath.Join(t.TempDir(), "v.db"), nil, lines...)
	must(t, err)
	return v
}

func (v *vault) session() *datastore.Session {
	x := v.NewSession(datastore.User{Name: "ann"}, datastore.Source{Protocol: "test"})
	v.Cleanup(x.Close)
	return x
}

func (v *vault) edit(op edit.Op, content string) *edit.Edit {
	v.Helper()
	b := edit.NewBuilder(schema().Root, op)
	must(v, codec.DecodeJSON(strings.NewReader(content), schema(), schema().Root, b, codec.DecodeOptions{ConfigOnly: true}))
	e, err := b.Edit()
	must(v, err)
	return e
}

func (v *vault) merge(content string) error {
	v.Helper()
	return v.session().Edit(ctx, datastore.Running, v.edit(edit.Merge, content), datastore.EditOptions{})
}

// text is a datastore as a client reads it.
func (v *vault) text(ds datastore.Datastore) string {
	v.Helper()
	var b bytes.Buffer
	must(v, codec.EncodeJSON(&b, v.Snapshot(ds).Tree, codec.EncodeOptions{}))
	return b.String()
}

func (v *vault) revision() uint64 { return v.Running().Head.Revision }

// refused wants a single error at path with these words.
func refused(t testing.TB, err error, path, words string) {
	t.Helper()
	all := rpcerr.All(err)
	if err == nil || len(all) != 1 || all[0].Path != path || !strings.Contains(all[0].Error(), words) {
		t.Errorf("error %v, want one at %s: …%s…", err, path, words)
	}
}

func withStartup(t testing.TB, path string) func(*datastore.Options) {
	return func(o *datastore.Options) {
		backend, err := bolt.Open(path)
		must(t, err)
		t.Cleanup(func() { backend.Close() })
		o.Startup = backend
	}
}
