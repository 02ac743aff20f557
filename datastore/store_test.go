package datastore_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

const house = `
module house {
  yang-version 1.1;
  namespace "urn:house";
  prefix h;
  container house {
    leaf owner { type string; }
    list room {
      key "name";
      leaf name { type string; }
      leaf area { type uint16 { range "1..500"; } }
      leaf warm { config false; type boolean; }
      action paint { input { leaf colour { type string; mandatory true; } } output { leaf coats { type uint8; } } }
    }
    leaf main { type leafref { path "../room/name"; } }
    leaf secret { type string; }
    container meter { config false; leaf reading { type uint32; } }
  }
  rpc knock { input { leaf times { type uint8; } } output { leaf answer { type string; } } }
}`

var ctx = context.Background()

// fixture is a started Store on a file of its own.
type fixture struct {
	t      *testing.T
	path   string
	schema *yang.Schema
	*datastore.Store
}

func start(t *testing.T, path string, with func(*datastore.Store, *datastore.Options)) *fixture {
	t.Helper()
	schema := dstest.Schema(t, house)
	backend, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	o := datastore.Options{Schema: schema, Backend: backend}
	if with != nil {
		with(nil, &o)
	}
	s, err := datastore.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if with != nil {
		with(s, nil)
	}
	if err := s.Start(ctx, nil); err != nil {
		t.Fatal(err)
	}
	return &fixture{t, path, schema, s}
}

func (f *fixture) session() *datastore.Session {
	x := f.NewSession(datastore.User{Name: "u"}, datastore.Source{Protocol: "test", Address: "127.0.0.1"})
	f.t.Cleanup(x.Close)
	return x
}

func (f *fixture) node(path string) *yang.Node {
	n := f.schema.Find(path)
	if n == nil {
		f.t.Fatalf("no schema node %s", path)
	}
	return n
}

func (f *fixture) value(path, text string) yang.Value {
	v, err := f.node(path).Type.Parse(text, yang.JSONResolver{Default: "house"})
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

// merge is an edit that sets a leaf of /house:house.
func (f *fixture) merge(leaf, text string) *edit.Edit {
	m := tree.New(f.schema.Root).Mutate()
	m.Ensure(f.node("/house:house")).SetLeaf(f.node("/house:house/"+leaf), f.value("/house:house/"+leaf, text))
	return edit.FromTree(m.Done(), edit.Merge)
}

// room is an edit that makes a room.
func (f *fixture) room(name string) *edit.Edit {
	m := tree.New(f.schema.Root).Mutate()
	m.Ensure(f.node("/house:house")).AddEntry(f.node("/house:house/room"),
		[]yang.Value{f.value("/house:house/room/name", name)}, tree.Position{})
	return edit.FromTree(m.Done(), edit.Merge)
}

func (f *fixture) leaf(t *tree.Tree, name string) string {
	h := t.Root().Child(f.node("/house:house"))
	if h == nil {
		return ""
	}
	return h.Leaf(name).String()
}

func hasTag(err error, tag rpcerr.Tag) bool {
	var e *rpcerr.Error
	return errors.As(err, &e) && e.Tag == tag
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunningSurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	func() {
		schema := dstest.Schema(t, house)
		backend, err := bolt.Open(path)
		must(t, err)
		defer backend.Close()
		s, err := datastore.Open(datastore.Options{Schema: schema, Backend: backend})
		must(t, err)
		f := &fixture{t, path, schema, s}
		must(t, s.Start(ctx, nil))
		x := f.session()
		must(t, x.Edit(ctx, datastore.Running, f.merge("owner", "ann"), datastore.EditOptions{}))
		must(t, x.Edit(ctx, datastore.Running, f.room("hall"), datastore.EditOptions{}))
	}()
	f := start(t, path, nil)
	if got := f.leaf(f.Running().Tree, "owner"); got != "ann" {
		t.Errorf("owner = %q, want ann", got)
	}
	if f.Running().Head.Revision != 2 {
		t.Errorf("revision = %d, want 2", f.Running().Head.Revision)
	}
}

func TestCandidate(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x := f.session()
	read := func(ds datastore.Datastore) string {
		got, err := x.Read(ctx, ds, datastore.Selection{})
		must(t, err)
		return f.leaf(got, "owner")
	}
	must(t, x.Edit(ctx, datastore.Candidate, f.merge("owner", "ann"), datastore.EditOptions{}))
	if read(datastore.Running) != "" || read(datastore.Candidate) != "ann" {
		t.Fatalf("running %q, candidate %q before the commit", read(datastore.Running), read(datastore.Candidate))
	}
	must(t, x.Commit(ctx, datastore.CommitOptions{}))
	if read(datastore.Running) != "ann" {
		t.Fatal("the commit did not reach running")
	}
	must(t, x.Edit(ctx, datastore.Candidate, f.merge("owner", "bob"), datastore.EditOptions{}))
	must(t, x.Discard(ctx))
	if read(datastore.Candidate) != "ann" {
		t.Fatal("discarded changes are still there")
	}

	// What cannot be committed stays in the candidate, and running as it is.
	must(t, x.Edit(ctx, datastore.Candidate, f.merge("main", "nowhere"), datastore.EditOptions{}))
	if err := x.Commit(ctx, datastore.CommitOptions{}); !hasTag(err, rpcerr.DataMissing) {
		t.Fatalf("commit of a dangling leafref: %v", err)
	}
	got, _ := x.Read(ctx, datastore.Candidate, datastore.Selection{})
	if f.leaf(got, "main") != "nowhere" || f.leaf(f.Running().Tree, "main") != "" {
		t.Error("a failed commit changed candidate or running")
	}
}

func TestLocks(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	a, b := f.session(), f.session()
	must(t, a.Lock(datastore.Running))
	if err := b.Lock(datastore.Running); !hasTag(err, rpcerr.LockDenied) {
		t.Errorf("second lock: %v", err)
	}
	if err := b.Edit(ctx, datastore.Running, f.merge("owner", "x"), datastore.EditOptions{}); !hasTag(err, rpcerr.InUse) {
		t.Errorf("edit against a lock: %v", err)
	}
	must(t, a.Edit(ctx, datastore.Running, f.merge("owner", "x"), datastore.EditOptions{}))
	if err := b.Unlock(datastore.Running); !hasTag(err, rpcerr.OperationFailed) {
		t.Errorf("unlock of another's lock: %v", err)
	}
	must(t, a.Unlock(datastore.Running))
	must(t, b.Edit(ctx, datastore.Running, f.merge("owner", "y"), datastore.EditOptions{}))

	// A lost session releases its locks and the candidate's changes.
	must(t, a.Lock(datastore.Candidate))
	must(t, a.Edit(ctx, datastore.Candidate, f.merge("owner", "z"), datastore.EditOptions{}))
	must(t, b.Kill(a.ID()))
	got, _ := b.Read(ctx, datastore.Candidate, datastore.Selection{})
	if f.leaf(got, "owner") != "y" {
		t.Error("the candidate kept the changes of a killed session")
	}
	select {
	case <-a.Done():
	default:
		t.Error("the killed session is not done")
	}
	must(t, b.Lock(datastore.Candidate))
	must(t, b.Unlock(datastore.Candidate))

	// The candidate cannot be locked while somebody's changes are in it.
	c := f.session()
	must(t, c.Edit(ctx, datastore.Candidate, f.merge("owner", "z"), datastore.EditOptions{}))
	if err := b.Lock(datastore.Candidate); !hasTag(err, rpcerr.LockDenied) {
		t.Errorf("lock of a changed candidate: %v", err)
	}
}

// participant counts what happens to it and refuses when told to.
type participant struct {
	mu                        sync.Mutex
	refuse                    bool
	prepared, applied, undone int
}

func (p *participant) Name() string { return "test" }

func (p *participant) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse {
		return nil, rpcerr.New(rpcerr.OperationFailed, "/house:house", "cannot be realised")
	}
	p.prepared++
	return p, nil
}
func (p *participant) Apply() { p.applied++ }
func (p *participant) Abort() { p.undone++ }

func TestParticipants(t *testing.T) {
	var first, second participant
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddParticipant(&first)
			s.AddParticipant(&second)
		}
	})
	x := f.session()
	must(t, x.Edit(ctx, datastore.Running, f.merge("owner", "a"), datastore.EditOptions{}))
	if first.applied != 1 || second.applied != 1 {
		t.Fatalf("applied %d and %d times", first.applied, second.applied)
	}
	second.refuse = true
	if err := x.Edit(ctx, datastore.Running, f.merge("owner", "b"), datastore.EditOptions{}); !hasTag(err, rpcerr.OperationFailed) {
		t.Fatalf("refused change: %v", err)
	}
	if first.undone != 1 || first.applied != 1 || f.leaf(f.Running().Tree, "owner") != "a" || f.Running().Head.Revision != 1 {
		t.Errorf("after a refusal: undone %d, applied %d, owner %q", first.undone, first.applied, f.leaf(f.Running().Tree, "owner"))
	}
	first.refuse = true
	if err := x.Edit(ctx, datastore.Running, f.merge("owner", "b"), datastore.EditOptions{}); len(rpcerr.All(err)) != 2 {
		t.Errorf("two refusals: %v", err)
	}
	second.refuse = false
	if err := x.Edit(ctx, datastore.Running, f.merge("owner", "b"), datastore.EditOptions{}); len(rpcerr.All(err)) != 1 || second.undone != 1 {
		t.Errorf("the first refuses: %v, the second was undone %d times", err, second.undone)
	}
}

func TestNormalize(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(_ *datastore.Store, o *datastore.Options) {
		if o != nil {
			o.Normalize = func(s *yang.Node, _, v yang.Value) (yang.Value, error) {
				if s.Name != "secret" {
					return v, nil
				}
				return s.Type.Parse("hidden", nil)
			}
		}
	})
	x := f.session()
	must(t, x.Edit(ctx, datastore.Candidate, f.merge("secret", "open"), datastore.EditOptions{}))
	got, _ := x.Read(ctx, datastore.Candidate, datastore.Selection{})
	if f.leaf(got, "secret") != "hidden" {
		t.Errorf("secret = %q", f.leaf(got, "secret"))
	}
}

// meter is a StateProvider.
type meter struct{ asked int }

func (m *meter) Paths() []string { return []string{"/house:house/meter"} }
func (m *meter) State(_ context.Context, _ datastore.StateRequest, root *tree.Mut) error {
	m.asked++
	w := datastore.NewWriter(root)
	w.In("house:house").In("meter").Set("reading", 42)
	return w.Err()
}

func TestOperational(t *testing.T) {
	m := &meter{}
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddStateProvider(m)
		}
	})
	x := f.session()
	must(t, x.Edit(ctx, datastore.Running, f.merge("owner", "ann"), datastore.EditOptions{}))
	got, err := x.Read(ctx, datastore.Operational, datastore.Selection{})
	must(t, err)
	h := got.Root().Child(f.node("/house:house"))
	if h.Origin() != tree.OriginIntended {
		t.Errorf("origin = %v, want intended", h.Origin())
	}
	reading := h.Child(f.node("/house:house/meter")).Leaf("reading")
	if f.leaf(got, "owner") != "ann" || reading.String() != "42" {
		t.Errorf("owner %q, reading %q", f.leaf(got, "owner"), reading)
	}
	asked := m.asked
	_, err = x.Read(ctx, datastore.Operational, datastore.Selection{Under: []tree.Path{{
		{Schema: f.node("/house:house")}, {Schema: f.node("/house:house/owner")},
	}}})
	must(t, err)
	if m.asked != asked {
		t.Error("a provider ran for a selection it has nothing of")
	}
}

func TestCalls(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s == nil {
			return
		}
		s.HandleAction("/house:house/room/paint", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
			out := tree.New(c.Node.Output()).Mutate()
			datastore.NewWriter(out).Set("coats", 2)
			return out.Done(), nil
		})
	})
	x := f.session()
	knock := f.schema.RPC("house", "knock")
	if _, err := x.Call(ctx, knock, tree.New(knock.Input())); !hasTag(err, rpcerr.OperationNotSupported) {
		t.Errorf("an RPC without handler: %v", err)
	}
	must(t, x.Edit(ctx, datastore.Running, f.room("hall"), datastore.EditOptions{}))
	paint := f.node("/house:house/room/paint")
	room := func(name string) tree.Path {
		return tree.Path{{Schema: f.node("/house:house")}, {
			Schema: f.node("/house:house/room"),
			Keys:   []yang.Value{f.value("/house:house/room/name", name)},
		}}
	}
	in := tree.New(paint.Input()).Mutate()
	datastore.NewWriter(in).Set("colour", "red")
	input := in.Done()
	out, err := x.CallAction(ctx, room("hall"), paint, input)
	must(t, err)
	if got := out.Root().Leaf("coats").String(); got != "2" {
		t.Errorf("coats = %q", got)
	}
	if _, err := x.CallAction(ctx, room("attic"), paint, input); !hasTag(err, rpcerr.DataMissing) {
		t.Errorf("action on a missing entry: %v", err)
	}
	if _, err := x.CallAction(ctx, room("hall"), paint, tree.New(paint.Input())); !hasTag(err, rpcerr.DataMissing) && !hasTag(err, rpcerr.MissingElement) {
		t.Errorf("action without its mandatory input: %v", err)
	}
}
