package alto

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestCounterOfWindow compares with a list of all requests, whatever shard they meet.
func TestCounterOfWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(1, maxBuckets).Draw(t, "window")
		window := time.Duration(seconds) * time.Second
		c, now := new(counter), int64(0)
		var all []int64
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(0, seconds).Draw(t, "passing")
			if rapid.Bool().Draw(t, "meeting") { // with one that is being counted
				c.first.mu.Lock()
				c.add(now, window, true)
				c.first.mu.Unlock()
			} else {
				c.add(now, window, false)
			}
			all = append(all, now)
			at := now + rapid.Int64Range(0, 2).Draw(t, "until it is read")
			within := uint64(0)
			for _, second := range all {
				if second > at-seconds {
					within++
				}
			}
			total, last := c.read(at, window)
			if total.Requests != uint64(len(all)) || last.Requests != within || last.Succeeded+last.Failed != within {
				t.Fatalf("total %+v, last %+v, want %d and %d", total, last, len(all), within)
			}
			now = at
		}
	})
}

// TestCounterShares demands that nothing is lost where requests meet.
func TestCounterShares(t *testing.T) {
	c := new(counter)
	c.first.mu.Lock() // so that all meet
	var counting sync.WaitGroup
	for range 8 {
		counting.Go(func() {
			for range 500 {
				c.add(1, time.Minute, true)
				c.answered(time.Millisecond, 3)
			}
		})
	}
	counting.Wait()
	c.first.mu.Unlock()
	total, last := c.read(1, time.Minute)
	bytes, took := c.answers()
	if total.Succeeded != 4000 || last.Succeeded != 4000 || bytes != 12_000 || took.Count != 4000 || took.Sum != 4*time.Second {
		t.Errorf("total %+v, last %+v, %d bytes, %+v", total, last, bytes, took)
	}
	if c.first.total.Requests != 0 {
		t.Error("a shard that is locked counted")
	}
}

func BenchmarkCounter(b *testing.B) {
	c := new(counter)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			c.add(1, time.Minute, true)
			c.answered(time.Millisecond, 1000)
		}
	})
}
