package datastore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// gate is a Participant that waits in its first Prepare, so that turns queue up, and
// refuses rooms called "bad".
type gate struct {
	entered, open chan struct{}
	once          sync.Once
	prepares      atomic.Int32
}

func newGate() *gate { return &gate{entered: make(chan struct{}), open: make(chan struct{})} }

func (*gate) Name() string { return "gate" }

func (g *gate) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	g.prepares.Add(1)
	g.once.Do(func() {
		close(g.entered)
		<-g.open
	})
	for _, ch := range c.Diff.Root.Children {
		if n := ch.New; n != nil {
			for r := range n.Children() {
				if r.Schema().Name == "room" && r.Leaf("name").String() == "bad" {
					return nil, rpcerr.New(rpcerr.ResourceDenied, "", "no room for bad")
				}
			}
		}
	}
	return g, nil
}

func (*gate) Apply() {}
func (*gate) Abort() {}

// counting counts the transactions of a Backend.
type counting struct {
	persist.Backend
	commits atomic.Int32
}

func (c *counting) Commit(ctx context.Context, t persist.Txn) error {
	c.commits.Add(1)
	return c.Backend.Commit(ctx, t)
}

// gated starts a store whose first commit waits in g, with that commit under way.
func gated(t *testing.T, g *gate) (*fixture, *counting) {
	return gatedAfter(t, g, func(*fixture) {})
}

// gatedAfter does something before.
func gatedAfter(t *testing.T, g *gate, before func(*fixture)) (*fixture, *counting) {
	var backend *counting
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, o *datastore.Options) {
		if o != nil {
			backend = &counting{Backend: o.Backend}
			o.Backend = backend
		} else {
			s.AddParticipant(g)
		}
	})
	before(f)
	x := f.session()
	go func() { _ = x.Edit(ctx, datastore.Running, f.merge("owner", "first"), datastore.EditOptions{}) }()
	<-g.entered
	return f, backend
}

// TestWritersShareATransaction: of turns that wait together each is judged by itself,
// and those that are right become durable at once, each a commit of its own.
func TestWritersShareATransaction(t *testing.T) {
	g := newGate()
	f, backend := gated(t, g)
	const writers = 32
	errs := make([]error, writers)
	after := make([]uint64, writers)
	var wg, queued sync.WaitGroup
	for i := range writers {
		wg.Add(1)
		queued.Add(1)
		go func() {
			defer wg.Done()
			x := f.session()
			e := f.room(fmt.Sprintf("r%d", i))
			if i%4 == 3 {
				e = f.merge("main", "nowhere")
			}
			queued.Done()
			errs[i] = x.Edit(ctx, datastore.Running, e, datastore.EditOptions{
				Comment: fmt.Sprint(i), After: func(s *datastore.Snapshot) { after[i] = s.Head.Revision },
			})
		}()
	}
	queued.Wait()
	time.Sleep(20 * time.Millisecond)
	close(g.open)
	wg.Wait()

	comments := map[uint64]string{}
	must(t, f.Commits(ctx, 0, func(h persist.Head) bool { comments[h.Revision] = h.Comment; return true }))
	seen := map[uint64]bool{}
	for i, err := range errs {
		if i%4 == 3 {
			if err == nil || !strings.Contains(err.Error(), "nowhere") || after[i] != 0 {
				t.Errorf("writer %d: %v after %d, want its leafref refused", i, err, after[i])
			}
			continue
		}
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
		if n := after[i]; seen[n] || n < 2 || n > 25 || comments[n] != fmt.Sprint(i) {
			t.Errorf("writer %d made commit %d, whose comment is %q", i, n, comments[n])
		}
		seen[after[i]] = true
		at, err := f.At(ctx, after[i])
		must(t, err)
		if p := f.at(fmt.Sprintf("/house:house/room[name='r%d']", i)); at.Find(p) == nil {
			t.Errorf("commit %d has no r%d", after[i], i)
		}
	}
	if n := backend.commits.Load(); n > 6 { // modules, the first, and the few groups that formed
		t.Errorf("%d transactions for %d writers", n, writers)
	}
}

// TestRefusalHitsOnlyOne: a participant that refuses a group refuses only those turns
// that it refuses alone.
func TestRefusalHitsOnlyOne(t *testing.T) {
	g := newGate()
	f, _ := gated(t, g)
	names := []string{"a", "bad", "b"}
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = f.session().Edit(ctx, datastore.Running, f.room(name), datastore.EditOptions{})
		}()
	}
	time.Sleep(20 * time.Millisecond)
	close(g.open)
	wg.Wait()
	if errs[0] != nil || errs[2] != nil || !hasTag(errs[1], rpcerr.ResourceDenied) {
		t.Errorf("errors %v", errs)
	}
	if got := f.Running().Head.Revision; got != 3 {
		t.Errorf("revision %d, want 3", got)
	}
}

// TestReadersSeeWholeCommits: owner and secret are always written together.
func TestReadersSeeWholeCommits(t *testing.T) {
	f := start(t, filepath.Join(t.TempDir(), "s.db"), nil)
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				s := f.Running()
				if a, b := f.leaf(s.Tree, "owner"), f.leaf(s.Tree, "secret"); a != b {
					t.Errorf("owner %q, secret %q", a, b)
					return
				}
			}
		}()
	}
	for w := range 4 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			x := f.session()
			for i := range 10 {
				n := fmt.Sprint(w, i)
				e := f.xml("<owner>" + n + "</owner><secret>" + n + "</secret>")
				if err := x.Edit(ctx, datastore.Running, e, datastore.EditOptions{}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if got := f.Running().Head.Revision; got != 40 {
		t.Errorf("revision %d, want 40", got)
	}
}
