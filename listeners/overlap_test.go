package listeners

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// TestOverlap moves an endpoint from all addresses of a port to one of them and back,
// each in one commit, while sessions go on; a change that is refused leaves the socket as
// it was.
func TestOverlap(t *testing.T) {
	ca, host := newIdentity(t, nil, "ca"), newIdentity(t, nil, "host")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	webPort, webAddr := freeAddr(t)
	config := func(address string) string {
		text := listen(sshEndpoint("a", port, host, "")) + "," + webListen(webEndpoint("a", webPort, server, ca, "", http3JSON))
		return strings.ReplaceAll(text, `"local-address":"127.0.0.1"`, fmt.Sprintf(`"local-address":%q`, address))
	}
	f := start(t, config("127.0.0.1"))
	first, err := dialSSH(addr, "ann", "central")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	greeting(t, first)
	for _, address := range []string{"0.0.0.0", "127.0.0.1", "0.0.0.0"} {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		used := taken.Addr().(*net.TCPAddr).Port
		bad := config(address) + "," // of which one address is in use
		bad = strings.Replace(bad, `"endpoint":[`, `"endpoint":[`+sshEndpoint("b", used, host, "")+",", 1)
		if err := f.replace(strings.TrimSuffix(bad, ",")); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("error %v", err)
		}
		taken.Close()
		f.mustReplace(config(address))
		if n := len(f.Addresses()); n != 3 {
			t.Errorf("at %s: it listens at %v", address, f.Addresses())
		}
		for _, a := range f.Addresses() {
			if host, _, _ := net.SplitHostPort(a.String()); host != address {
				t.Errorf("it listens at %s, want %s", a, address)
			}
		}
		c, err := dialSSH(addr, "ann", "central")
		if err != nil {
			t.Fatal(err)
		}
		greeting(t, c)
		c.Close()
		if got, _, err := fetch(browser(t, ca, ann), "https://"+webAddr+"/", "", ""); err != nil || got != "ann by HTTP/2.0" {
			t.Errorf("%q, %v", got, err)
		}
		if l, err := net.Listen("tcp4", addr); err == nil {
			l.Close()
			t.Error("the address is free for others")
		}
		if !alive(first) {
			t.Fatal("the session has ended")
		}
	}
	both := strings.Replace(config("0.0.0.0"), `"local-bind":[`, fmt.Sprintf(`"local-bind":[{"local-address":"::","local-port":%d},`, port), 1)
	f.mustReplace(both) // each for its IP version
	if n := len(f.Addresses()); n != 4 {
		t.Errorf("it listens at %v", f.Addresses())
	}
}
