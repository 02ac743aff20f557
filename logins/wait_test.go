package logins

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestCrowd has more attempts wait than may, of one source and of many: further ones are
// refused at once and count for nothing, but for who is known and who has been there before.
func TestCrowd(t *testing.T) {
	l, _ := clocked(Default())
	if r, _ := try(l, "ann", "192.0.2.1:1", true); r != Success {
		t.Fatal(r)
	}
	free := make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait()
	begin := func(user, source string) {
		all.Go(func() {
			_ = l.Try(context.Background(), Attempt{User: user, Remote: source, Transport: RESTCONF}, nil, func() error { <-free; return nil })
		})
	}
	waiting := func(n int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			l.mu.Lock()
			have := l.ledgers[0].waiting
			l.mu.Unlock()
			switch {
			case have == n:
				return
			case time.Now().After(end):
				t.Fatalf("%d attempts wait, want %d", have, n)
			}
		}
	}
	refused := func(user, source string) {
		t.Helper()
		err := l.Try(context.Background(), Attempt{User: user, Remote: source, Transport: RESTCONF}, nil, func() error { return errors.New("looked at") })
		if err != ErrBusy {
			t.Errorf("%s from %s: %v, want %v", user, source, err, ErrBusy)
		}
	}
	for range mostWaitingFromSource {
		begin("bob", "192.0.2.1:1")
	}
	waiting(mostWaitingFromSource)
	refused("bob", "192.0.2.1:1")
	for i := range mostWaiting - mostWaitingFromSource {
		begin("bob", fmt.Sprintf("10.0.%d.%d:1", i/250, i%250))
	}
	waiting(mostWaiting)
	refused("bob", "192.0.2.2:1")
	if err := l.Try(context.Background(), Attempt{User: "bob", Remote: "192.0.2.2:1", Transport: ALTO}, nil, func() error { return nil }); err != nil {
		t.Errorf("of another service: %v", err)
	}
	known := func() bool { return true }
	if err := l.Try(context.Background(), Attempt{User: "eve", Remote: "192.0.2.2:1", Transport: RESTCONF}, known, nil); err != nil {
		t.Errorf("who is known: %v", err)
	}
	begin("ann", "192.0.2.1:1")
	waiting(mostWaiting + 1)
	close(free)
	waiting(0)
	if len(l.turns) != 0 || l.ledgers[0].sources.own(Attempt{Remote: "192.0.2.2:1"}.key()) != nil {
		t.Errorf("%d turns are left, or a failure was counted", len(l.turns))
	}
}
