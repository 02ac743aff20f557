package restconf

import (
	"net"
	"net/netip"
	"testing"
)

// TestConnections opens as many connections as may be, in all and of a source.
func TestConnections(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.MaxConnections = 6 }, policyModule)
	enter := func(from string, want bool) func() {
		t.Helper()
		leave, ok := f.server.EnterConnection(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from)))
		if ok != want {
			t.Fatalf("a connection from %s: %t, want %t", from, ok, want)
		}
		return leave
	}
	f.limit("connections-per-source", 2)
	f.limit("connections", 4)
	one := enter("[2001:db8::1]:1", true)
	two := enter("[2001:db8::2]:1", true)
	enter("[2001:db8::3%eth0]:1", false) // the same /64
	f.counted("connections-per-source", 1)
	three := enter("192.0.2.1:1", true)
	four := enter("[::ffff:192.0.2.1]:2", true)
	enter("192.0.2.1:3", false)
	enter("192.0.2.2:1", false)
	f.counted("connections-per-source", 1)
	f.counted("connections", 2)
	one()
	five := enter("192.0.2.2:1", true)
	f.limit("connections", 0)
	f.limit("connections-per-source", 0)
	six := enter("192.0.2.1:3", true)
	enter("192.0.2.1:4", false) // half of what there may be
	seven := enter("[2001:db8:1::1]:1", true)
	enter("[2001:db8:2::1]:1", false) // what there may be
	for _, leave := range []func(){two, three, four, five, six, seven} {
		leave()
	}
	if n := len(f.server.connections.counts); n != 0 {
		t.Errorf("%d sources are remembered after all have left", n)
	}
}
