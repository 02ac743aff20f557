package listeners

import (
	"runtime"
	"sync"
	"testing"
)

// TestEnterAsItRetires: an endpoint that another takes the place of goes on with every
// connection that has come to it, however late; it ends with the last one.
func TestEnterAsItRetires(t *testing.T) {
	var s socket
	now := newEndpoint(nil, "e", nil)
	s.endpoint.Store(now)
	var clients sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				e := s.enter()
				if e == nil {
					t.Error("a connection is taken by none")
					return
				}
				if e.over.Load() {
					t.Error("a connection came to an endpoint that had ended")
					return
				}
				runtime.Gosched()
				if e.over.Load() {
					t.Error("an endpoint ended before its last connection")
					return
				}
				e.feed.leave()
			}
		})
	}
	for range 20_000 {
		next := newEndpoint(nil, "e", nil)
		s.endpoint.Store(next)
		now.retire()
		now = next
	}
	close(stop)
	clients.Wait()
	s.endpoint.Store(nil)
	if s.enter() != nil {
		t.Error("none is one")
	}
	s.endpoint.Store(now)
	now.retire()
	if !now.over.Load() || s.enter() != nil {
		t.Error("an endpoint without connections does not end, or takes one then")
	}
}
