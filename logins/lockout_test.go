package logins

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestGuessesAtOnce has as many passwords looked at as one after the other would be.
func TestGuessesAtOnce(t *testing.T) {
	l, _ := clocked(Default())
	var looked atomic.Int32
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			a := Attempt{User: "admin", Remote: fmt.Sprintf("192.0.2.1:%d", i+1), Transport: RESTCONF, Method: Password}
			if l.Try(context.Background(), a, nil, func() error { looked.Add(1); time.Sleep(time.Millisecond); return errWrong }) == nil {
				t.Error("let in")
			}
		})
	}
	all.Wait()
	if n := looked.Load(); n != int32(Default().Failures) {
		t.Errorf("%d of 200 guesses at once were looked at, want %d", n, Default().Failures)
	}
	if len(l.turns) != 0 {
		t.Errorf("%d turns are left", len(l.turns))
	}
}

// TestNobodyIsLockedOut has somebody fail in the name of admin from thousands of addresses:
// admin gets in from where he has been before, and elsewhere when a short lock is over.
func TestNobodyIsLockedOut(t *testing.T) {
	l, c := clocked(Default())
	if r, _ := try(l, "admin", "198.51.100.1:1", true); r != Success {
		t.Fatal(r)
	}
	for i := range 3000 {
		try(l, "admin", fmt.Sprintf("10.0.%d.%d:1", i/250, i%250), false)
	}
	if r, looked := try(l, "admin", "203.0.113.1:1", true); r != Locked || looked {
		t.Errorf("from an address that is new: %s, want locked", r)
	}
	if r, _ := try(l, "admin", "198.51.100.1:7", true); r != Success {
		t.Errorf("from where admin was before: %s", r)
	}
	if r, _ := try(l, "bob", "203.0.113.1:1", true); r != Success {
		t.Errorf("another user: %s", r)
	}
	c.Time = c.Add(Default().LongestUserLock)
	if r, _ := try(l, "admin", "203.0.113.1:1", true); r != Success {
		t.Errorf("from an address that is new, after the lock: %s", r)
	}
}

// TestSpraying has one source try one password with many users.
func TestSpraying(t *testing.T) {
	l, _ := clocked(Default())
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Success {
		t.Fatal(r)
	}
	looked := 0
	for i := range 500 {
		if _, ok := try(l, fmt.Sprint("user", i), "192.0.2.1:1", false); ok {
			looked++
		}
	}
	if looked != Default().SourceFailures {
		t.Errorf("%d passwords of 500 were looked at, want %d", looked, Default().SourceFailures)
	}
	if r, _ := try(l, "bob", "192.0.2.1:1", true); r != Locked {
		t.Errorf("a right password from a source that is locked: %s", r)
	}
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Success {
		t.Errorf("somebody who was there before: %s", r)
	}
	if r, _ := try(l, "bob", "192.0.2.2:1", true); r != Success {
		t.Errorf("from another source: %s", r)
	}
}

// TestMemory has a flood of addresses and names: counts are bounded, and a lock outlives
// them.
func TestMemory(t *testing.T) {
	l, c := clocked(Default())
	l.ledgers[0].pairs.most, l.ledgers[0].sources.most, l.ledgers[0].users.most, l.ledgers[0].good.most = 100, 100, 100, 10
	for range Default().Failures + 8 {
		c.Time = c.Add(Default().LongestLock)
		try(l, "admin", "[2001:db8::1]:1", false)
	}
	for i := range 20_000 {
		try(l, fmt.Sprint("user", i), fmt.Sprintf("[2001:db8:%x:%x::1]:1", i/0xffff+1, i%0xffff), i%5 == 0)
	}
	for name, n := range map[string]int{"pairs": len(l.ledgers[0].pairs.places), "sources": len(l.ledgers[0].sources.places), "users": len(l.ledgers[0].users.places)} {
		if n > 100 {
			t.Errorf("%d %s are kept, want 100 at most", n, name)
		}
	}
	if n := len(l.ledgers[0].good.places); n > 10 || n != l.ledgers[0].good.order.Len() {
		t.Errorf("%d successes are kept, want 10 at most", n)
	}
	if r, looked := try(l, "admin", "[2001:db8::2]:1", true); r != Locked || looked {
		t.Errorf("what was locked before the flood: %s", r)
	}
}

// TestFullOfLocks has a table of which each place is locked: newcomers are counted together,
// but who has logged in before has a place.
func TestFullOfLocks(t *testing.T) {
	p := Default()
	p.Failures, p.SourceFailures, p.FirstLock = 1, 1, time.Hour
	p.LongestLock = time.Hour
	l, c := clocked(p)
	l.ledgers[0].pairs.most, l.ledgers[0].sources.most = 50, 50
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Success {
		t.Fatal(r)
	}
	for i := range 60 {
		try(l, fmt.Sprint("user", i), fmt.Sprintf("10.0.0.%d:1", i), false)
	}
	if r, _ := try(l, "bob", "192.0.2.2:1", true); r != Locked {
		t.Errorf("a newcomer: %s, want locked with all others", r)
	}
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Success {
		t.Errorf("who has been there before: %s", r)
	}
	try(l, "ann", "192.0.2.1:1", false)
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Locked {
		t.Errorf("who has been there before, after a failure: %s, want locked", r)
	}
	c.Time = c.Add(p.LongestUserLock)
	if r, _ := try(l, "bob", "192.0.2.2:1", true); r != Success {
		t.Errorf("a newcomer, when the short lock of all newcomers is over: %s", r)
	}
	if r, _ := try(l, "user1", "10.0.0.1:1", true); r != Locked {
		t.Errorf("who has a place, then: %s, want locked", r)
	}
}

// TestKnown has a password that was right before cost nothing, unless it is locked.
func TestKnown(t *testing.T) {
	l, _ := clocked(Default())
	a := Attempt{User: "ann", Remote: "192.0.2.1:1", Transport: RESTCONF, Method: Password}
	known := func() bool { return true }
	check := func() error { t.Error("looked at"); return nil }
	if err := l.Try(context.Background(), a, known, check); err != nil {
		t.Error(err)
	}
	for range Default().Failures {
		try(l, "ann", "192.0.2.1:1", false)
	}
	l.tell = nil
	if err := l.Try(context.Background(), a, known, check); err == nil {
		t.Error("a right password that is known is accepted from who is locked")
	}
}

// TestProofs: keys, certificates and tokens are accepted from a source that is locked, and
// those that are refused lock passwords.
func TestProofs(t *testing.T) {
	l, _ := clocked(Default())
	var last Attempt
	for range Default().SourceFailures {
		l.Note(Attempt{Remote: "192.0.2.1:1", Transport: TLS, Method: Certificate, Cause: errWrong})
	}
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Locked {
		t.Errorf("a password after many refused certificates: %s, want locked", r)
	}
	l.tell = []func(Attempt){func(a Attempt) { last = a }}
	l.Note(Attempt{User: "ann", Remote: "192.0.2.1:1", Transport: TLS, Method: Certificate})
	if last.Result != Success || last.Again {
		t.Errorf("a certificate: %+v", last)
	}
	l.Note(Attempt{User: "ann", Remote: "192.0.2.1:1", Transport: TLS, Method: Certificate})
	if !last.Again {
		t.Error("the second success is not told from the first")
	}
	for range 100 {
		l.Report(Attempt{User: "bob", Remote: "192.0.2.2:1", Transport: SSH, Method: PublicKey, Cause: errWrong})
	}
	if r, _ := try(l, "bob", "192.0.2.2:1", true); r != Success {
		t.Errorf("after keys that were offered: %s", r)
	}
}

// genuine is how a token is refused.
type genuine bool

func (genuine) Error() string   { return "refused" }
func (g genuine) Genuine() bool { return bool(g) }

// TestRefusedTokens: those that an issuer has made lock nothing.
func TestRefusedTokens(t *testing.T) {
	for why, want := range map[genuine]Result{true: Success, false: Locked} {
		l, _ := clocked(Default())
		for range Default().SourceFailures {
			l.Token(Attempt{Remote: "192.0.2.1:1", Transport: RESTCONF, Method: Token}, why)
		}
		if r, _ := try(l, "ann", "192.0.2.1:1", true); r != want {
			t.Errorf("after tokens that are genuine %t: %s, want %s", why, r, want)
		}
	}
}

// TestNameless: who fails under a name that nobody can have is counted once each time,
// whatever the method.
func TestNameless(t *testing.T) {
	for _, method := range []string{Password, Digest} {
		l, _ := clocked(Default())
		for i := range Default().SourceFailures + 1 {
			looked := false
			_ = l.Try(context.Background(), Attempt{User: "\x00", Remote: "192.0.2.1:1", Transport: ALTO, Method: method}, nil, func() error {
				looked = true
				return errWrong
			})
			if want := i < Default().SourceFailures; looked != want {
				t.Errorf("%s: attempt %d was looked at: %t", method, i+1, looked)
			}
		}
	}
}

// TestHold has each failure answered at a multiple of the delay, and no more answers wait
// than may.
func TestHold(t *testing.T) {
	l := New(Default())
	p := Default()
	p.Delay, p.LongestDelay = 20*time.Millisecond, 60*time.Millisecond
	l.policy.Store(&p)
	for i := range 4 {
		start := time.Now()
		try(l, "ann", "192.0.2.1:1", false)
		if took, least := time.Since(start), min(time.Duration(i+1)*p.Delay, p.LongestDelay); took < least {
			t.Errorf("failure %d was answered after %v, want %v at least", i+1, took, least)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	start := time.Now()
	p.Delay = time.Hour
	l.hold(ctx, Attempt{Remote: "192.0.2.1"}.key().source, l.now(), 1)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("an answer that nobody waits for was delayed by %v", took)
	}
	source := Attempt{Remote: "192.0.2.3"}.key().source
	for range mostHeldFromSource {
		if !l.holds(source, 1) {
			t.Fatal("too few are held")
		}
	}
	if l.holds(source, 1) {
		t.Error("too many are held")
	}
	for range mostHeldFromSource {
		l.holds(source, -1)
	}
	if len(l.held) != 0 || l.holding != 0 {
		t.Errorf("%d answers are held still", l.holding)
	}
}
