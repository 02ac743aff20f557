package bolt_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/persist"
)

// TestDamageWhileOpen does to a file that is open what other programs can. A commit is
// refused with the name of the file, or is there afterwards; nothing hangs or panics;
// and once the file is as it was, commits are made again.
func TestDamageWhileOpen(t *testing.T) {
	good, state, records := filled(t)
	older := filepath.Join(t.TempDir(), "older.db")
	s := open(t, older)
	must(t, commit(s, 0, put("/other", "content")))
	for n := range uint64(21) {
		must(t, commit(s, n+1, put("/other", fmt.Sprint(n))))
	}
	must(t, s.Close())
	other, err := os.ReadFile(older)
	must(t, err)

	inPlace := func(b []byte) func(path string) error {
		return func(path string) error { return os.WriteFile(path, b, 0o600) }
	}
	changed := func(f func(b []byte)) func(path string) error {
		b := append([]byte(nil), good...)
		f(b)
		return func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt(b, 0)
			f.Close()
			return err
		}
	}
	renamed := func(b []byte) func(path string) error {
		return func(path string) error {
			if err := os.WriteFile(path+".new", b, 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}
	}
	truncated := func(n int) func(path string) error {
		return func(path string) error { return os.Truncate(path, int64(n)) }
	}
	ways := map[string]func(path string) error{
		"removed":                   os.Remove,
		"moved":                     func(path string) error { return os.Rename(path, path+".moved") },
		"replaced by the same":      renamed(good),
		"replaced by another":       renamed(other),
		"replaced by another kind":  renamed([]byte("text")),
		"another store in place":    inPlace(other),
		"other text in place":       inPlace([]byte("text")),
		"truncated to nothing":      truncated(0),
		"truncated to a page":       truncated(4096),
		"truncated to its heads":    truncated(8192),
		"truncated to half":         truncated(len(good) / 2 &^ 4095),
		"truncated within a page":   truncated(len(good)/2 + 77),
		"heads of zeros":            changed(func(b []byte) { clear(b[:8192]) }),
		"one head of zeros":         changed(func(b []byte) { clear(b[:4096]) }),
		"the other head of zeros":   changed(func(b []byte) { clear(b[4096:8192]) }),
		"all behind heads of zeros": changed(func(b []byte) { clear(b[8192:]) }),
		"all of zeros":              changed(func(b []byte) { clear(b) }),
		"all of ones": changed(func(b []byte) {
			for i := 8192; i < len(b); i++ {
				b[i] = 0xFF
			}
		}),
	}
	gone := map[string]bool{"removed": true, "moved": true, "replaced by another": true, "another store in place": true}
	for name, damage := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, filepath.Join(t.TempDir(), "s.db"), good)
			s := open(t, path)
			must(t, damage(path))
			var err error
			done := make(chan error, 1)
			go func() {
				err := commit(s, state.Head.Revision, put("/m:list[k='9']", "new"), put("/m:list[k='333']", "new"))
				_ = s.Commits(ctx, 0, func(persist.Head) bool { return true })
				_, _ = s.Undo(ctx, state.Head.Revision)
				_, _ = s.Load(ctx, func(persist.Record) error { return nil })
				_ = commit(s, state.Head.Revision+1, put("/", "again"))
				done <- err
			}()
			select {
			case err = <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("it hangs")
			}
			must(t, s.Close())
			got, gotRecords, reopened := openLoad(path)
			switch {
			case err == nil: // the head that it lost was the older one
				if got.Head.Revision != state.Head.Revision+2 || gotRecords["/m:list[k='9']"] != "new" {
					t.Errorf("commits were made, the next start has %+v %v", got, reopened)
				}
			case !strings.Contains(err.Error(), path):
				t.Errorf("the refusal does not name the file: %v", err)
			case reopened != nil:
				if !strings.Contains(reopened.Error(), path) {
					t.Errorf("the next start: %v", reopened)
				}
			case gone[name]:
			case got.Head != state.Head || !maps.Equal(gotRecords, records):
				t.Errorf("the next start has %+v", got)
			}
		})
	}
}

// TestMovedAway: a file that is moved away takes no commit; put back, it does.
func TestMovedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	must(t, commit(s, 0, put("/a", "1")))
	must(t, os.Rename(path, path+".away"))
	if err := commit(s, 1, put("/a", "2")); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a commit to a file without its name: %v", err)
	}
	must(t, os.WriteFile(path, nil, 0o600))
	if err := commit(s, 1, put("/a", "2")); err == nil {
		t.Error("a commit while another file has the name")
	}
	must(t, os.Rename(path+".away", path))
	must(t, commit(s, 1, put("/a", "3")))
	must(t, s.Close())
	if state, got, err := openLoad(path); err != nil || state.Head.Revision != 2 || got["/a"] != "3" {
		t.Errorf("%+v %v %v", state, got, err)
	}
}

// TestReopenForeign: when the disk has failed and another program has changed the file
// before it is opened anew, nothing is built on what it left.
func TestReopenForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	must(t, commit(s, 0, put("/a", "1")))
	before, err := os.ReadFile(path)
	must(t, err)
	must(t, os.Truncate(path, 100))
	if err := commit(s, 1, put("/a", "2")); err == nil {
		t.Fatal("a commit to a file that is cut short")
	}
	foreign := filepath.Join(t.TempDir(), "f.db")
	f := open(t, foreign)
	must(t, commit(f, 0, put("/b", "1")))
	must(t, f.Close())
	b, err := os.ReadFile(foreign)
	must(t, err)
	write(t, path, b)
	if err := commit(s, 1, put("/a", "2")); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("a commit on the state of another store: %v", err)
	}
	write(t, path, before)
	must(t, commit(s, 1, put("/a", "2")))
	if state, got := load(t, s); state.Head.Revision != 2 || got["/a"] != "2" {
		t.Errorf("%+v %v", state, got)
	}
	must(t, s.Close())
}
