package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// storied makes a file with 30 commits and returns the state that each left; states[0]
// is the empty one.
func storied(t testing.TB, path string) (states []map[string]string) {
	t.Helper()
	s := open(t, path)
	defer s.Close()
	states = []map[string]string{{}}
	r := rand.New(rand.NewPCG(1, 2))
	for n := range uint64(30) {
		now := maps.Clone(states[n])
		var records []persist.Record
		for i := range 8 {
			k := fmt.Sprintf("/m:list[k='%d']", r.IntN(10)*8+i)
			if i == 0 {
				k = strings.Repeat("/long", 300) + k
			}
			if v := fmt.Sprintf("<%d.%d>", n+1, i); r.IntN(4) > 0 {
				records, now[k] = append(records, put(k, v)), v
			} else {
				records = append(records, persist.Record{Key: k})
				delete(now, k)
			}
		}
		must(t, commit(s, n, records...))
		states = append(states, now)
	}
	return states
}

func image(t testing.TB, path string) *bolt.Image {
	t.Helper()
	im, err := bolt.ReadImage(path)
	must(t, err)
	t.Cleanup(func() { im.Close() })
	return im
}

// whole are the numbers of the commits whose state is whole.
func whole(im *bolt.Image) (out []uint64) {
	im.Back(func(h persist.Head, whole bool) bool {
		if whole {
			out = append(out, h.Revision)
		}
		return true
	})
	return out
}

func contentOf(t testing.TB, im *bolt.Image, n uint64) map[string]string {
	t.Helper()
	c, err := im.At(n)
	must(t, err)
	out := map[string]string{}
	for _, r := range c.Records {
		out[r.Key] = string(r.Value)
	}
	return out
}

// TestImage: of a file as it was written every commit can be had.
func TestImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	states := storied(t, path)
	im := image(t, path)
	if len(im.Problems) > 0 || len(im.CheckPages()) > 0 {
		t.Errorf("problems: %v, %v", im.Problems, im.CheckPages())
	}
	if got := whole(im); len(got) != 30 || got[0] != 30 || got[29] != 1 {
		t.Errorf("whole: %v", got)
	}
	for n := 1; n <= 30; n++ {
		if got := contentOf(t, im, uint64(n)); !maps.Equal(got, states[n]) {
			t.Errorf("commit %d: %v, want %v", n, got, states[n])
		}
	}
	for _, n := range []uint64{0, 31} {
		if _, err := im.At(n); err == nil {
			t.Errorf("there is a commit %d", n)
		}
	}
}

// TestImageNeedsTheFile: not while an agent runs on it.
func TestImageNeedsTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	defer s.Close()
	if _, err := bolt.ReadImage(path); !errors.Is(err, bolt.ErrInUse) {
		t.Errorf("image of a file in use: %v", err)
	}
}

// TestImageNeverLies: whatever is damaged, a commit that is said to be whole is
// exactly what it was, and only what is named is lost of one that is not.
func TestImageNeverLies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	states := storied(t, path)
	file, err := os.ReadFile(path)
	must(t, err)
	found := 0
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 3))
		b := slices.Clone(file)
		for range 1 + r.IntN(4) {
			switch r.IntN(4) {
			case 0:
				clear(b[r.IntN(len(b)/4096)*4096:][:4096])
			case 1:
				b[r.IntN(len(b)/4096)*4096+r.IntN(100)] ^= 1 << r.IntN(8)
			default:
				b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			}
		}
		im, err := bolt.ReadImage(write(t, path, b))
		if err != nil {
			continue // its format is not to be read
		}
		found += len(im.Problems)
		im.Back(func(h persist.Head, whole bool) bool {
			c, err := im.At(h.Revision)
			must(t, err)
			want := states[h.Revision]
			if whole && len(c.Records) != len(want) || c.Whole != whole {
				t.Fatalf("seed %d: commit %d has %d records, want %d", seed, h.Revision, len(c.Records), len(want))
			}
			for _, rec := range c.Records {
				if v, ok := want[rec.Key]; whole && (!ok || v != string(rec.Value)) {
					t.Fatalf("seed %d: commit %d, %s is %q, want %q", seed, h.Revision, rec.Key, rec.Value, v)
				}
			}
			return true
		})
		im.Close()
	}
	if found == 0 {
		t.Error("no damage was found")
	}
}

// TestReplace: a file whose newest state is damaged is replaced by one with an older
// state; the old one stays.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	states := storied(t, path)
	file, err := os.ReadFile(path)
	must(t, err)
	marker := []byte(states[30]["/m:list[k='7']"])
	for k, v := range states[30] { // a record of the newest commit
		if strings.HasPrefix(v, "<30.") && len(k) < 100 {
			marker = []byte(v)
		}
	}
	damaged := bytes.Replace(file, marker, []byte("<30!!!>")[:len(marker)], -1)
	im := image(t, write(t, path, damaged))
	if got := whole(im); len(got) != 29 || got[0] != 29 || len(im.Problems) == 0 {
		t.Fatalf("whole: %v, problems: %v", got, im.Problems)
	}
	newest, err := im.At(30)
	must(t, err)
	if newest.Whole || len(newest.Lost) != 1 || len(newest.Records) != len(states[30])-1 {
		t.Errorf("the newest: whole %v, lost %v, %d records", newest.Whole, newest.Lost, len(newest.Records))
	}
	c, err := im.At(29)
	must(t, err)
	saved, err := im.Replace(c.Records, persist.Head{Comment: "back"}, time.Unix(0, 0))
	must(t, err)
	must(t, im.Close())
	if kept, err := os.ReadFile(saved); err != nil || !bytes.Equal(kept, damaged) || !strings.HasSuffix(saved, ".damaged-19700101T000000.000000Z") {
		t.Errorf("the old file is not kept: %v", err)
	}
	s := open(t, path)
	defer s.Close()
	state, got := load(t, s)
	if !maps.Equal(got, states[29]) || state.Head.Revision != 31 || state.Head.Comment != "back" {
		t.Errorf("restored: %+v, %v, want %v", state.Head, got, states[29])
	}
	for n := uint64(31); n > 1; n-- { // 31 and 30 are as 29
		if want := states[min(n, 29)]; !maps.Equal(got, want) {
			t.Fatalf("commit %d: %v, want %v", n, got, want)
		}
		got = undone(t, s, n, got)
	}
	must(t, commit(s, 31, put("/", "next")))
}

// TestReplaceWithABrokenHistory: what lies behind a damaged entry goes.
func TestReplaceWithABrokenHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	for n, v := range []string{"one", "two-lost", "three", "four"} {
		must(t, commit(s, uint64(n), put("/a", v)))
	}
	must(t, s.Close())
	file, err := os.ReadFile(path)
	must(t, err)
	im := image(t, write(t, path, bytes.ReplaceAll(file, []byte("two-lost"), []byte("two-gone"))))
	if got := whole(im); len(im.Problems) != 1 || !slices.Equal(got, []uint64{4, 3}) {
		t.Fatalf("whole: %v, problems: %v", got, im.Problems)
	}
	if _, err := im.At(2); err == nil || !strings.Contains(err.Error(), "what leads back from commit 3") {
		t.Errorf("commit 2: %v", err)
	}
	c, err := im.At(4)
	must(t, err)
	_, err = im.Replace(c.Records, persist.Head{}, time.Unix(0, 0))
	must(t, err)
	must(t, im.Close())
	again := image(t, path)
	if got := whole(again); len(again.Problems) > 0 || !slices.Equal(got, []uint64{5, 4, 3}) {
		t.Errorf("whole: %v, problems: %v", got, again.Problems)
	}
}

// TestReplaceKeepsHistory: where the newest state is whole, all that leads back from
// it is kept.
func TestReplaceKeepsHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	states := storied(t, path)
	im := image(t, path)
	c, err := im.At(12)
	must(t, err)
	_, err = im.Replace(c.Records, persist.Head{}, time.Unix(0, 0))
	must(t, err)
	must(t, im.Close())
	s := open(t, path)
	defer s.Close()
	_, got := load(t, s)
	for n := uint64(31); n > 1; n-- {
		want := states[12]
		if n < 31 {
			want = states[n]
		}
		if !maps.Equal(got, want) {
			t.Fatalf("commit %d: %v, want %v", n, got, want)
		}
		got = undone(t, s, n, got)
	}
}
