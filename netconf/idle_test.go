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
