package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// reader is a subscription with what it must still see.
type reader struct {
	s    *Subscription
	next int // number in the next event
	mark int // the mark comes before the event of this number; -1 for no mark
}

// TestHandOver publishes, writes, restarts and subscribes at random: every subscriber
// sees every event from where it started exactly once and in order, and the mark where
// the past ends.
func TestHandOver(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		o := Options{
			Dir: fmt.Sprintf("%s/%d", dir, round), Memory: rapid.IntRange(4, 8).Draw(rt, "memory"),
			Limits: Limits{Events: rapid.SampledFrom([]int{100_000, 16 * 5}).Draw(rt, "limit")},
		}
		keepsAll := o.Limits.Events == 100_000
		b := broker(t, o)
		published := 0
		var readers []*reader
		step := func(r *reader) (more bool) {
			ctx, cancel := context.WithCancel(context.Background())
			if r.next == published && r.mark != r.next {
				cancel()
			}
			defer cancel()
			e, err := r.s.Next(ctx)
			switch {
			case errors.Is(err, context.Canceled):
				return false
			case err != nil:
				rt.Fatalf("event %d: %v", r.next, err)
			case e.Seq == 0:
				if r.mark != r.next {
					rt.Fatalf("the mark comes before %d, want %d", r.next, r.mark)
				}
				r.mark = -1
			default:
				if got := show(e); got != fmt.Sprint(r.next) {
					rt.Fatalf("event %s, want %d", got, r.next)
				}
				r.next++
			}
			return true
		}
		rt.Repeat(map[string]func(*rapid.T){
			"publish": func(rt *rapid.T) {
				if b.next-b.written > 5 { // more might be lost to the history
					b.write()
				}
				for range rapid.IntRange(1, 10).Draw(rt, "n") {
					publish(t, b, born(published))
					published++
				}
			},
			"write": func(*rapid.T) { b.write() },
			"restart": func(*rapid.T) {
				b.write()
				if err := b.history.close(); err != nil {
					rt.Fatal(err)
				}
				b, readers = broker(t, o), nil
			},
			"subscribe": func(rt *rapid.T) {
				r := &reader{next: published, mark: -1}
				q := Request{}
				if rapid.Bool().Draw(rt, "replay") && keepsAll {
					q.Start, r.next, r.mark = epoch, 0, published
				}
				r.s = subscribe(t, b, q)
				readers = append(readers, r)
			},
			"read": func(rt *rapid.T) {
				if len(readers) == 0 {
					return
				}
				r := readers[rapid.IntRange(0, len(readers)-1).Draw(rt, "reader")]
				for range rapid.IntRange(1, 15).Draw(rt, "n") {
					if !step(r) {
						return
					}
				}
			},
			"": func(*rapid.T) {
				if keepsAll {
					return
				}
				for _, r := range readers { // none falls behind
					for step(r) {
					}
				}
			},
		})
		for _, r := range readers {
			for step(r) {
			}
			if r.next != published || r.mark != -1 {
				rt.Fatalf("a reader stands at %d of %d, mark %d", r.next, published, r.mark)
			}
		}
	})
}

// TestConcurrent lets subscribers come while others publish and the history is written.
func TestConcurrent(t *testing.T) {
	const publishers, each, subscribers = 4, 200, 16
	b := broker(t, Options{Dir: t.TempDir(), Memory: 256, Now: time.Now})
	defer run(t, b)()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var publishing, reading sync.WaitGroup
	for range publishers {
		publishing.Go(func() {
			for i := range each {
				publish(t, b, born(i))
			}
		})
	}
	for range subscribers {
		reading.Go(func() {
			s, err := b.Subscribe(Request{Start: time.Unix(1, 0)})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			events, marks, last := 0, 0, uint64(0)
			for events < publishers*each {
				e, err := s.Next(ctx)
				switch {
				case err != nil:
					t.Errorf("after %d events: %v", events, err)
					return
				case e.Seq == 0:
					marks++
				case e.Seq != last+1:
					t.Errorf("event %d follows %d", e.Seq, last)
					return
				default:
					events, last = events+1, e.Seq
				}
			}
			if marks > 1 {
				t.Errorf("%d marks", marks)
			}
		})
	}
	publishing.Wait()
	reading.Wait()
}
