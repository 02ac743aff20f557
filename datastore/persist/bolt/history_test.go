package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(key, value string) persist.Record { return persist.Record{Key: key, Value: []byte(value)} }

// commit makes one commit.
func commit(s *bolt.Store, base uint64, records ...persist.Record) error {
	return s.Commit(ctx, persist.Txn{Base: base, Commits: []persist.Commit{{
		Head: persist.Head{Revision: base + 1, User: "u"}, Records: records,
	}}})
}

// undone applies the undo of commit n to a copy of the records.
func undone(t testing.TB, s *bolt.Store, n uint64, records map[string]string) map[string]string {
	t.Helper()
	undo, err := s.Undo(ctx, n)
	must(t, err)
	out := maps.Clone(records)
	for _, r := range undo {
		if r.Value == nil {
			delete(out, r.Key)
		} else {
			out[r.Key] = string(r.Value)
		}
	}
	return out
}

// TestHistory makes random transactions of several commits and demands that the undo
// records lead through every state back to the first, also after the store was opened
// anew. Keys are of all lengths.
func TestHistory(t *testing.T) {
	t.Parallel()
	keys := []string{"/", "/a", "/a/b", "/c", strings.Repeat("/long", 300), strings.Repeat("/longer", 9000)}
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(t.TempDir(), fmt.Sprint(time.Now().UnixNano()))
		s := open(t, path)
		states := []map[string]string{{}}
		var heads []persist.Head
		for range rapid.IntRange(1, 4).Draw(rt, "transactions") {
			txn := persist.Txn{Base: uint64(len(heads))}
			for range rapid.IntRange(0, 3).Draw(rt, "commits") {
				now := maps.Clone(states[len(states)-1])
				c := persist.Commit{Head: persist.Head{Revision: uint64(len(heads) + 1), Comment: rapid.String().Draw(rt, "comment")}}
				for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 4, rapid.ID).Draw(rt, "keys") {
					if rapid.Bool().Draw(rt, "remove") {
						c.Records = append(c.Records, persist.Record{Key: k})
						delete(now, k)
						continue
					}
					v := rapid.StringN(0, 50, -1).Draw(rt, "value")
					c.Records = append(c.Records, put(k, v))
					now[k] = v
				}
				txn.Commits = append(txn.Commits, c)
				states, heads = append(states, now), append(heads, c.Head)
			}
			must(t, s.Commit(ctx, txn))
		}
		must(t, s.Close())
		s = open(t, path)
		defer s.Close()
		_, got := load(t, s)
		var listed []persist.Head
		must(t, s.Commits(ctx, 0, func(h persist.Head) bool {
			listed = append(listed, h)
			return true
		}))
		slices.Reverse(listed)
		if len(listed) != len(heads) || !slices.Equal(listed, heads) {
			rt.Fatalf("history %v, want %v", listed, heads)
		}
		for n := len(heads); ; n-- {
			if !maps.Equal(got, states[n]) {
				rt.Fatalf("state %d is %q, want %q", n, got, states[n])
			}
			if n == 0 {
				break
			}
			got = undone(t, s, uint64(n), got)
		}
	})
}

// TestForget: old commits go, some in each transaction, the newest stays.
func TestForget(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	defer s.Close()
	for n := range uint64(200) {
		must(t, commit(s, n, put("/a", fmt.Sprint(n))))
	}
	count := func() (n int) {
		must(t, s.Commits(ctx, 0, func(persist.Head) bool { n++; return true }))
		return n
	}
	for _, want := range []int{136, 72, 8, 1, 1} {
		must(t, s.Commit(ctx, persist.Txn{Base: 200, Forget: 1000}))
		if got := count(); got != want {
			t.Errorf("%d commits are kept, want %d", got, want)
		}
	}
	if _, err := s.Undo(ctx, 150); !errors.Is(err, persist.ErrForgotten) {
		t.Errorf("undo of a forgotten commit: %v", err)
	}
	if got := undone(t, s, 200, map[string]string{"/a": "199"}); got["/a"] != "198" {
		t.Errorf("undo of the newest: %v", got)
	}
}

// TestState: what is stored besides the records comes back.
func TestState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	pending := &persist.Pending{Base: 1, Deadline: time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC), PersistID: "p", Session: 7}
	head := persist.Head{
		Revision: 1, Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), User: "u", Protocol: "restconf",
		Address: "::1", Session: 9, Comment: "c", Label: "l", Kind: "confirmed",
	}
	must(t, s.Commit(ctx, persist.Txn{Commits: []persist.Commit{{Head: head}}, Pending: pending, Modules: []string{"a@2026-01-01"}}))
	must(t, s.Close())
	s = open(t, path)
	state, _ := load(t, s)
	if state.Head != head || state.Pending == nil || *state.Pending != *pending || !slices.Equal(state.Modules, []string{"a@2026-01-01"}) {
		t.Errorf("state = %+v, %+v", state, state.Pending)
	}
	must(t, s.Commit(ctx, persist.Txn{Base: 1}))
	if state, _ = load(t, s); state.Pending != nil || state.Head != head || len(state.Modules) != 1 {
		t.Errorf("after the confirmation: %+v", state)
	}
	if err := commit(s, 3); !errors.Is(err, persist.ErrStale) {
		t.Errorf("a commit on a base that is not there: %v", err)
	}
	s.Close()
}

// TestCommitsFrom: a listing starts at any commit, or at the next older one that is kept.
func TestCommitsFrom(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	defer s.Close()
	for n := range uint64(20) {
		must(t, commit(s, n, put("/a", fmt.Sprint(n))))
	}
	must(t, s.Commit(ctx, persist.Txn{Base: 20, Forget: 4}))
	for from, want := range map[uint64][]uint64{0: {20, 19}, 1: nil, 4: nil, 5: {5}, 6: {6, 5}, 12: {12, 11}, 20: {20, 19}, 21: {20, 19}, 1 << 63: {20, 19}} {
		var got []uint64
		must(t, s.Commits(ctx, from, func(h persist.Head) bool {
			got = append(got, h.Revision)
			return len(got) < 2
		}))
		if !slices.Equal(got, want) {
			t.Errorf("from %d: %v, want %v", from, got, want)
		}
	}
}
