package datastore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
)

// follower is a Participant that follows running by its changes alone. It refuses and
// fails at times.
type follower struct {
	r       *rand.Rand
	now     *tree.Tree
	calm    bool // no more faults
	waiting bool // a change is prepared
	wrong   string
}

func (*follower) Name() string { return "follower" }

func (p *follower) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	switch {
	case p.waiting:
		p.wrong = "a change is prepared before the one before is over"
	case !tree.Compare(p.now, c.Old).Empty():
		p.wrong = "a change does not start from what was applied"
	}
	switch next, err := c.Diff.Apply(p.now); {
	case err != nil || !tree.Compare(next, c.New).Empty():
		p.wrong = "a change is not what its difference says"
	}
	switch n := p.r.IntN(30); {
	case p.calm || n > 2:
	case n > 0:
		return nil, rpcerr.New(rpcerr.ResourceDenied, "", "not now")
	default:
		panic("fault")
	}
	p.waiting = true
	return &following{p, c.New}, nil
}

type following struct {
	*follower
	next *tree.Tree
}

func (p *following) Apply() { p.waiting, p.now = false, p.next }
func (p *following) Abort() { p.waiting = false }

// turmoil is something that a session does.
func (f *fixture) turmoil(r *rand.Rand, x *datastore.Session) error {
	some := fmt.Sprint("r", r.IntN(8))
	ds := []datastore.Datastore{datastore.Running, datastore.Candidate}[r.IntN(2)]
	within, stop := context.WithTimeout(ctx, time.Duration(r.IntN(4000))*time.Microsecond)
	defer stop()
	var e *edit.Edit
	switch r.IntN(4) {
	case 0:
		e = f.room(some)
	case 1:
		e = f.xml(`<room xc:operation="delete"><name>` + some + `</name></room>`)
	case 2:
		e = f.merge("main", some)
	case 3:
		e = f.merge("owner", some)
	}
	switch r.IntN(16) {
	case 0:
		return x.Lock(ds)
	case 1:
		return x.Unlock(ds)
	case 2:
		_, err := f.lock(x, "/house:house/owner", "/house:house/room[name='"+some+"']")
		return err
	case 3:
		for _, l := range f.PartialLocks() {
			if l.Session == x.ID() {
				return x.PartialUnlock(l.ID)
			}
		}
		return nil
	case 4:
		x.TryEdit(within, e, datastore.EditOptions{})
		return nil
	case 5:
		x.TryCommit(ctx)
		return nil
	case 6:
		return x.Commit(ctx, datastore.CommitOptions{Confirm: &datastore.Confirm{Timeout: time.Duration(r.IntN(3000)) * time.Microsecond}})
	case 7:
		return x.CancelCommit(within, "")
	case 8:
		return x.Commit(ctx, datastore.CommitOptions{})
	case 9:
		return x.Discard(ctx)
	case 10:
		return x.Rollback(within, max(f.Running().Head.Revision, 3)-2, datastore.EditOptions{})
	case 11:
		return x.Validate(within, ds)
	case 12:
		return x.Copy(ctx, datastore.Candidate, ds, datastore.EditOptions{})
	}
	return x.Edit(within, ds, e, datastore.EditOptions{Base: uint64(r.IntN(2)) * f.Running().Head.Revision})
}

// TestTurmoil has many sessions do everything at once, end and be killed: nobody waits
// for ever, nothing is left over, and running is what the history says.
func TestTurmoil(t *testing.T) {
	before := runtime.NumGoroutine()
	p := &follower{r: rand.New(rand.NewPCG(0, 0))}
	f := start(t, filepath.Join(t.TempDir(), "s.db"), func(s *datastore.Store, _ *datastore.Options) {
		if s != nil {
			p.now = tree.New(s.Schema().Root)
			s.AddParticipant(p)
		}
	})
	var wg sync.WaitGroup
	for i := range 12 {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 6 {
				x := f.NewSession(datastore.User{}, datastore.Source{})
				for range 12 {
					if err := f.turmoil(r, x); err != nil && len(rpcerr.All(err)) == 0 {
						t.Errorf("%v is no error of a protocol", err)
					}
				}
				if others := f.Sessions(); r.IntN(2) == 0 && len(others) > 0 {
					_ = x.Kill(others[r.IntN(len(others))].ID())
				}
				x.Close()
			}
		}()
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(60 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("somebody waits for ever:\n%s", buf[:runtime.Stack(buf, true)])
	}
	x := f.session()
	f.settled() // a confirmed commit may be on its way back, or a late clock in its turn
	if len(f.Locks()) != 0 || len(f.PartialLocks()) != 0 || len(f.Sessions()) != 1 {
		t.Errorf("left over: locks %v and %v, %d sessions", f.Locks(), f.PartialLocks(), len(f.Sessions()))
	}
	must(t, x.Discard(ctx))
	p.calm = true
	f.own(x, "alive", datastore.EditOptions{})
	if p.wrong != "" || p.waiting || !tree.Compare(p.now, f.Running().Tree).Empty() {
		t.Errorf("the participant is left behind: %s", p.wrong)
	}
	next := f.Running().Head.Revision
	must(t, f.Commits(ctx, 0, func(h persist.Head) bool {
		if h.Revision != next {
			t.Errorf("commit %d follows %d", next, h.Revision)
		}
		next--
		return true
	}))
	if errs := f.Validator().Tree(ctx, f.Running().Tree, validate.Options{}); len(errs) > 0 {
		t.Errorf("running is invalid: %v", errs)
	}
	empty, err := f.At(ctx, 1)
	must(t, err)
	if tree.Compare(empty, f.Running().Tree).Empty() {
		t.Error("the first commit is the last")
	}
	for range 200 {
		if runtime.NumGoroutine() <= before+2 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
