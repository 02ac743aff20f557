package netconf

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence has silences that are over, and what keeps them from it.
func TestSilence(t *testing.T) {
	const limit = time.Minute
	for _, test := range []struct {
		name  string
		limit time.Duration
		do    func(*silence)
		over  bool
	}{
		{"before the first change", limit, func(*silence) {}, false},
		{"silent", limit, func(s *silence) { s.request(false) }, true},
		{"no limit", 0, func(s *silence) { s.request(false) }, false},
		{"a request", limit, func(s *silence) { s.request(false); s.request(true) }, false},
		{"behind a request", limit, func(s *silence) { s.request(true); s.request(false) }, true},
		{"a subscription", limit, func(s *silence) { s.subscribe(true); s.request(false) }, false},
		{"a subscription ends", limit, func(s *silence) { s.subscribe(true); s.request(false); s.subscribe(false) }, true},
		{"a subscription ends in a request", limit, func(s *silence) { s.subscribe(true); s.request(true); s.subscribe(false) }, false},
		{"a new limit", 10 * limit, func(s *silence) {
			s.request(false)
			s.limit = func() time.Duration { return limit }
			s.limitChanged()
		}, true},
		{"a new limit for what is past", 10 * limit, func(s *silence) {
			s.request(false)
			time.Sleep(5 * limit)
			s.limit = func() time.Duration { return limit }
			s.limitChanged()
			synctest.Wait()
			time.Sleep(time.Millisecond)
			if s.timer.Stop() {
				panic("the silence before does not count")
			}
		}, true},
		{"a limit no more", limit, func(s *silence) {
			s.request(false)
			s.limit = func() time.Duration { return 0 }
			s.limitChanged()
		}, false},
		{"a new limit in a request", limit, func(s *silence) { s.request(true); s.limitChanged() }, false},
		{"a word in time", limit, func(s *silence) {
			s.request(false)
			time.Sleep(limit - 1)
			s.request(true)
			s.request(false)
			time.Sleep(limit - 1)
			s.request(true)
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				over := make(chan struct{})
				s := newSilence(func() time.Duration { return test.limit }, func() { close(over) })
				defer s.timer.Stop()
				test.do(s)
				select {
				case <-over:
					if !test.over {
						t.Error("it is over")
					}
				case <-time.After(limit + 1):
					if test.over {
						t.Error("it goes on")
					}
				}
			})
		})
	}
}
