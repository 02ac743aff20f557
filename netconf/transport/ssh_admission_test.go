package transport

import (
	"io"
	"net"
	"testing"
)

// TestSilentStrangers: connections from a few addresses that send nothing keep nobody else
// out, and end for those who come.
func TestSilentStrangers(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Unauthenticated: 3, UnauthenticatedPerSource: 2}})
	var silent []net.Conn
	for _, from := range []string{"127.0.0.3", "127.0.0.2", "127.0.0.2"} {
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
	within(t, "the end of the older one of the address with two", func() { _, _ = io.Copy(io.Discard, silent[1]) })
	exchange(t, r.mustDial(t), "<hello/>") // in its place
}
