package datastore_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

func (f *fixture) at(path string) tree.Path {
	p, err := tree.ParsePath(f.schema, path)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// own sets the owner in a commit.
func (f *fixture) own(x *datastore.Session, name string, o datastore.EditOptions) {
	f.t.Helper()
	must(f.t, x.Edit(ctx, datastore.Running, f.merge("owner", name), o))
}

func (f *fixture) kept() (out []uint64) {
	must(f.t, f.Commits(ctx, 0, func(h persist.Head) bool { out = append(out, h.Revision); return true }))
	return out
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	f := start(t, path, nil)
	x := f.session()
	for i, name := range []string{"ann", "bob", "carl"} {
		f.own(x, name, datastore.EditOptions{Comment: "for " + name, Label: fmt.Sprint("v", i%2)})
	}
	var heads []persist.Head
	must(t, f.Commits(ctx, 0, func(h persist.Head) bool { heads = append(heads, h); return len(heads) < 2 }))
	if h := heads[0]; len(heads) != 2 || h.Revision != 3 || h.User != "u" || h.Protocol != "test" || h.Address != "127.0.0.1" ||
		h.Session != x.ID() || h.Comment != "for carl" || h.Label != "v0" || h.Time.IsZero() {
		t.Errorf("newest commits %+v", heads)
	}
	for n, want := range map[uint64]string{1: "ann", 2: "bob", 3: "carl"} {
		got, err := f.At(ctx, n)
		if err != nil || f.leaf(got, "owner") != want {
			t.Errorf("commit %d: %v, owner %v", n, err, got)
		}
	}
	for _, n := range []uint64{0, 4} {
		if _, err := f.At(ctx, n); !hasTag(err, rpcerr.DataMissing) {
			t.Errorf("commit %d: %v", n, err)
		}
	}
	if n, err := f.Labelled(ctx, "v0"); n != 3 || err != nil {
		t.Errorf("v0 is commit %d, %v", n, err)
	}
	if _, err := f.Labelled(ctx, "none"); !hasTag(err, rpcerr.DataMissing) {
		t.Errorf("no such label: %v", err)
	}
	must(t, x.Rollback(ctx, 1, datastore.EditOptions{Comment: "back"}))
	if got := f.leaf(f.Running().Tree, "owner"); got != "ann" || f.Running().Head.Revision != 4 || f.Running().Head.Kind != "rollback" {
		t.Errorf("after the rollback: owner %q, %+v", got, f.Running().Head)
	}
	must(t, x.Rollback(ctx, 3, datastore.EditOptions{})) // the rollback is undone like anything else
	if err := x.Rollback(ctx, 99, datastore.EditOptions{}); !hasTag(err, rpcerr.DataMissing) {
		t.Errorf("rollback to what is not there: %v", err)
	}
}

func TestRetention(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var keep datastore.Retention
	path := filepath.Join(t.TempDir(), "s.db")
	f := start(t, path, func(s *datastore.Store, o *datastore.Options) {
		if o != nil {
			o.Now = func() time.Time { return now }
		} else {
			s.Retain(func(*tree.Tree) datastore.Retention { return keep })
		}
	})
	x := f.session()
	for i := range 5 {
		f.own(x, fmt.Sprint(i), datastore.EditOptions{})
	}
	if got := fmt.Sprint(f.kept()); got != "[5 4 3 2 1]" {
		t.Fatalf("kept %v", got)
	}
	keep.Commits = 3
	f.own(x, "six", datastore.EditOptions{})
	if got := fmt.Sprint(f.kept()); got != "[6 5 4]" {
		t.Errorf("three kept: %v", got)
	}
	if got, err := f.At(ctx, 4); err != nil || f.leaf(got, "owner") != "3" {
		t.Errorf("the oldest: %v %v", got, err)
	}
	if _, err := f.At(ctx, 2); !hasTag(err, rpcerr.DataMissing) {
		t.Errorf("a forgotten one: %v", err)
	}
	now = now.Add(3 * time.Hour)
	keep = datastore.Retention{Age: time.Hour}
	f.own(x, "seven", datastore.EditOptions{})
	if got := fmt.Sprint(f.kept()); got != "[7]" {
		t.Errorf("an hour kept: %v", got)
	}
}

func TestBase(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	x, y := f.session(), f.session()
	f.own(x, "ann", datastore.EditOptions{})
	must(t, x.Edit(ctx, datastore.Running, f.merge("secret", "s"), datastore.EditOptions{}))

	must(t, y.Edit(ctx, datastore.Running, f.room("hall"), datastore.EditOptions{Base: 1}))
	if f.leaf(f.Running().Tree, "secret") != "s" || f.Running().Tree.Find(f.at("/house:house/room[name='hall']")) == nil {
		t.Error("edits of distinct nodes were not joined")
	}
	err := y.Edit(ctx, datastore.Running, f.merge("secret", "other"), datastore.EditOptions{Base: 1})
	all := rpcerr.All(err)
	if len(all) != 1 || all[0].AppTag != datastore.AppConflict || all[0].Path != "/house:house/secret" || all[0].Reason != rpcerr.Conflict ||
		!strings.Contains(all[0].Message, "commit 1") {
		t.Errorf("an edit of the same node: %v", err)
	}
	must(t, y.Edit(ctx, datastore.Running, f.merge("secret", "other"), datastore.EditOptions{Base: 3}))
	if err := y.Edit(ctx, datastore.Running, f.room("x"), datastore.EditOptions{Base: 77}); !hasTag(err, rpcerr.DataMissing) {
		t.Errorf("an unknown base: %v", err)
	}
}

// TestCandidateKeepsWhatOthersCommit: what is written into running while a candidate
// is worked on is in the candidate, and survives its commit.
func TestCandidateKeepsWhatOthersCommit(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	nms, operator := f.session(), f.session()
	f.own(operator, "ann", datastore.EditOptions{})
	must(t, nms.Edit(ctx, datastore.Candidate, f.room("hall"), datastore.EditOptions{}))
	must(t, operator.Edit(ctx, datastore.Running, f.merge("secret", "s"), datastore.EditOptions{}))
	f.own(operator, "bob", datastore.EditOptions{})
	c, err := nms.Read(ctx, datastore.Candidate, datastore.Selection{})
	must(t, err)
	if f.leaf(c, "secret") != "s" || f.leaf(c, "owner") != "bob" {
		t.Error("the candidate does not show what was committed meanwhile")
	}
	must(t, nms.Edit(ctx, datastore.Candidate, f.merge("owner", "carl"), datastore.EditOptions{}))
	f.own(operator, "dora", datastore.EditOptions{})
	must(t, nms.Commit(ctx, datastore.CommitOptions{}))
	r := f.Running().Tree
	if f.leaf(r, "secret") != "s" || f.leaf(r, "owner") != "carl" || r.Find(f.at("/house:house/room[name='hall']")) == nil {
		t.Errorf("after the commit: secret %q owner %q", f.leaf(r, "secret"), f.leaf(r, "owner"))
	}
}

// TestReadingLeavesTheCandidate: what a candidate becomes does not depend on who looked
// at it between the changes of others.
func TestReadingLeavesTheCandidate(t *testing.T) {
	for _, looked := range []bool{false, true} {
		f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
		nms, operator := f.session(), f.session()
		f.own(operator, "ann", datastore.EditOptions{})
		must(t, nms.Edit(ctx, datastore.Candidate, f.merge("owner", "bob"), datastore.EditOptions{}))
		for _, name := range []string{"bob", "carl"} {
			f.own(operator, name, datastore.EditOptions{})
			if looked {
				_, err := operator.Read(ctx, datastore.Candidate, datastore.Selection{})
				must(t, err)
			}
		}
		must(t, nms.Commit(ctx, datastore.CommitOptions{}))
		if got := f.leaf(f.Running().Tree, "owner"); got != "bob" {
			t.Errorf("looked %v: the candidate's owner has become %q", looked, got)
		}
	}
}
