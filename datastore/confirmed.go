package datastore

import (
	"context"
	"time"

	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Confirm makes a commit a confirmed one (RFC 6241 Section 8.4): it is taken back
// unless another commit confirms it in time.
type Confirm struct {
	Timeout time.Duration // 0 means ConfirmTimeout
	// Persist, where not empty, lets it outlive its session, and is the
	// persist-id that confirms or cancels it.
	Persist string
}

// ConfirmTimeout is how long a confirmed commit waits by default.
const ConfirmTimeout = 600 * time.Second

// notInTime is why a confirmed commit is taken back whose time is over.
const notInTime = "not confirmed in time"

// retryRevert is the wait before a confirmed commit that could not be taken back is
// taken back again.
var retryRevert = 10 * time.Second

// AppOutstanding is the error-app-tag of what has to wait for a confirmed commit
// (RFC 5717 Section 2.6.2).
const AppOutstanding = "outstanding-confirmed-commit"

// confirms returns what waits for its confirmation after a commit by x, given what
// waits before it.
func (x *Session) confirms(at *Snapshot, now *persist.Pending, o CommitOptions) (*persist.Pending, error) {
	if err := x.owns(now, o.PersistID); err != nil || o.Confirm == nil {
		return nil, err
	}
	p := &persist.Pending{
		Base: at.Head.Revision, Session: x.id, User: x.user.Name, PersistID: o.Confirm.Persist,
		Deadline: x.store.now().Add(o.Confirm.Timeout),
	}
	if o.Confirm.Timeout <= 0 {
		p.Deadline = x.store.now().Add(ConfirmTimeout)
	}
	if now != nil {
		p.Base, p.User = now.Base, now.User
		if p.PersistID == "" {
			p.PersistID = now.PersistID
		}
	}
	return p, nil
}

// owns refuses a session that may neither confirm nor cancel the confirmed commit p,
// if there is one.
func (x *Session) owns(p *persist.Pending, id string) error {
	switch {
	case p == nil && id == "":
		return nil
	case p == nil:
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "no confirmed commit waits for this persist-id")
	case id != p.PersistID && id != "":
		return rpcerr.NewProtocol(rpcerr.InvalidValue, "the persist-id is not that of the confirmed commit")
	case id == "" && p.PersistID != "":
		return outstanding("a confirmed commit waits for its confirmation with its persist-id")
	case id == "" && p.Session == 0:
		return outstanding("a confirmed commit of before the restart is about to be taken back")
	case id == "" && p.Session != x.id:
		return outstanding("a confirmed commit waits for its confirmation by session %d", p.Session)
	}
	return nil
}

func outstanding(format string, args ...any) error {
	return rpcerr.NewProtocol(rpcerr.InUse, format, args...).WithApp(AppOutstanding).WithReason(rpcerr.Conflict)
}

// overrules tells whether the session may take back p, of another user, without its
// persist-id: whom access control lets kill sessions may. Else a confirmed commit with a
// persist-id and a long time would keep all others from committing.
func (x *Session) overrules(p *persist.Pending) bool {
	kill := x.store.schema.RPC("ietf-netconf", "kill-session")
	return x.store.access != nil && kill != nil && p.User != x.user.Name && x.Calls(kill)
}

// CancelCommit takes the confirmed commit that waits back (RFC 6241 Section 8.4.4.1).
func (x *Session) CancelCommit(ctx context.Context, id string) (err error) {
	a := x.attempt(Edited, "cancel-commit", Running.String())
	defer func() { a.end(err) }()
	t := x.store.revert(ctx, "cancelled", func(now *persist.Pending) error {
		if now == nil {
			return rpcerr.NewProtocol(rpcerr.OperationFailed, "no confirmed commit waits for its confirmation")
		}
		if id == "" && x.overrules(now) {
			return nil
		}
		return x.owns(now, id)
	})
	t.session, t.attempt = x, a
	return x.store.submit(t)
}

// revert is the turn that goes back to before the confirmed commit, unless allowed,
// which sees what waits, refuses.
func (s *Store) revert(ctx context.Context, why string, allowed func(*persist.Pending) error) *turn {
	var waited *persist.Pending
	return &turn{
		ctx: ctx, alone: true, head: persist.Head{Kind: kindRevert, Comment: "confirmed commit " + why}, expired: why == notInTime,
		confirm: func(_ *Snapshot, now *persist.Pending) (*persist.Pending, error) {
			if err := allowed(now); err != nil {
				return nil, err
			}
			waited = now
			return nil, nil
		},
		plan: func(at *Snapshot) (*tree.Tree, error) {
			t, dropped, err := s.unconfirmed(ctx, waited.Base)
			s.report(dropped, waited.Base)
			if err != nil || s.recover {
				return t, err
			}
			return s.undone(ctx, at, waited, t)
		},
	}
}

// unconfirmed is what a confirmed commit on top of commit base goes back to: nothing
// where that is 0. With Options.Recover what does not fit the schema is dropped from it.
func (s *Store) unconfirmed(ctx context.Context, base uint64) (t *tree.Tree, dropped []error, err error) {
	if base == 0 {
		return tree.New(s.schema.Root), nil, nil
	}
	if !s.recover {
		t, err = s.At(ctx, base)
		return t, nil, err
	}
	t, err = s.back(ctx, base, func(e error) { dropped = append(dropped, e) })
	if err != nil {
		return nil, nil, err
	}
	t, more, err := s.reduce(ctx, t)
	return t, append(dropped, more...), err
}

// await starts the clock of p, nil for none, instead of the one before. Needs writer.
func (s *Store) await(p *persist.Pending) {
	if p == s.pending.Load() {
		return
	}
	if s.pending.Store(p); s.deadline != nil {
		s.deadline.Stop()
	}
	if p == nil {
		return
	}
	wait, why := p.Deadline.Sub(s.now()), notInTime
	if s.orphan(p) { // it ended while the commit was made, too early for orphaned
		wait, why = 0, "lost its session"
	}
	s.deadline = time.AfterFunc(wait, func() { s.takeBack(p, why) })
}

// orphan tells whether p is bound to a session that has ended.
func (s *Store) orphan(p *persist.Pending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.PersistID == "" && s.sessions[p.Session] == nil
}

// takeBack reverts p if it is what still waits.
func (s *Store) takeBack(p *persist.Pending, why string) {
	if p != s.pending.Load() { // a late clock takes no turn
		return
	}
	over := false
	err := s.submit(s.revert(context.Background(), why, func(now *persist.Pending) error {
		if over = now != p; over {
			return rpcerr.NewProtocol(rpcerr.OperationFailed, "it does not wait any more")
		}
		return nil
	}))
	if err == nil || over {
		return
	}
	s.log.Error("the confirmed commit could not be taken back, trying again", "wait", retryRevert, "error", err)
	s.writer.Lock()
	defer s.writer.Unlock()
	if p != s.pending.Load() {
		return
	}
	if s.deadline != nil {
		s.deadline.Stop()
	}
	s.deadline = time.AfterFunc(retryRevert, func() { s.takeBack(p, why) })
}

// Pending is the confirmed commit that waits for its confirmation, nil for none.
func (s *Store) Pending() *persist.Pending { return s.pending.Load() }

// orphaned takes back a confirmed commit whose session x has ended.
func (s *Store) orphaned(x *Session) {
	if p := s.pending.Load(); p != nil && p.Session == x.id && p.PersistID == "" {
		s.takeBack(p, "lost its session")
	}
}
