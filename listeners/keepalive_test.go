package listeners

import (
	"net"
	"strings"
	"syscall"
	"testing"
)

// TestKeepalive has a change of keepalives reach the connections of an address that was
// bound before.
func TestKeepalive(t *testing.T) {
	host := newIdentity(t, nil, "host")
	port, addr := freeAddr(t)
	config := listen(sshEndpoint("a", port, host, ""))
	f := start(t, config)
	f.mustReplace(strings.Replace(config, `"local-bind"`, `"keepalives":{"idle-time":77,"max-probes":3,"probe-interval":5},"local-bind"`, 1))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	taken, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	e := f.sockets["tcp "+addr].endpoint.Load()
	f.mu.Unlock()
	if !e.feed.enter() {
		t.Fatal("the endpoint takes none")
	}
	e.take(taken)
	raw, err := taken.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[int]int{syscall.TCP_KEEPIDLE: 77, syscall.TCP_KEEPCNT: 3, syscall.TCP_KEEPINTVL: 5} {
		var got int
		if err := raw.Control(func(fd uintptr) { got, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option) }); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("option %d is %d, want %d", option, got, want)
		}
	}
}
