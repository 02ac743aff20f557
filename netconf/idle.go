package netconf

import (
	"math"
	"sync"
	"time"
)

// silence is the time in which a client says nothing. It is over after its limit,
// unless the client has something to wait for: the reply to a request, or an event.
// Its methods may be called from any goroutine.
type silence struct {
	mu     sync.Mutex
	timer  *time.Timer
	since  time.Time            // of the last change
	limit  func() time.Duration // 0 for none
	asked  bool                 // a request is carried out, or the session is over
	events bool                 // there is a subscription
}

// newSilence calls over in a goroutine of its own when a silence is over. None begins
// before a change.
func newSilence(limit func() time.Duration, over func()) *silence {
	s := &silence{limit: limit, asked: true}
	s.timer = time.AfterFunc(math.MaxInt64, func() {
		if s.begun() { // no change was faster
			over()
		}
	})
	return s
}

// begun tells whether the client has nothing to wait for.
func (s *silence) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.asked && !s.events
}

// request tells that a request is carried out from now on, or that none is. The end
// of the session is a request without an end.
func (s *silence) request(on bool) { s.change(&s.asked, on) }

// subscribe tells that there is a subscription from now on, or that there is none.
func (s *silence) subscribe(on bool) { s.change(&s.events, on) }

func (s *silence) change(what *bool, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*what, s.since = on, time.Now()
	s.wait()
}

// limitChanged makes the limit of now that of the silence that has begun, which may be
// over at once.
func (s *silence) limitChanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait()
}

// wait sets the timer; s.mu is held.
func (s *silence) wait() {
	s.timer.Stop()
	if !s.asked && !s.events {
		if d := s.limit(); d > 0 {
			s.timer.Reset(d - time.Since(s.since))
		}
	}
}
