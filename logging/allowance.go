package logging

import (
	"sync"
	"time"
)

// Allowance bounds how often something is told that clients can cause without end: Most
// times at once, and once more in each Again. All methods are safe for concurrent use.
type Allowance struct {
	Most  int
	Again time.Duration

	mu     sync.Mutex
	spent  int       // of Most
	since  time.Time // spent is right as of then
	missed uint64
}

// Take tells whether it may be told once more, and how often it was not since the last time.
func (a *Allowance) Take(now time.Time) (missed uint64, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if back := int(now.Sub(a.since) / a.Again); back > 0 {
		a.spent, a.since = max(0, a.spent-back), now
	}
	if a.spent >= a.Most {
		a.missed++
		return 0, false
	}
	a.spent++
	missed, a.missed = a.missed, 0
	return missed, true
}
