package transport

import (
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
)

// TestPlacesOfStrangers: where all places of those that are not authenticated are taken, a
// newcomer gets one of the source that has most of them.
func TestPlacesOfStrangers(t *testing.T) {
	a := newAdmission(SSHLimits{Unauthenticated: 4, UnauthenticatedPerSource: 3}.withDefaults())
	var cut []string
	tickets := map[string]*ticket{}
	for _, c := range []struct{ name, cut string }{
		{name: "a1"},
		{name: "a2"},
		{name: "a3"},
		{name: "b1"},
		{name: "c1", cut: "a1"}, // the oldest of those with three
		{name: "d1", cut: "a2"},
		{name: "e1", cut: "a3"}, // of those with one
		{name: "b2", cut: "refused"},
		{name: "a4", cut: "b1"},
	} {
		cut = nil
		addr := net.TCPAddrFromAddrPort(mustAddrPort("192.0.2." + strconv.Itoa(int(c.name[0]-0x60)) + ":1"))
		ticket, err := a.admit(addr, func() { cut = append(cut, c.name) })
		if err != nil {
			cut = append(cut, "refused")
		} else {
			tickets[c.name] = ticket
		}
		if got := strings.Join(cut, " "); got != c.cut {
			t.Errorf("%s cuts %q, want %q", c.name, got, c.cut)
		}
	}
	tickets["a1"].authenticate() // too late
	tickets["c1"].authenticate()
	if got, want := a.all, (load{4, 3}); got != want {
		t.Errorf("counted are %+v, want %+v", got, want)
	}
	for _, ticket := range tickets {
		ticket.leave()
	}
	if a.all != (load{}) || len(a.sources) != 0 || len(a.waiting) != 0 {
		t.Errorf("after all have left: %+v, %v, %d", a.all, a.sources, len(a.waiting))
	}
}

// TestSilentStrangers: connections from a few addresses that send nothing keep nobody else
// out, and end for those who come.
func TestSilentStrangers(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Unauthenticated: 4, UnauthenticatedPerSource: 2}})
	var silent []net.Conn
	for _, from := range []string{"127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"} {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := d.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.ReadFull(c, make([]byte, len("SSH-2.0-"))); err != nil {
			t.Fatal(err)
		}
		silent = append(silent, c)
	}
	exchange(t, r.mustDial(t), "<hello/>")
	within(t, "the end of one", func() { _, _ = io.Copy(io.Discard, silent[0]) })
	exchange(t, r.mustDial(t), "<hello/>") // in its place
}
