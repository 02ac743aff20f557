package bolt_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

const (
	sector  = 512  // what a disk writes whole or not at all
	headEnd = 8192 // behind the two heads
)

// cut is what a power cut leaves of a transaction that makes after of before: it grows
// the file and syncs it, writes pages and syncs them, writes a head and syncs it. What
// was written since the last sync is there, sector by sector, as chance will have it.
func cut(r *rand.Rand, before, after []byte, head bool) []byte {
	b := append([]byte(nil), before...)
	if len(after) > len(b) && (head || r.IntN(3) > 0) {
		b = append(b, make([]byte, len(after)-len(b))...)
	}
	share := r.IntN(5) // of four, so that all and nothing occur
	for at := 0; at+sector <= len(b) && at+sector <= len(after); at += sector {
		behind := at >= headEnd
		if behind && head || behind != head && r.IntN(4) < share {
			copy(b[at:at+sector], after[at:])
		}
	}
	return b
}

// TestPowerCut cuts the power in the middle of random commits, in many ways each: the
// file has the commit whole or the one before, and takes the next one.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 1))
	path := filepath.Join(t.TempDir(), "s.db")
	broken := filepath.Join(t.TempDir(), "cut.db")
	s := open(t, path)
	seen := map[bool]int{} // by whether the commit is there
	for n := range uint64(24) {
		before, err := os.ReadFile(path)
		must(t, err)
		_, old := load(t, s)
		txn := persist.Txn{Base: n, Forget: n / 2}
		var records []persist.Record
		for range 1 + r.IntN(20) {
			k := fmt.Sprintf("/m:list[k='%d']", r.IntN(300))
			records = append(records, put(k, strings.Repeat("x", r.IntN(1<<r.IntN(14)))))
		}
		txn.Commits = []persist.Commit{{Head: persist.Head{Revision: n + 1}, Records: unique(records)}}
		must(t, s.Commit(ctx, txn))
		_, now := load(t, s)
		after, err := os.ReadFile(path)
		must(t, err)
		for i := range 24 {
			write(t, broken, cut(r, before, after, i%2 == 0))
			state, got, err := openLoad(broken)
			if err != nil {
				t.Fatalf("commit %d, cut %d: %v", n+1, i, err)
			}
			want := old
			if state.Head.Revision == n+1 {
				want = now
			}
			if state.Head.Revision < n || !maps.Equal(got, want) {
				t.Fatalf("commit %d, cut %d: commit %d is there, with %d records", n+1, i, state.Head.Revision, len(got))
			}
			seen[state.Head.Revision > n]++
			if i%10 == 0 {
				goesOn(t, broken, state.Head.Revision)
			}
		}
	}
	must(t, s.Close())
	if seen[true] < 100 || seen[false] < 100 {
		t.Errorf("too few of one kind: %v", seen)
	}
}

func unique(records []persist.Record) (out []persist.Record) {
	seen := map[string]bool{}
	for _, r := range records {
		if !seen[r.Key] {
			seen[r.Key] = true
			out = append(out, r)
		}
	}
	return out
}

// goesOn makes a commit in the file and looks at all of it.
func goesOn(t *testing.T, path string, base uint64) {
	t.Helper()
	s := open(t, path)
	must(t, commit(s, base, put("/next", "x")))
	must(t, s.Close())
	im, err := bolt.ReadImage(path)
	must(t, err)
	defer im.Close()
	if problems := append(im.Problems, im.CheckPages()...); len(problems) > 0 {
		t.Fatal(problems)
	}
}

// TestPowerCutOfUpgrade: a file of the first format is as it was or upgraded.
func TestPowerCutOfUpgrade(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 1))
	f, err := os.Open("../testdata/format1.db.gz")
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	before, err := io.ReadAll(z)
	must(t, err)
	path := write(t, filepath.Join(t.TempDir(), "s.db"), before)
	wantState, want, err := openLoad(path)
	must(t, err)
	after, err := os.ReadFile(path)
	must(t, err)
	if bytes.Equal(before, after) || len(want) == 0 {
		t.Fatal("it was not upgraded")
	}
	for i := range 200 {
		write(t, path, cut(r, before, after, i%2 == 0))
		if state, got, err := openLoad(path); err != nil || state.Head != wantState.Head || !maps.Equal(got, want) {
			t.Fatalf("cut %d: %+v %v", i, state, err)
		}
	}
}
