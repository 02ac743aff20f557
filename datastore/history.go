package datastore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Retention says how much history is kept. The newest commit always is.
type Retention struct {
	Commits int           // at most so many; 0 means DefaultCommits
	Age     time.Duration // none older than this; 0 means whatever the age
	Size    int64         // of the values that changed, in octets at most; 0 means DefaultSize
}

// The kinds of commits that are no plain edits: see persist.Head.
const (
	kindRollback  = "rollback"
	kindConfirmed = "confirmed"
	kindRevert    = "revert"
	kindRecover   = "recover"
	kindSeed      = "seed"
)

// DefaultCommits is the number of commits kept unless Retention says otherwise.
const DefaultCommits = 10_000

// DefaultSize is how much the values take, in octets, unless Retention says otherwise.
const DefaultSize = 2 << 30

// forgetAtOnce bounds the old commits that one transaction forgets besides as many as
// it adds.
const forgetAtOnce = 64

// history knows which commits are kept. It is guarded by writer.
type history struct {
	kept []stamp // oldest first
	size int64   // of them all
}

type stamp struct {
	revision uint64
	time     time.Time
	size     int64
}

func (h *history) keep(head persist.Head) {
	h.kept = append(h.kept, stamp{head.Revision, head.Time, head.Size})
	h.size += head.Size
}

// load reads which commits the backend has.
func (h *history) load(ctx context.Context, b persist.Backend) error {
	err := b.Commits(ctx, 0, func(head persist.Head) bool {
		h.keep(head)
		return true
	})
	slices.Reverse(h.kept)
	return err
}

func (h *history) add(t persist.Txn) {
	for _, c := range t.Commits {
		h.keep(c.Head)
	}
	n := 0
	for n < len(h.kept) && h.kept[n].revision <= t.Forget {
		h.size -= h.kept[n].size
		n++
	}
	h.kept = h.kept[n:]
}

// forget returns the newest commit that need not be kept any more once those of t
// are added, 0 for none. What a confirmed commit would go back through stays.
func (h *history) forget(r Retention, now time.Time, t persist.Txn) uint64 {
	if r.Commits <= 0 {
		r.Commits = DefaultCommits
	}
	r.Size = cmp.Or(r.Size, DefaultSize)
	more, size, p := len(t.Commits), h.size, t.Pending
	for _, c := range t.Commits {
		size += c.Head.Size
	}
	var last uint64
	for i, k := range h.kept[:min(len(h.kept), forgetAtOnce+more)] {
		tooMany := len(h.kept)+more-i > r.Commits
		tooOld := r.Age > 0 && now.Sub(k.time) > r.Age
		tooLarge := size > r.Size
		if !tooMany && !tooOld && !tooLarge || p != nil && k.revision > p.Base || i == len(h.kept)-1 && more == 0 {
			break
		}
		last, size = k.revision, size-k.size
	}
	return last
}

// Retain sets where the retention of the history comes from: f is given each new
// running. Only before Start.
func (s *Store) Retain(f func(running *tree.Tree) Retention) { s.retention = f }

// keep is the retention that the last change of a group asks for.
func (s *Store) keep(group []*staged) Retention {
	if s.retention == nil {
		return Retention{}
	}
	return s.retention(group[len(group)-1].next.Tree)
}

// Commits calls f for each commit that is kept and not newer than from, newest first,
// until f returns false; from 0 is the newest.
func (s *Store) Commits(ctx context.Context, from uint64, f func(persist.Head) bool) error {
	return s.backend.Commits(ctx, from, f)
}

// Labelled returns the number of the newest commit with the label, a data-missing
// error when none is kept.
func (s *Store) Labelled(ctx context.Context, label string) (n uint64, err error) {
	err = s.Commits(ctx, 0, func(h persist.Head) bool {
		if h.Label == label {
			n = h.Revision
		}
		return n == 0
	})
	if err == nil && n == 0 {
		err = rpcerr.New(rpcerr.DataMissing, "", "no commit that is kept has the label %q", label)
	}
	return n, err
}

// At returns running as commit n left it; it shares with running what they have in
// common. The error is data-missing when there is no such commit or it is not kept
// any more. Cost is that of what the commits after n changed.
func (s *Store) At(ctx context.Context, n uint64) (*tree.Tree, error) { return s.back(ctx, n, nil) }

// back is At. What does not fit the schema is told to misfit, or an error where that
// is nil.
func (s *Store) back(ctx context.Context, n uint64, misfit func(error)) (*tree.Tree, error) {
	at := s.running.Load()
	if n == 0 || n > at.Head.Revision {
		return nil, rpcerr.New(rpcerr.DataMissing, "", "there is no commit %d; the newest is %d", n, at.Head.Revision)
	}
	t := at.Tree
	for r := at.Head.Revision; r > n; r-- {
		undo, err := s.backend.Undo(ctx, r)
		if errors.Is(err, persist.ErrForgotten) {
			return nil, rpcerr.New(rpcerr.DataMissing, "", "the history does not reach back to commit %d any more; the oldest is %d", n, r)
		}
		if err != nil {
			return nil, &rpcerr.Error{Tag: rpcerr.OperationFailed, Err: err, Message: "the history could not be read"}
		}
		var problems []error
		if t, problems = persist.Apply(s.schema, t, undo); misfit != nil {
			for _, p := range problems {
				misfit(p)
			}
		} else if len(problems) > 0 {
			return nil, &rpcerr.Error{
				Tag: rpcerr.OperationFailed, Err: joinAll(problems),
				Message: fmt.Sprintf("what commit %d changed does not fit the modules that are loaded now", r),
			}
		}
	}
	return t, nil
}

// Rollback makes running what it was after commit n: an ordinary commit. Of o Comment,
// Label and After count.
func (x *Session) Rollback(ctx context.Context, n uint64, o EditOptions) (err error) {
	a := x.attempt(Edited, "rollback", Running.String())
	defer func() { a.end(err) }()
	t := x.turn(ctx, o)
	t.head.Kind, t.attempt = kindRollback, a
	t.plan = func(at *Snapshot) (*tree.Tree, error) {
		to, err := x.store.sealedAt(ctx, at, n)
		a.would(at.Tree, to)
		return x.judged(at.Tree, to, err)
	}
	return x.told(x.store.submit(t))
}
