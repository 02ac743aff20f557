package history

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

var ctx = context.Background()

// testSchema has the garden of testdata, altoam-commit and altoam-limits.
func testSchema(t testing.TB) *yang.Schema {
	t.Helper()
	o := yang.Options{Features: map[string][]string{"ietf-netconf": {"candidate", "confirmed-commit", "writable-running"}}}
	for _, m := range []string{"ietf-netconf", "garden", module, "altoam-limits"} {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: m})
	}
	s, err := yang.Compile(yang.NewLibrary(yang.BuiltinFS(), os.DirFS("testdata")), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fixture is a started Store with a session. Its clock goes on a minute at a commit.
type fixture struct {
	t       testing.TB
	store   *datastore.Store
	session *datastore.Session
	now     time.Time
}

func newFixture(t testing.TB, file string) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	f.store = openFile(t, testSchema(t), file, func() time.Time { return f.now })
	Register(f.store)
	f.store.AddParticipant(gardener{})
	f.must(f.store.Start(ctx, nil))
	f.session = f.store.NewSession(datastore.User{Name: "ann"}, datastore.Source{Protocol: "restconf", Address: "192.0.2.7"})
	t.Cleanup(f.session.Close)
	return f
}

// open opens a Store without starting it.
func open(t testing.TB, s *yang.Schema) *datastore.Store {
	return openFile(t, s, filepath.Join(t.TempDir(), "s.db"), time.Now)
}

func openFile(t testing.TB, s *yang.Schema, file string, now func() time.Time) *datastore.Store {
	t.Helper()
	backend, err := bolt.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	store, err := datastore.Open(datastore.Options{Schema: s, Backend: backend, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func fresh(t testing.TB) *fixture { return newFixture(t, filepath.Join(t.TempDir(), "s.db")) }

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// read reads an edit, JSON or XML.
func (f *fixture) read(text string) *edit.Edit {
	f.t.Helper()
	a := &tree.Any{JSON: text}
	if strings.HasPrefix(text, "<") {
		a = &tree.Any{XML: text}
	}
	h := history{f.store}
	x := f.store.NewSession(datastore.User{Name: "reader"}, datastore.Source{})
	defer x.Close()
	e, wrong, err := h.readEdit(ctx, x, a, edit.Merge)
	f.must(errors.Join(err, rpcerr.Join(wrong)))
	return e
}

// edit changes a datastore.
func (f *fixture) edit(ds datastore.Datastore, text string, o datastore.EditOptions) error {
	f.t.Helper()
	f.now = f.now.Add(time.Minute)
	return f.session.Edit(ctx, ds, f.read(text), o)
}

// running makes an edit of running that must succeed.
func (f *fixture) running(text string) {
	f.t.Helper()
	f.must(f.edit(datastore.Running, text, datastore.EditOptions{}))
}

// call invokes an RPC with input as JSON and returns the output likewise.
func (f *fixture) call(rpc, input string) (string, error) {
	f.t.Helper()
	n := f.store.Schema().RPC(module, rpc)
	b := tree.NewBuilder(n.Input())
	if err := codec.DecodeJSON(strings.NewReader(input), f.store.Schema(), n.Input(), b, codec.DecodeOptions{}); err != nil {
		return "", err
	}
	in, err := b.Tree()
	f.must(err)
	f.now = f.now.Add(time.Minute)
	out, err := f.session.Call(ctx, n, in)
	if err != nil {
		return "", err
	}
	return f.json(out), nil
}

// get reads operational below an instance-identifier.
func (f *fixture) get(path string) string {
	f.t.Helper()
	p, err := tree.ParsePath(f.store.Schema(), path)
	f.must(err)
	t, err := f.session.Read(ctx, datastore.Operational, datastore.Selection{Under: []tree.Path{p}})
	f.must(err)
	m := tree.New(t.Schema()).Mutate()
	if n := t.Find(p[:1]); n != nil {
		m.Put(n, tree.Position{})
	}
	return f.json(m.Done())
}

func (f *fixture) json(t *tree.Tree) string {
	var b bytes.Buffer
	f.must(codec.EncodeJSON(&b, t, codec.EncodeOptions{Indent: "  "}))
	return b.String()
}

// gardener refuses black beds, and tells what he does for the others.
type gardener struct{}

func (gardener) Name() string { return "gardener" }

func (gardener) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	var job job
	err := c.Diff.Walk(func(p tree.Path, k *tree.Change) error {
		if k.Schema.Name != "bed" {
			return nil
		}
		e := datastore.Effect{Resource: p[1].Keys[0].String(), Action: "change", Detail: "it changes"}
		if k.Op == tree.Create {
			e = datastore.Effect{Resource: e.Resource, Action: "add"}
			if k.New.Leaf("colour").String() == "black" {
				return rpcerr.New(rpcerr.InvalidValue, p.String(), "nothing grows black")
			}
		}
		job = append(job, e)
		return nil
	})
	return job, err
}

// job is what the gardener would do.
type job []datastore.Effect

func (job) Apply()                        {}
func (job) Abort()                        {}
func (j job) Effects() []datastore.Effect { return j }
