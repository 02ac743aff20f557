package alto

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// TestConnectionBudget opens as many connections as may be, in all and of a client.
func TestConnectionBudget(t *testing.T) {
	c := labConfig(t)
	c.Limits = Limits{Connections: 4, ConnectionsPerClient: 2}
	s := serving(t, c)
	cut := 0
	enter := func(from string, want bool) func() {
		t.Helper()
		place := s.EnterConnection(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from)), func() { cut++ })
		if (place != nil) != want {
			t.Fatalf("a connection from %s: %t, want %t", from, place != nil, want)
		}
		if place == nil {
			return nil
		}
		place.Hold()
		return place.Leave
	}
	one := enter("[2001:db8::1]:1", true)
	two := enter("[2001:db8::2%eth0]:1", true)
	enter("[2001:db8::3]:1", false) // the same /64
	three := enter("192.0.2.1:1", true)
	four := enter("[::ffff:192.0.2.1]:2", true)
	enter("192.0.2.2:1", false)
	one()
	one() // counts once
	five := enter("192.0.2.2:1", true)
	enter("192.0.2.3:1", false)
	c.Limits = Limits{}
	s.Publish(snapshot(t, c))
	six := enter("192.0.2.1:3", true)
	for _, leave := range []func(){two, three, four, five, six} {
		leave()
	}
	if n := s.connections.Open(); n != 0 || cut != 0 {
		t.Errorf("after all have left there are %d connections, and %d were cut", n, cut)
	}
	counts := map[Limit]uint64{}
	s.Limited(func(l Limit, n uint64) { counts[l] = n })
	if counts[LimitConnections] != 2 || counts[LimitConnectionsPerClient] != 1 {
		t.Errorf("%v were refused", counts)
	}
}

// TestConnectionFlood has a client open connections without end: others are served, and it
// is again once it has closed them.
func TestConnectionFlood(t *testing.T) {
	c := labConfig(t)
	c.Limits = Limits{ConnectionsPerClient: 3}
	server := serving(t, c)
	s := running(t, server)
	s.Admit = server.EnterConnection
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	b.Apply()
	addr := b.Addrs()[0]
	dial := func(client string) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}}
		nc, err := d.Dial("tcp4", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		return nc
	}
	served := func(client string) bool {
		nc := dial(client)
		defer nc.Close()
		_, _ = io.WriteString(nc, "HEAD /alto/directory HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		_ = nc.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, _ := io.ReadFull(nc, make([]byte, len("HTTP/1.1")))
		return n > 0
	}
	var open []net.Conn
	for range 200 {
		open = append(open, dial("127.0.0.2"))
	}
	if served("127.0.0.2") {
		t.Error("the client is served beyond its budget")
	}
	if !served("127.0.0.3") {
		t.Error("another client is not served")
	}
	if resp, err := http.Get("http://" + addr + "/alto/directory"); err != nil {
		t.Error(err)
	} else {
		resp.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	for _, nc := range open {
		nc.Close()
	}
	for end := time.Now().Add(10 * time.Second); !served("127.0.0.2"); {
		if time.Now().After(end) {
			t.Fatal("the client is not served after its connections have ended")
		}
	}
}

// TestIdleMakeRoom: where all connections there may be are open, one without a request ends
// for a newcomer, of the address that has most of these; those with one stay.
func TestIdleMakeRoom(t *testing.T) {
	c := labConfig(t)
	c.Limits = Limits{Connections: 4}
	server := serving(t, c)
	begun, end := make(chan struct{}), make(chan struct{})
	s := running(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			begun <- struct{}{}
			<-end
		}
		_, _ = io.WriteString(w, "answer")
	}))
	s.Admit = server.EnterConnection
	b := bind(t, s, ListenConfig{Addrs: []string{"127.0.0.1:0"}})
	b.Apply()
	dial := func(client string) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}}
		nc, err := d.Dial("tcp4", b.Addrs()[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { nc.Close() })
		_ = nc.SetDeadline(time.Now().Add(time.Minute))
		return nc
	}
	ask := func(nc net.Conn, path string) { _, _ = io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n") }
	answered := func(nc net.Conn) bool {
		_, err := io.ReadFull(nc, make([]byte, len("HTTP/1.1")))
		return err == nil
	}
	slow := []net.Conn{dial("127.0.0.2"), dial("127.0.0.2"), dial("127.0.0.2")}
	for _, nc := range slow {
		ask(nc, "/slow")
		<-begun
	}
	idle := dial("127.0.0.3")
	ask(idle, "/")
	if !answered(idle) {
		t.Fatal("no answer")
	}
	newcomer := dial("127.0.0.4")
	if ask(newcomer, "/"); !answered(newcomer) {
		t.Error("a newcomer is not served")
	}
	if _, err := io.ReadAll(idle); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection without a request: %v", err)
	}
	close(end)
	for _, nc := range slow {
		if !answered(nc) {
			t.Error("a request was cut off")
		}
	}
}
