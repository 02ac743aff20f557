package datastore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"pgregory.net/rapid"
)

// lock takes a partial lock on the nodes at paths.
func (f *fixture) lock(x *datastore.Session, paths ...string) (datastore.PartialLock, error) {
	return x.PartialLock(paths, func(*tree.Tree) (l []tree.Path, _ error) {
		for _, p := range paths {
			l = append(l, f.at(p))
		}
		return l, nil
	})
}

const hall, attic = "/house:house/room[name='hall']", "/house:house/room[name='attic']"

func TestPartialLocks(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	a, b := f.session(), f.session()
	f.own(a, "ann", datastore.EditOptions{})
	rooms := `<room><name>hall</name><area>1</area></room><room><name>attic</name></room>`
	must(t, f.edit(rooms)(a))
	refused := func(what string, err error, tag rpcerr.Tag) {
		t.Helper()
		if !hasTag(err, tag) {
			t.Errorf("%s: %v, want %s", what, err, tag)
		}
	}
	one, err := f.lock(a, hall, "/house:house/owner")
	must(t, err)
	two, err := f.lock(a, hall+"/area") // overlaps one of its own
	must(t, err)
	for _, p := range []string{hall, hall + "/area", "/house:house"} {
		_, err := f.lock(b, p)
		refused("a lock of "+p, err, rpcerr.LockDenied)
	}
	three, err := f.lock(b, attic)
	must(t, err)
	refused("the global lock of the owner", a.Lock(datastore.Running), rpcerr.LockDenied)

	for _, text := range []string{
		`<owner>x</owner>`, `<room><name>hall</name><area>2</area></room>`, `<room xc:operation="delete"><name>hall</name></room>`,
		`<owner xc:operation="delete"/>`, `<secret>s</secret><owner>x</owner>`,
	} {
		err := f.edit(text)(b)
		refused(text, err, rpcerr.InUse)
		for _, e := range rpcerr.All(err) {
			if e.AppTag != datastore.AppLocked || len(e.Info) != 1 || e.Info[0].Value != fmt.Sprint(a.ID()) {
				t.Errorf("%s: %+v", text, e)
			}
		}
	}
	refused("copy-config", b.Replace(ctx, datastore.Running, tree.New(f.schema.Root), datastore.EditOptions{}), rpcerr.InUse)
	refused("rollback", b.Rollback(ctx, 1, datastore.EditOptions{}), rpcerr.InUse)
	if out := b.TryRollback(ctx, 1); len(out.Errors) != 2 || out.Errors[0].AppTag != datastore.AppLocked {
		t.Errorf("a dry run of it: %v", out.Errors)
	}
	must(t, f.edit(`<secret>s</secret><room><name>attic</name><area>3</area></room>`)(b))

	// What its owner deletes leaves the lock, and is anybody's to make again.
	must(t, f.edit(`<room xc:operation="delete"><name>hall</name></room>`)(a))
	must(t, f.edit(rooms)(b))
	held := f.PartialLocks()
	if len(held) != 3 || len(held[0].Nodes) != 1 || held[0].Nodes[0].String() != "/house:house/owner" || len(held[1].Nodes) != 0 {
		t.Errorf("left of the locks: %+v", held)
	}

	refused("another's unlock", b.PartialUnlock(one.ID), rpcerr.InvalidValue)
	must(t, a.PartialUnlock(one.ID))
	must(t, a.PartialUnlock(two.ID)) // of nothing
	refused("a second unlock", a.PartialUnlock(two.ID), rpcerr.InvalidValue)
	f.own(b, "bob", datastore.EditOptions{})
	b.Close()
	if left := f.PartialLocks(); len(left) != 0 || three.ID == one.ID {
		t.Errorf("left after the end of its session: %v", left)
	}
	must(t, a.Lock(datastore.Running))
	_, err = f.lock(a, hall)
	refused("a partial lock besides the own global one", err, rpcerr.LockDenied)
}

// TestManyPartialLocks: locks of many nodes cost neither locks nor edits more than
// their own size.
func TestManyPartialLocks(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	const n = 20_000
	some := func(name string) (l []tree.Path) {
		for i := range n {
			l = append(l, f.at(fmt.Sprintf("/house:house/room[name='%s%d']/area", name, i)))
		}
		return l
	}
	x := f.session()
	f.own(x, "ann", datastore.EditOptions{})
	began := time.Now()
	for _, name := range []string{"a", "b", "c"} {
		nodes := some(name)
		_, err := f.session().PartialLock(nil, func(*tree.Tree) ([]tree.Path, error) { return nodes, nil })
		must(t, err)
	}
	for i := range 20 {
		f.own(x, fmt.Sprint(i), datastore.EditOptions{})
	}
	if d := time.Since(began); d > 5*time.Second { // some tenths; pairs of nodes would take minutes
		t.Errorf("it took %v", d)
	}
}

// TestScopeIsWhatTouches: a change is refused exactly when it touches a locked node.
func TestScopeIsWhatTouches(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	owner, other := f.session(), f.session()
	paths := []string{"/house:house", "/house:house/owner", hall, hall + "/area", attic, attic + "/area"}
	contents := []string{
		`<owner>a</owner>`, `<owner>b</owner>`, `<room><name>hall</name></room>`, `<room><name>hall</name><area>1</area></room>`,
		`<room><name>attic</name><area>2</area></room>`, `<secret>s</secret>`,
	}
	rapid.Check(t, func(r *rapid.T) {
		content := func() (s string) {
			for i, c := range contents {
				if (i != 1 || s == "") && (i != 3 || s == "") && rapid.Bool().Draw(r, "part") {
					s += c
				}
			}
			return s
		}
		replace := func(x *datastore.Session, text string) error {
			return x.Edit(ctx, datastore.Running, f.xml(text), datastore.EditOptions{})
		}
		must(t, owner.Replace(ctx, datastore.Running, tree.New(f.schema.Root), datastore.EditOptions{}))
		must(t, replace(owner, content()))
		before := f.Running().Tree
		chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 1, 3, rapid.ID).Draw(r, "locked")
		l, err := f.lock(owner, chosen...)
		must(t, err)
		target := tree.New(f.schema.Root)
		if rapid.Bool().Draw(r, "replace") {
			must(t, other.Edit(ctx, datastore.Candidate, f.xml(content()), datastore.EditOptions{}))
			target, err = other.Read(ctx, datastore.Candidate, datastore.Selection{})
			must(t, err)
			must(t, other.Discard(ctx))
		}
		touches := false
		d := tree.Compare(before, target)
		for _, p := range chosen {
			touches = touches || d.Touches(f.at(p))
		}
		if err := other.Replace(ctx, datastore.Running, target, datastore.EditOptions{}); (err != nil) != touches {
			r.Fatalf("locked %v, touches %v: %v", chosen, touches, err)
		}
		must(t, owner.PartialUnlock(l.ID))
	})
}

// TestPartialLockWhileEdited: nobody waits for a long search, and what goes meanwhile
// is not locked.
func TestPartialLockWhileEdited(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	a, b := f.session(), f.session()
	must(t, f.edit(`<room><name>hall</name></room><room><name>attic</name></room>`)(b))
	l, err := a.PartialLock(nil, func(*tree.Tree) ([]tree.Path, error) {
		must(t, f.edit(`<room xc:operation="delete"><name>hall</name></room>`)(b))
		return []tree.Path{f.at(hall), f.at(attic)}, nil
	})
	if err != nil || len(l.Nodes) != 1 || l.Nodes[0].String() != attic {
		t.Errorf("locked %v: %v", l.Nodes, err)
	}
	must(t, f.edit(`<room><name>hall</name></room>`)(b))
}

// TestPartialLockNeedsARight: nobody keeps others away from what only they may change.
func TestPartialLockNeedsARight(t *testing.T) {
	f := startGuarded(t)
	for _, c := range []struct {
		user, path string
		ok         bool
	}{
		{"u", "/house:house/room[name='a']/area", true},
		{"u", "/house:house/owner", false},
		{"u", "/house:house", false},
		{"nobody", "/house:house/room[name='a']/area", false},
		{"root", "/house:house", true},
	} {
		x := f.as(c.user)
		_, err := f.lock(x, c.path)
		if (err == nil) != c.ok {
			t.Errorf("%s locks %s: %v", c.user, c.path, err)
		}
		if !c.ok {
			deniedAt(t, err, c.path)
		}
		x.Close()
	}
}
