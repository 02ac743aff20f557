package logins

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var errWrong = errors.New("wrong password")

// clock is a Lockout's, which moves only when it is told to.
type clock struct{ time.Time }

// clocked makes a Lockout with a clock and without delays.
func clocked(p Policy) (*Lockout, *clock) {
	c := &clock{time.Unix(1e9, 0)}
	p.Delay = 0
	l := New(p)
	l.now = func() time.Time { return c.Time }
	return l, c
}

// try makes an attempt, and tells how it ended and whether the password was looked at.
func try(l *Lockout, user, remote string, right bool) (r Result, looked bool) {
	l.tell = []func(Attempt){func(a Attempt) { r = a.Result }}
	err := l.Try(context.Background(), Attempt{User: user, Remote: remote, Transport: SSH, Method: Password}, nil, func() error {
		looked = true
		if right {
			return nil
		}
		return errWrong
	})
	l.tell = nil // others may try at the same time
	if (err == nil) != (r == Success) {
		panic(fmt.Sprint(r, err))
	}
	return r, looked
}

// past is all that ever happened, from which each answer can be worked out anew.
type past struct {
	policy Policy
	events []event
}

type event struct {
	at           time.Time
	user, source string
	result       Result
}

// lockedUntil replays the failures that of picks, forgetting them at what resets.
func (p *past) lockedUntil(first, longest time.Duration, failures int, of, resets func(event) bool) (until time.Time) {
	n, last := 0, time.Time{}
	for _, e := range p.events {
		switch {
		case e.result == Success && resets(e):
			n, until = 0, time.Time{}
		case e.result == Failure && of(e):
			quiet := last
			if until.After(quiet) {
				quiet = until
			}
			if !e.at.Before(quiet.Add(p.policy.Window)) {
				n = 0
			}
			n++
			last = e.at
			if n >= failures {
				lock := first
				for range n - failures {
					lock = min(2*lock, longest)
				}
				until = e.at.Add(min(lock, longest))
			}
		}
	}
	return until
}

// expect is how an attempt must end.
func (p *past) expect(now time.Time, user, source string, right bool) Result {
	same := func(e event) bool { return e.user == user && e.source == source }
	never := func(event) bool { return false }
	bySource := func(e event) bool { return e.source == source }
	byUser := func(e event) bool { return e.user == user }
	known := false
	for _, e := range p.events {
		known = known || e.result == Success && same(e)
	}
	x := p.policy
	locked := now.Before(p.lockedUntil(x.FirstLock, x.LongestLock, x.Failures, same, same))
	if !known {
		locked = locked || now.Before(p.lockedUntil(x.FirstLock, x.LongestLock, x.SourceFailures, bySource, never)) ||
			now.Before(p.lockedUntil(x.FirstLock, x.LongestUserLock, x.UserFailures, byUser, never))
	}
	switch {
	case locked:
		return Locked
	case right:
		return Success
	}
	return Failure
}

// TestModel compares a Lockout with the replay of all that has happened, on random
// attempts.
func TestModel(t *testing.T) {
	sources := []string{"192.0.2.1", "192.0.2.2", "2001:db8::/64"}
	remotes := [][]string{{"192.0.2.1:1", "[::ffff:192.0.2.1]:2"}, {"192.0.2.2:1"}, {"[2001:db8::1]:1", "[2001:db8::2]:1"}}
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Failures: 3, SourceFailures: 6, UserFailures: 5, Window: time.Minute, FirstLock: time.Second, LongestLock: 20 * time.Second, LongestUserLock: 4 * time.Second}
		l, c := clocked(p)
		m := past{policy: p}
		for range rapid.IntRange(1, 60).Draw(t, "attempts") {
			c.Time = c.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5, 61, 200}).Draw(t, "seconds")) * time.Second)
			user := rapid.SampledFrom([]string{"ann", "bob", "kay"}).Draw(t, "user")
			i := rapid.IntRange(0, len(sources)-1).Draw(t, "source")
			remote := rapid.SampledFrom(remotes[i]).Draw(t, "remote")
			right := rapid.IntRange(0, 9).Draw(t, "right") == 0
			want := m.expect(c.Time, user, sources[i], right)
			got, looked := try(l, user, remote, right)
			if got != want || looked != (want != Locked) {
				t.Fatalf("%s from %s: %s, looked at %t, want %s after %v", user, remote, got, looked, want, m.events)
			}
			m.events = append(m.events, event{c.Time, user, sources[i], got})
		}
	})
}
