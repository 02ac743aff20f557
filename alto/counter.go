package alto

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
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

// counter counts requests in total and over a window that ends now, and what their
// answers took. It is exact under concurrency. There is one shard until requests meet.
type counter struct {
	first counterShard
	more  atomic.Pointer[[moreShards]counterShard]
}

// moreShards share the load of requests that meet.
const moreShards = 7

type counterShard struct {
	mu      sync.Mutex
	total   Counts
	bytes   uint64
	latency Latency
	buckets []bucket // ascending; seconds without requests have none
	_       [64]byte // keeps shards off each other's cache line
}

// bucket holds the requests of the seconds from second on, up to the next bucket.
type bucket struct {
	second int64
	Counts
}

// lock returns a shard that is locked.
func (c *counter) lock() *counterShard {
	if c.first.mu.TryLock() {
		return &c.first
	}
	if c.more.Load() == nil {
		c.more.CompareAndSwap(nil, new([moreShards]counterShard))
	}
	s := &c.more.Load()[rand.IntN(moreShards)] // #nosec G404 -- spreads counting over processors
	s.mu.Lock()
	return s
}

// add counts one request at the given second since the server's start, keeping
// what lies within window.
func (c *counter) add(second int64, window time.Duration, success bool) {
	seconds := int64(window / time.Second)
	width := max(1, (seconds+maxBuckets-1)/maxBuckets)
	s := c.lock()
	defer s.mu.Unlock()
	s.total.add(success)
	s.prune(second - seconds)
	if n := len(s.buckets); n == 0 || second >= s.buckets[n-1].second+width {
		s.buckets = append(s.buckets, bucket{second: second})
	}
	s.buckets[len(s.buckets)-1].add(success)
}

// answered counts what an answer took.
func (c *counter) answered(took time.Duration, bytes int) {
	s := c.lock()
	defer s.mu.Unlock()
	s.latency.add(took)
	s.bytes += uint64(bytes)
}

// sent counts bytes of an answer that goes on.
func (c *counter) sent(bytes int) {
	s := c.lock()
	defer s.mu.Unlock()
	s.bytes += uint64(bytes)
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

// each calls f for all shards, one after the other, each locked.
func (c *counter) each(f func(*counterShard)) {
	locked := func(s *counterShard) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f(s)
	}
	locked(&c.first)
	if more := c.more.Load(); more != nil {
		for i := range more {
			locked(&more[i])
		}
	}
}

// read returns the total and what was counted in the seconds after second-window.
func (c *counter) read(second int64, window time.Duration) (total, last Counts) {
	c.each(func(s *counterShard) {
		s.prune(second - int64(window/time.Second))
		total.sum(s.total)
		for _, b := range s.buckets {
			last.sum(b.Counts)
		}
	})
	return total, last
}

// answers returns what the answers took.
func (c *counter) answers() (bytes uint64, took Latency) {
	c.each(func(s *counterShard) {
		bytes += s.bytes
		took.sum(&s.latency)
	})
	return bytes, took
}
