// Package logins holds back who tries to get in by guessing. There are two types. An
// [Attempt] is somebody's to be taken for a user; a [Lockout] sees every one, over all
// transports, counts those that fail, delays their answers, refuses passwords of who has
// failed too often, and reports each to whoever asked for that.
//
// Failures are counted of a user from a source, of a source over all users, and of a user
// over all sources. The first two lock for a time that doubles with each further failure.
// The last one does so for short times only, so that nobody can keep a user out by failing
// in his name; and neither of the last two holds for a user from where he has logged in
// before. Counts are in memory: a restart forgets them.
//
// Keys, certificates and tokens, which nobody guesses, are accepted from a source that is
// locked.
package logins

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/logging"
)

// ErrLocked is why an attempt was refused unseen. It is for logs: the client must not be
// able to tell it from a wrong password.
var ErrLocked = errors.New("there were too many failures: locked for a time")

// ErrBusy is why an attempt was refused unseen while too many others wait to be decided.
// It tells nothing of the user.
var ErrBusy = errors.New("too many others are logging in")

// most is how many of each kind of counts are kept, and of successes.
const most = 10_000

// Lockout counts failures. It is safe for concurrent use.
type Lockout struct {
	now    func() time.Time
	policy atomic.Pointer[Policy]
	tell   []func(Attempt)
	totals totals
	log    *slog.Logger
	store  *datastore.Store  // nil for none
	told   logging.Allowance // of locks

	mu      sync.Mutex
	ledgers [3]*ledger
	turns   map[netip.Prefix]*turn
	held    map[netip.Prefix]int // answers that are being delayed
	holding int                  // all of them
}

// New makes a Lockout that goes by a Policy, unless it follows a Store.
func New(p Policy) *Lockout {
	l := &Lockout{
		told: logging.Allowance{Most: mostTold, Again: tellAgain},
		now:  time.Now, log: slog.New(slog.DiscardHandler),
		ledgers: [3]*ledger{newLedger(management), newLedger(alto), newLedger(metrics)},
		turns:   map[netip.Prefix]*turn{}, held: map[netip.Prefix]int{},
	}
	l.policy.Store(&p)
	return l
}

// OnAttempt has f called with each attempt, once it is decided and before it is answered.
// Only before the first attempt.
func (l *Lockout) OnAttempt(f func(Attempt)) { l.tell = append(l.tell, f) }

// Try decides an attempt with a password: with an error unless check returns none. Attempts
// of one source are checked one at a time, so that many at once are no way round the
// limits. known may be nil; where it is true check would succeed and costs nobody time. A
// client that is locked gets neither called; where very many attempts wait to be checked
// another one, of a user who has not logged in from the source before, is ErrBusy. The answer to a failure is delayed, unless
// too many are already; when ctx ends, waiting does too. A nil Lockout only checks.
func (l *Lockout) Try(ctx context.Context, a Attempt, known func() bool, check func() error) error {
	if l == nil {
		return check()
	}
	start, k, g := l.now(), a.key(), l.ledger(&a)
	a.Result, a.Cause = l.decide(ctx, g, k, known, check)
	failures := l.settle(&a, g, k)
	if a.Cause != nil && a.Cause != ErrBusy && !errors.As(a.Cause, new(noGuess)) {
		l.hold(ctx, k.source, start, failures)
	}
	return a.Cause
}

// Note counts an attempt that was decided without Try: by a key, certificate or token,
// which failed where Cause is not nil. Those who fail are nobody; what counts is the source.
// A nil Lockout hears nothing.
func (l *Lockout) Note(a Attempt) {
	if l == nil {
		return
	}
	a.Result = Success
	k, g := a.key(), l.ledger(&a)
	if a.Cause != nil {
		a.Result, k.user = Failure, ""
		l.fail(g, k)
	}
	l.settle(&a, g, k)
}

// Report passes on an attempt that is not to be counted: a key of several that a client
// offers.
func (l *Lockout) Report(a Attempt) {
	a.Result = Success
	if a.Cause != nil {
		a.Result = Failure
	}
	l.report(&a)
}

// decide lets check decide where nothing is locked.
func (l *Lockout) decide(ctx context.Context, g *ledger, k key, known func() bool, check func() error) (Result, error) {
	if l.locked(g, k) {
		return Locked, ErrLocked
	}
	if known != nil && known() {
		return Success, nil
	}
	leave, err := l.wait(ctx, g, k)
	if err != nil {
		return Locked, err
	}
	defer leave()
	if l.locked(g, k) {
		return Locked, ErrLocked
	}
	err = check()
	switch {
	case err == nil:
		return Success, nil
	case !errors.As(err, new(noGuess)):
		l.fail(g, k)
	}
	return Failure, err
}

// noGuess is an error of a check that is not counted.
type noGuess struct{ error }

// NoGuess makes of an error one that is not counted when a check returns it: it comes from
// who knows the password.
func NoGuess(err error) error { return noGuess{err} }

// Holds tells whether an attempt with a password would be refused now.
func (l *Lockout) Holds(a Attempt) bool { return l != nil && l.locked(l.ledger(&a), a.key()) }

// locked tells whether a password of the user from the source is to be refused.
func (l *Lockout) locked(g *ledger, k key) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return g.locked(k, l.now())
}

// fail counts a failure, and tells of what it locks; the user may be "".
func (l *Lockout) fail(g *ledger, k key) {
	p, now := l.policy.Load(), l.now()
	var locked []count
	l.mu.Lock()
	in := func(t *table, k key, by limit, must bool) {
		c := t.place(k, now, must)
		if c == &t.rest { // of many, of whom most have not failed
			by.longest = min(by.longest, p.LongestUserLock)
		}
		if c.fail(now, by, p.Window) {
			locked = append(locked, *c)
		}
	}
	in(g.sources, key{source: k.source}, p.source(), false)
	if k.user != "" {
		in(g.pairs, k, p.pair(), g.good.has(k))
		in(g.users, key{user: k.user}, p.user(), false)
	}
	l.mu.Unlock()
	for _, c := range locked {
		l.announce(g.service, &c)
	}
}

// settle makes an attempt that is decided count, and reports it. It returns the failures
// that the answer is to be delayed for.
func (l *Lockout) settle(a *Attempt, g *ledger, k key) (failures int) {
	now := l.now()
	a.Time = now
	l.mu.Lock()
	switch {
	case a.Result == Success && k.user != "":
		g.pairs.drop(k)
		a.Again = g.good.note(k, a.Transport, now)
	case a.Result != Success:
		for _, c := range []*count{g.pairs.of(k), g.sources.of(key{source: k.source})} {
			if c != nil && !c.over(now, l.policy.Load().Window) {
				failures = max(failures, c.failures)
			}
		}
	}
	l.mu.Unlock()
	l.report(a)
	return failures
}

func (l *Lockout) report(a *Attempt) {
	if a.Time.IsZero() {
		a.Time = l.now()
	}
	l.totals.add(a)
	for _, f := range l.tell {
		f(*a)
	}
}
