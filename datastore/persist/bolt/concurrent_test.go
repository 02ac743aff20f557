package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/persist"
)

// TestReadersAndWriters reads state, history and what leads back while commits are
// made: each read sees one commit's state whole, and the store closes under them.
func TestReadersAndWriters(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	must(t, commit(s, 0, put("/a", "1"), put("/b", "1")))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	read := func(f func() error) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := f(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 2 {
		read(func() error {
			got := map[string]string{}
			st, err := s.Load(ctx, func(r persist.Record) error { got[r.Key] = string(r.Value); return nil })
			if err == nil && (got["/a"] != got["/b"] || got["/a"] != fmt.Sprint(st.Head.Revision)) {
				err = fmt.Errorf("commit %d has %v", st.Head.Revision, got)
			}
			return err
		})
		read(func() error {
			last := uint64(0)
			err := s.Commits(ctx, 0, func(h persist.Head) bool {
				if last != 0 && h.Revision != last-1 {
					t.Errorf("commit %d after %d", h.Revision, last)
				}
				last = h.Revision
				return true
			})
			if err != nil || last == 0 {
				return errors.Join(err, fmt.Errorf("the oldest is %d", last))
			}
			undo, err := s.Undo(ctx, last+1)
			if errors.Is(err, persist.ErrForgotten) {
				return nil
			}
			if err == nil && (len(undo) != 2 || string(undo[0].Value) != fmt.Sprint(last)) {
				err = fmt.Errorf("what leads back to %d is %q", last, undo)
			}
			return err
		})
	}
	for n := uint64(1); n < 60; n++ {
		v := fmt.Sprint(n + 1)
		must(t, s.Commit(ctx, persist.Txn{Base: n, Forget: n / 2, Commits: []persist.Commit{{
			Head: persist.Head{Revision: n + 1}, Records: []persist.Record{put("/a", v), put("/b", v)},
		}}}))
	}
	close(stop)
	wg.Wait()
	must(t, s.Close())
}

// TestReadersWhileItGrows: a file that each commit makes longer was not cut short for
// those that read meanwhile.
func TestReadersWhileItGrows(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	must(t, commit(s, 0, put("/0", "")))
	var wg sync.WaitGroup
	grown := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for reading := true; reading; {
				select {
				case <-grown:
					reading = false
				default:
				}
				if _, err := s.Undo(ctx, 1); err != nil && !errors.Is(err, persist.ErrForgotten) {
					t.Error(err)
					return
				}
			}
		})
	}
	long := strings.Repeat("x", 8<<10)
	for n := uint64(1); n < 60; n++ {
		must(t, commit(s, n, put(fmt.Sprint("/", n), long)))
	}
	close(grown)
	wg.Wait()
	must(t, s.Close())
}

// TestSlowReader: commits do not wait for a reader, and other readers neither; what it
// holds on to is given back afterwards; Close waits for it.
func TestSlowReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	must(t, commit(s, 0, put("/a", "1"), put("/b", "1")))
	inside, leave := make(chan struct{}), make(chan struct{})
	slow, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		first := true
		_, err := s.Load(ctx, func(persist.Record) error {
			if first {
				close(inside)
				<-leave
			}
			first = false
			return nil
		})
		slow <- err
	}()
	<-inside
	done := make(chan error, 1)
	go func() {
		var err error
		for n := uint64(1); n < 40 && err == nil; n++ {
			err = commit(s, n, put("/a", fmt.Sprint(n)))
		}
		done <- errors.Join(err, s.Commits(ctx, 0, func(persist.Head) bool { return false }))
	}()
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("commits wait for a reader")
	}
	go func() { closed <- s.Close() }()
	select {
	case <-closed:
		t.Error("closed while it is read")
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	must(t, <-slow)
	must(t, <-closed)

	size := func() int64 {
		info, err := os.Stat(path)
		must(t, err)
		return info.Size()
	}
	before := size()
	s = open(t, path)
	for n := uint64(40); n < 80; n++ {
		must(t, s.Commit(ctx, persist.Txn{Base: n, Forget: n, Commits: []persist.Commit{{
			Head: persist.Head{Revision: n + 1}, Records: []persist.Record{put("/a", fmt.Sprint(n))},
		}}}))
	}
	must(t, s.Close())
	if after := size(); after > before {
		t.Errorf("the file grows from %d to %d bytes though pages are free", before, after)
	}
}

// TestClosed: a call after Close is an error, and so is one whose context has ended.
func TestClosed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	must(t, commit(s, 0, put("/a", "1")))
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := s.Load(ended, func(persist.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Load: %v", err)
	}
	if err := s.Commits(ended, 0, func(persist.Head) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Errorf("Commits: %v", err)
	}
	must(t, s.Close())
	must(t, s.Close())
	if err := commit(s, 1, put("/a", "2")); err == nil {
		t.Error("a commit after Close")
	}
	if _, err := s.Undo(ctx, 1); err == nil {
		t.Error("Undo after Close")
	}
	if _, err := s.Load(ctx, func(persist.Record) error { return nil }); err == nil {
		t.Error("Load after Close")
	}
}
