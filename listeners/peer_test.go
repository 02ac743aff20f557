package listeners

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPeerClosed: what is to be called when a connection is closed is called once, also where
// the handshake comes to it at the same time or later.
func TestPeerClosed(t *testing.T) {
	for range 100 {
		nc, other := net.Pipe()
		p := &peer{Conn: nc}
		var called atomic.Int32
		call := func() { called.Add(1) }
		p.onClose(call)
		var both sync.WaitGroup
		both.Go(func() { p.onClose(call) })
		both.Go(func() { p.Close() })
		both.Wait()
		p.onClose(call)
		p.Close()
		other.Close()
		if n := called.Load(); n != 3 {
			t.Fatalf("called %d times, want 3", n)
		}
	}
}
