package datastore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// group has do, one after the other, ask for changes that wait together and are made
// as a group, and returns their errors.
func group(t *testing.T, f *fixture, g *gate, do ...func(*datastore.Session) error) []error {
	t.Helper()
	errs := make([]error, len(do))
	var wg sync.WaitGroup
	for i, f1 := range do {
		x := f.session()
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = f1(x)
		}()
		for range 2000 {
			if f.Waiting() == i+1 {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	if n := f.Waiting(); n != len(do) {
		t.Errorf("%d turns wait, want %d", n, len(do))
	}
	close(g.open)
	wg.Wait()
	return errs
}

func (f *fixture) edit(content string) func(*datastore.Session) error {
	e := f.xml(content)
	return func(x *datastore.Session) error { return x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}) }
}

// TestRefusalIsJudgedAgain: what is wrong only because of a turn that a participant
// refuses is not refused with it.
func TestRefusalIsJudgedAgain(t *testing.T) {
	g := newGate()
	f, _ := gated(t, g)
	errs := group(t, f, g,
		f.edit(`<room><name>bad</name></room><room><name>x</name></room><room><name>y</name></room>`),
		f.edit(`<room xc:operation="create"><name>x</name></room>`),
		f.edit(`<room xc:operation="delete"><name>y</name></room>`),
	)
	if !hasTag(errs[0], rpcerr.ResourceDenied) || errs[1] != nil || !hasTag(errs[2], rpcerr.DataMissing) {
		t.Errorf("errors %v", errs)
	}
}

// TestCommitInAGroup: a candidate is committed once, however many ask for it, and a
// confirmed commit can be taken back by a turn that waited with it.
func TestCommitInAGroup(t *testing.T) {
	g := newGate()
	f, _ := gatedAfter(t, g, func(f *fixture) {
		must(t, f.session().Edit(ctx, datastore.Candidate, f.room("hall"), datastore.EditOptions{}))
	})
	commit := func(c *datastore.Confirm) func(*datastore.Session) error {
		return func(x *datastore.Session) error {
			o := datastore.CommitOptions{Confirm: c}
			if c == nil {
				o.PersistID = "token"
			}
			return x.Commit(ctx, o)
		}
	}
	errs := group(t, f, g,
		commit(&datastore.Confirm{Persist: "token"}),
		f.edit(`<room xc:operation="delete"><name>hall</name></room>`),
		commit(nil),
		f.edit(`<owner>later</owner>`),
	)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	r := f.Running().Tree
	if r.Find(f.at("/house:house/room[name='hall']")) != nil || f.leaf(r, "owner") != "later" || f.Pending() != nil {
		t.Errorf("the second commit made the candidate's changes again: owner %q", f.leaf(r, "owner"))
	}
}

func TestCancelInAGroup(t *testing.T) {
	g := newGate()
	f, _ := gated(t, g)
	errs := group(t, f, g,
		f.edit(`<owner>second</owner>`),
		func(x *datastore.Session) error {
			return x.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{Persist: "token"}})
		},
		f.edit(`<owner>third</owner>`),
		func(x *datastore.Session) error { return x.CancelCommit(ctx, "token") },
	)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if got := f.leaf(f.Running().Tree, "owner"); got != "second" || f.Pending() != nil {
		t.Errorf("owner %q, pending %v", got, f.Pending())
	}
}

// TestCopyIntendedInAGroup: copy-config from intended takes nothing back.
func TestCopyIntendedInAGroup(t *testing.T) {
	g := newGate()
	f, _ := gated(t, g)
	errs := group(t, f, g, f.edit(`<owner>second</owner>`), func(x *datastore.Session) error {
		return x.Copy(ctx, datastore.Intended, datastore.Running, datastore.EditOptions{})
	})
	if got := f.leaf(f.Running().Tree, "owner"); got != "second" || errors.Join(errs...) != nil {
		t.Errorf("owner %q, errors %v", got, errs)
	}
}

// faulty is a Participant that panics where secret or owner say.
type faulty struct{ owner string }

func (*faulty) Name() string { return "faulty" }

func (*faulty) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	for h := range c.New.Root().Children() {
		if h.Leaf("secret").String() == "panic in Prepare" {
			panic("fault")
		}
		return &faulty{h.Leaf("owner").String()}, nil
	}
	return &faulty{}, nil
}

func (f *faulty) Apply() {
	if f.owner == "panic in Apply" {
		panic("fault")
	}
}
func (*faulty) Abort() {}

// TestPanicHitsOnlyOne: a fault in one turn refuses it and leaves the others and the
// Store alive; what was durable before the fault is made.
func TestPanicHitsOnlyOne(t *testing.T) {
	var p participant
	g := newGate()
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			s.AddParticipant(g)
			s.AddParticipant(&p)
			s.AddParticipant(&faulty{})
		}
	})
	go func() {
		_ = f.session().Edit(ctx, datastore.Running, f.merge("owner", "first"), datastore.EditOptions{})
	}()
	<-g.entered
	errs := group(t, f, g,
		func(x *datastore.Session) error {
			return x.Edit(ctx, datastore.Running, f.room("a"), datastore.EditOptions{Before: func(*datastore.Snapshot) error { panic("fault") }})
		},
		f.edit(`<secret>panic in Prepare</secret>`),
		f.edit(`<room><name>b</name></room>`),
		func(x *datastore.Session) error {
			return x.Edit(ctx, datastore.Running, f.room("c"), datastore.EditOptions{After: func(*datastore.Snapshot) { panic("fault") }})
		},
		f.edit(`<owner>panic in Apply</owner>`),
		f.edit(`<room><name>d</name></room>`),
	)
	for i, want := range []bool{false, false, true, true, true, true} {
		if (errs[i] == nil) != want || !want && !strings.Contains(errs[i].Error(), "fault of this program") {
			t.Errorf("turn %d: %v", i, errs[i])
		}
	}
	var rooms []string
	for h := range f.Running().Tree.Root().Children() {
		for r := range h.Entries(f.node("/house:house/room")) {
			rooms = append(rooms, r.Leaf("name").String())
		}
	}
	if fmt.Sprint(rooms) != "[b c d]" {
		t.Errorf("rooms %v", rooms)
	}
	if p.prepared != p.applied+p.undone {
		t.Errorf("%d prepared, %d applied, %d undone", p.prepared, p.applied, p.undone)
	}
	f.own(f.session(), "alive", datastore.EditOptions{})
}

// broken is a Backend that panics.
type broken struct {
	persist.Backend
	panics bool
}

func (b *broken) Commit(ctx context.Context, t persist.Txn) error {
	if b.panics {
		b.panics = false
		panic("fault")
	}
	return b.Backend.Commit(ctx, t)
}

// TestBackendPanics: nobody waits for ever, and nobody is told that it was made.
func TestBackendPanics(t *testing.T) {
	b := &broken{}
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(_ *datastore.Store, o *datastore.Options) {
		if o != nil {
			b.Backend, o.Backend = o.Backend, b
		}
	})
	b.panics = true
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the fault was swallowed")
			}
		}()
		_ = f.session().Edit(ctx, datastore.Running, f.merge("owner", "x"), datastore.EditOptions{})
	}()
	f.own(f.session(), "alive", datastore.EditOptions{})
}

// full is a Backend whose disk is full.
type full struct {
	persist.Backend
	writes int
}

func (b *full) Commit(context.Context, persist.Txn) error {
	b.writes++
	return errors.New("no space left on device")
}

// TestFullDisk: a group that cannot be stored is refused at once, and told why.
func TestFullDisk(t *testing.T) {
	g, b := newGate(), &full{}
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, o *datastore.Options) {
		if o != nil {
			b.Backend, o.Backend = o.Backend, b
		} else {
			s.AddParticipant(g)
		}
	})
	go func() {
		_ = f.session().Edit(ctx, datastore.Running, f.merge("owner", "first"), datastore.EditOptions{})
	}()
	<-g.entered
	errs := group(t, f, g, f.edit(`<room><name>a</name></room>`), f.edit(`<room><name>b</name></room>`), f.edit(`<room><name>c</name></room>`))
	for _, err := range errs {
		if !hasTag(err, rpcerr.OperationFailed) || !strings.Contains(err.Error(), "stored durably") {
			t.Errorf("%v", err)
		}
	}
	if b.writes != 2 || !f.Running().Tree.Empty() {
		t.Errorf("%d writes", b.writes)
	}
}
