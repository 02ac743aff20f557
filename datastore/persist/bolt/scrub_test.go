package bolt_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
)

// TestScrub: a file that is scrubbed has what it had, in records and history, and nothing of
// what was replaced before; unless it was asked for nothing is done.
func TestScrub(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	canary := bytes.Repeat([]byte("canary "), 2000)
	commit := func(n uint64, value []byte, scrub bool) {
		t.Helper()
		must(t, s.Commit(ctx, persist.Txn{Base: n - 1, Forget: n - 1, Scrub: scrub, Commits: []persist.Commit{{
			Head: persist.Head{Revision: n}, Records: []persist.Record{{Key: "/m:a", Value: value}},
		}}}))
	}
	has := func() bool {
		t.Helper()
		all, err := os.ReadFile(path)
		must(t, err)
		return bytes.Contains(all, []byte("canary"))
	}
	commit(1, canary, false)
	commit(2, []byte("b"), false)
	commit(3, []byte("c"), false)
	must(t, s.Scrub(ctx))
	if !has() {
		t.Fatal("nothing was left to scrub, or it was not asked for")
	}
	must(t, s.Commit(ctx, persist.Txn{Base: 3, Scrub: true}))
	commit(4, []byte("d"), false) // it stays asked for
	must(t, s.Close())
	s = open(t, path)
	if state, _ := load(t, s); !state.Scrub {
		t.Error("that it is asked for is forgotten")
	}
	must(t, s.Scrub(ctx))
	if has() {
		t.Error("the file still has what was replaced")
	}
	commit(5, []byte("e"), false)
	must(t, s.Close())
	s = open(t, path)
	state, records := load(t, s)
	if state.Scrub || state.Head.Revision != 5 || records["/m:a"] != "e" {
		t.Errorf("%+v, %v", state, records)
	}
	undo, err := s.Undo(ctx, 5)
	if err != nil || len(undo) != 1 || string(undo[0].Value) != "d" {
		t.Errorf("back from commit 5: %v, %v", undo, err)
	}
	if names, _ := filepath.Glob(path + "*"); len(names) != 1 {
		t.Errorf("there are %v", names)
	}
}
