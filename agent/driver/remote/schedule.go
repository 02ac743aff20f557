package remote

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// firstBackoff is the time between a failure and the attempt that follows.
const firstBackoff = time.Second

// Schedule tells when a server is asked again.
type Schedule struct {
	Interval, MaxBackoff time.Duration
	Jitter               float64 // part of an interval by which it varies, up and down

	failures int
}

// NewSchedule reads the parameters.
func NewSchedule(p Params) *Schedule {
	return &Schedule{
		Interval: time.Duration(p.GetPollInterval()) * time.Second, MaxBackoff: time.Duration(p.GetMaxBackoff()) * time.Second,
		Jitter: float64(p.GetJitter()) / 100,
	}
}

// Succeeded forgets failures.
func (s *Schedule) Succeeded() { s.failures = 0 }

// Next returns the time to wait after an attempt that ended with err.
func (s *Schedule) Next(err error) time.Duration {
	if err == nil {
		s.failures = 0
		return s.vary(s.Interval)
	}
	pause := s.MaxBackoff
	if s.failures < 30 {
		pause = min(pause, firstBackoff<<s.failures)
	}
	s.failures++
	var refused *StatusError
	if errors.As(err, &refused) && refused.RetryAfter > 0 {
		return max(refused.RetryAfter, s.vary(pause))
	}
	return s.vary(pause)
}

func (s *Schedule) vary(d time.Duration) time.Duration {
	return d + time.Duration((2*rand.Float64()-1)*s.Jitter*float64(d))
}

// Wait returns after that time, or when ctx ends: then false.
func Wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
