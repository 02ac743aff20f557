package datastore

import (
	"context"
	"slices"
	"sync"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// queued counts a change that a user wants made or tried, which takes memory while it
// waits; beyond the bound that is a resource-denied because of a Busy. Otherwise the
// caller calls left.
func (b *budget) queued(user string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	most, s := b.bounds.Load().userChanges, b.share(user)
	if most > 0 && s.changes >= most {
		return b.busy("changes-per-user", true, "%d changes of a user are being made or wait: no more at once", most)
	}
	s.changes++
	return nil
}

func (b *budget) left(user string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.share(user).changes--
	b.tidy(user)
}

// StartDryRun waits until few enough dry runs take memory, whose outcomes hold much more
// than the requests. The caller calls end when it has tried the change and needs the
// Outcome no more; further calls of end do nothing. It must not wait for its client before.
// Too many of the user, or the end of ctx, is a resource-denied because of a Busy.
func (x *Session) StartDryRun(ctx context.Context) (end func(), err error) {
	b := &x.store.budget
	if err := b.queued(x.user.Name); err != nil {
		return nil, err
	}
	if err := b.try(ctx); err != nil {
		b.left(x.user.Name)
		return nil, err
	}
	return sync.OnceFunc(func() {
		b.mu.Lock()
		b.trying--
		b.begin()
		b.mu.Unlock()
		b.left(x.user.Name)
	}), nil
}

// try waits for the turn of a dry run.
func (b *budget) try(ctx context.Context) error {
	turn := make(chan struct{})
	b.mu.Lock()
	b.turns = append(b.turns, turn)
	b.begin()
	b.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.turns, turn)
	if i < 0 { // its turn came meanwhile
		return nil
	}
	b.turns = slices.Delete(b.turns, i, i+1)
	return b.busy("dry-runs", false, "the request ended while %d dry runs were being made: no more at once", b.trying)
}

// begin begins dry runs that wait, in their order, as far as the bound allows. Needs mu.
func (b *budget) begin() {
	most := b.bounds.Load().dryRuns
	for len(b.turns) > 0 && (most == 0 || b.trying < most) {
		close(b.turns[0])
		b.turns = b.turns[1:]
		b.trying++
	}
}

// validated is try for one who needs no more of the Outcome than its errors.
func (x *Session) validated(ctx context.Context, locked bool, plan func(at *Snapshot) (*tree.Tree, error)) error {
	b := &x.store.budget
	if err := b.queued(x.user.Name); err != nil {
		return err
	}
	defer b.left(x.user.Name)
	return rpcerr.Join(x.try(ctx, locked, plan).Errors)
}
