package remote

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestSchedule: failures double the pause up to its bound, a success ends that, and a
// server can ask for more.
func TestSchedule(t *testing.T) {
	s := &Schedule{Interval: time.Minute, MaxBackoff: 5 * time.Second}
	failed := errors.New("failed")
	busy := fmt.Errorf("wrapped: %w", &StatusError{Status: 503, RetryAfter: 90 * time.Second})
	for i, step := range []struct {
		err  error
		want time.Duration
	}{
		{nil, time.Minute},
		{failed, time.Second},
		{failed, 2 * time.Second},
		{failed, 4 * time.Second},
		{failed, 5 * time.Second},
		{busy, 90 * time.Second},
		{&StatusError{Status: 503}, 5 * time.Second},
		{nil, time.Minute},
		{failed, time.Second},
	} {
		if got := s.Next(step.err); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
	s.Jitter = 0.1
	least, most := time.Hour, time.Duration(0)
	for range 1000 {
		d := s.Next(nil)
		least, most = min(least, d), max(most, d)
	}
	if least < 54*time.Second || least > 56*time.Second || most > 66*time.Second || most < 64*time.Second {
		t.Errorf("intervals from %v to %v", least, most)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-7":                            0,
		"1.5":                           0,
		"99999999":                      maxRetryAfter,
		"Sun, 22 Nov 2026 12:01:00 GMT": time.Minute,
		"Sun, 22 Nov 2026 11:59:00 GMT": 0,
		"soon":                          0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
