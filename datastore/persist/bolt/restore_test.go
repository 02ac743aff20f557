package bolt_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/persist/bolt"
)

// TestRestoreAnywhere makes random commits, forgets, damages the newest state, replaces
// the file by one with an older state, and goes on: after each step the image has every
// commit that it says is whole as it was, the numbers go on, and what leads back does.
func TestRestoreAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		folder, err := os.MkdirTemp(t.TempDir(), "")
		must(t, err)
		f := &restored{T: rt, path: filepath.Join(folder, "s.db"), states: []map[string]string{{}}}
		for range rapid.IntRange(1, 4).Draw(rt, "steps") {
			switch rapid.IntRange(0, 2).Draw(rt, "step") {
			case 0, 1:
				f.commits()
			case 2:
				f.replace()
			}
			f.look()
		}
	})
}

type restored struct {
	*rapid.T
	path   string
	states []map[string]string // by commit
	oldest int                 // the oldest that must be kept
}

func (f *restored) open() *bolt.Store {
	s, err := bolt.Open(f.path)
	f.must(err)
	return s
}

func (f *restored) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// commits makes a few, and forgets some.
func (f *restored) commits() {
	s := f.open()
	defer s.Close()
	for range rapid.IntRange(1, 5).Draw(f.T, "commits") {
		n := len(f.states)
		now := maps.Clone(f.states[n-1])
		var records []persist.Record
		for k := range 5 {
			key := fmt.Sprintf("/m:list[k='%d']", k)
			switch rapid.IntRange(0, 3).Draw(f.T, "change") {
			case 0:
				records = append(records, persist.Record{Key: key})
				delete(now, key)
			case 1:
				value := fmt.Sprintf("<value %d of commit %d>", k, n)
				records = append(records, put(key, value))
				now[key] = value
			}
		}
		t := persist.Txn{Base: uint64(n - 1), Commits: []persist.Commit{{Head: persist.Head{Revision: uint64(n)}, Records: records}}}
		if rapid.IntRange(0, 5).Draw(f.T, "forget") == 0 {
			t.Forget = uint64(n / 2)
			f.oldest = max(f.oldest, n/2+1)
		}
		f.must(s.Commit(ctx, t))
		f.states = append(f.states, now)
	}
}

// replace does what a restore of a damaged file does.
func (f *restored) replace() {
	if len(f.states) == 1 {
		return
	}
	im, err := bolt.ReadImage(f.path)
	f.must(err)
	defer im.Close()
	n := rapid.IntRange(max(f.oldest, 1), len(f.states)-1).Draw(f.T, "restored")
	c, err := im.At(uint64(n))
	f.must(err)
	if !c.Whole {
		f.Fatalf("commit %d is not whole", n)
	}
	saved, err := im.Replace(c.Records, persist.Head{Kind: "recover"}, time.Now())
	f.must(err)
	f.must(os.Remove(saved))
	f.states = append(f.states, f.states[n])
}

// look demands that all that is kept is as it was.
func (f *restored) look() {
	f.Helper()
	if len(f.states) == 1 {
		return
	}
	im, err := bolt.ReadImage(f.path)
	f.must(err)
	problems := append(im.Problems, im.CheckPages()...)
	if len(problems) > 0 || im.State.Head.Revision != uint64(len(f.states)-1) {
		f.Fatalf("head is %d, want %d; %v", im.State.Head.Revision, len(f.states)-1, problems)
	}
	for n := len(f.states) - 1; n >= max(f.oldest, 1); n-- {
		c, err := im.At(uint64(n))
		f.must(err)
		got := map[string]string{}
		for _, r := range c.Records {
			got[r.Key] = string(r.Value)
		}
		if !c.Whole || !maps.Equal(got, f.states[n]) {
			f.Fatalf("commit %d (whole: %v) is %q, want %q", n, c.Whole, got, f.states[n])
		}
	}
	f.must(im.Close())
	s := f.open()
	defer s.Close()
	got := map[string]string{}
	_, err = s.Load(ctx, func(r persist.Record) error { got[r.Key] = string(r.Value); return nil })
	f.must(err)
	for n := len(f.states) - 1; n > max(f.oldest, 1); n-- {
		undo, err := s.Undo(ctx, uint64(n))
		f.must(err)
		for _, r := range undo {
			if delete(got, r.Key); r.Value != nil {
				got[r.Key] = string(r.Value)
			}
		}
		if !maps.Equal(got, f.states[n-1]) {
			f.Fatalf("back at commit %d it is %q, want %q", n-1, got, f.states[n-1])
		}
	}
}
