package bolt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

func open(t testing.TB, path string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func load(t testing.TB, s *bolt.Store) (persist.State, map[string]string) {
	t.Helper()
	got := map[string]string{}
	state, err := s.Load(context.Background(), func(r persist.Record) error {
		got[r.Key] = string(r.Value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return state, got
}

func TestCommitsSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	if state, got := load(t, s); state.Head.Revision != 0 || len(got) != 0 {
		t.Fatalf("new store: %v %v", state, got)
	}
	ctx := context.Background()
	commit := func(base uint64, records ...persist.Record) error {
		return s.Commit(ctx, persist.Txn{Base: base, Commits: []persist.Commit{{
			Head: persist.Head{Revision: base + 1, User: "u"}, Records: records,
		}}})
	}
	if err := commit(0, persist.Record{Key: "/", Value: []byte{}}, persist.Record{Key: "/a", Value: []byte("1")}); err != nil {
		t.Fatal(err)
	}
	if err := commit(1, persist.Record{Key: "/a"}, persist.Record{Key: "/b", Value: []byte("2")}); err != nil {
		t.Fatal(err)
	}
	if err := commit(1, persist.Record{Key: "/c", Value: []byte("3")}); !errors.Is(err, persist.ErrStale) {
		t.Errorf("commit on an old base: %v, want ErrStale", err)
	}
	s.Close()

	s = open(t, path)
	defer s.Close()
	state, got := load(t, s)
	if state.Head.Revision != 2 || state.Head.User != "u" {
		t.Errorf("head = %+v", state.Head)
	}
	if len(got) != 2 || got["/b"] != "2" || got["/"] != "" {
		t.Errorf("records = %v", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600", info.Mode(), err)
	}
}

func TestOneProcessHoldsTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	if _, err := bolt.Open(path); err == nil {
		t.Error("a second Open succeeded")
	}
	s.Close()
	open(t, path).Close()
}
