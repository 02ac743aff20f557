package logins

import (
	"context"
	"net/netip"
	"time"
)

// turn has one attempt of a source checked at a time.
type turn struct {
	free  chan struct{} // one place
	users int           // who wait or are checked. Guarded by Lockout.mu.
}

// How many attempts wait to be checked at a time, of a service and of one source.
const (
	mostWaiting           = 1024
	mostWaitingFromSource = 256
)

// wait waits for the turn of a source, until ctx ends. The caller leaves it. Too many waiting
// already are ErrBusy for who has not logged in from there before.
func (l *Lockout) wait(ctx context.Context, g *ledger, k key) (leave func(), err error) {
	l.mu.Lock()
	t := l.turns[k.source]
	if t == nil {
		t = &turn{free: make(chan struct{}, 1)}
	}
	if (g.waiting >= mostWaiting || t.users >= mostWaitingFromSource) && !g.good.has(k) {
		l.mu.Unlock()
		return nil, ErrBusy
	}
	l.turns[k.source] = t
	g.waiting++
	t.users++
	l.mu.Unlock()
	gone := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		g.waiting--
		if t.users--; t.users == 0 {
			delete(l.turns, k.source)
		}
	}
	select {
	case t.free <- struct{}{}:
		return func() { <-t.free; gone() }, nil
	case <-ctx.Done():
		gone()
		return nil, ctx.Err()
	}
}

// How many answers are delayed at a time, in all and of one source.
const (
	mostHeld           = 1024
	mostHeldFromSource = 16
)

// hold delays the answer to a failure: to a multiple of the delay of the policy after the
// start, which hides how long the check took, and the longer the more failures there are.
// Where too many answers wait already it does not.
func (l *Lockout) hold(ctx context.Context, source netip.Prefix, start time.Time, failures int) {
	p := l.policy.Load()
	if p.Delay <= 0 || !l.holds(source, 1) {
		return
	}
	defer l.holds(source, -1)
	wait := min(time.Duration(max(1, failures))*p.Delay, max(p.Delay, p.LongestDelay))
	for took := l.now().Sub(start); wait < took; {
		wait += p.Delay
	}
	t := time.NewTimer(wait - l.now().Sub(start))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// holds adds to the number of answers that wait, unless there are too many.
func (l *Lockout) holds(source netip.Prefix, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 && (l.holding >= mostHeld || l.held[source] >= mostHeldFromSource) {
		return false
	}
	l.holding += n
	if l.held[source] += n; l.held[source] == 0 {
		delete(l.held, source)
	}
	return true
}
