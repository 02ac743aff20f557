package alto

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Counts are numbers of requests: received, answered with success (HTTP status
// below 400), answered with failure.
type Counts struct {
	Requests, Succeeded, Failed uint64
}

func (c *Counts) add(success bool) {
	c.Requests++
	if success {
		c.Succeeded++
	} else {
		c.Failed++
	}
}

func (c *Counts) sum(d Counts) {
	c.Requests += d.Requests
	c.Succeeded += d.Succeeded
	c.Failed += d.Failed
}

// maxBuckets bounds the memory of a window: windows of more seconds are counted in
// buckets of several seconds.
const maxBuckets = 3600

// counter counts requests in total and over a window that ends now. It is exact
// under concurrency: shards share the load, each under its own mutex.
type counter struct {
	shards []counterShard
}

type counterShard struct {
	mu      sync.Mutex
	total   Counts
	buckets []bucket // ascending; seconds without requests have none
	_       [64]byte // keeps shards off each other's cache line
}

// bucket holds the requests of the seconds from second on, up to the next bucket.
type bucket struct {
	second int64
	Counts
}

func newCounter(shards int) *counter { return &counter{shards: make([]counterShard, shards)} }

// add counts one request at the given second since the server's start, keeping
// what lies within window.
func (c *counter) add(second int64, window time.Duration, success bool) {
	s := &c.shards[0]
	if len(c.shards) > 1 {
		s = &c.shards[rand.IntN(len(c.shards))]
	}
	seconds := int64(window / time.Second)
	width := max(1, (seconds+maxBuckets-1)/maxBuckets)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.add(success)
	s.prune(second - seconds)
	if n := len(s.buckets); n == 0 || second >= s.buckets[n-1].second+width {
		s.buckets = append(s.buckets, bucket{second: second})
	}
	s.buckets[len(s.buckets)-1].add(success)
}

// prune drops the buckets that begin at second or before.
func (s *counterShard) prune(second int64) {
	n := 0
	for n < len(s.buckets) && s.buckets[n].second <= second {
		n++
	}
	if n > 0 {
		s.buckets = s.buckets[:copy(s.buckets, s.buckets[n:])]
	}
}

// read returns the total and what was counted in the seconds after second-window.
func (c *counter) read(second int64, window time.Duration) (total, last Counts) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.prune(second - int64(window/time.Second))
		total.sum(s.total)
		for _, b := range s.buckets {
			last.sum(b.Counts)
		}
		s.mu.Unlock()
	}
	return total, last
}
