package listeners

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// awaited is a client that waits to be called.
type awaited struct {
	testing.TB
	net.Listener
	port int
}

func await(t testing.TB) *awaited {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &awaited{t, l, l.Addr().(*net.TCPAddr).Port}
}

// called returns the next call.
func (a *awaited) called() net.Conn {
	a.Helper()
	if err := a.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience)); err != nil {
		a.Fatal(err)
	}
	nc, err := a.Accept()
	if err != nil {
		a.Fatal(err)
	}
	return nc
}

// quiet fails when a call comes within d.
func (a *awaited) quiet(d time.Duration) {
	a.Helper()
	if err := a.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(d)); err != nil {
		a.Fatal(err)
	}
	nc, err := a.Accept()
	if err == nil {
		nc.Close()
		a.Error("a call that nobody asked for")
	}
}

func callHome(clients ...string) string {
	return `"ietf-netconf-server:netconf-server":{"call-home":{"netconf-client":[` + strings.Join(clients, ",") + `]}}`
}

func client(name, kind, strategy string, endpoints ...string) string {
	return fmt.Sprintf(`{"name":%q,"connection-type":{%s},"reconnect-strategy":{%s},"endpoints":{"endpoint":[%s]}}`,
		name, kind, strategy, strings.Join(endpoints, ","))
}

func remoteJSON(port int) string {
	return fmt.Sprintf(`"tcp-client-parameters":{"remote-address":"127.0.0.1","remote-port":%d}`, port)
}

func sshPlace(name string, port int, host *identity) string {
	return fmt.Sprintf(`{"name":%q,"ssh":{%s,%s}}`, name, remoteJSON(port), sshParams(host, ""))
}

func tlsPlace(name string, port int, server, ca *identity) string {
	return fmt.Sprintf(`{"name":%q,"tls":{%s,%s}}`, name, remoteJSON(port), tlsParams(server, ca, ""))
}

const persistent, periodic = `"persistent":{}`, `"periodic":{"period":1,"idle-timeout":9}`

// TestPersistent has a client hang up, and be called again.
func TestPersistent(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	a := await(t)
	f := start(t, callHome(client("nms", persistent, "", tlsPlace("x", a.port, server, ca))))
	for range 3 {
		c := tls.Client(a.called(), clientConfig(ca, ann))
		if got := greeting(t, c); got != "ann netconf-tls" {
			t.Errorf("greeting %q", got)
		}
		if got := (<-f.served).Idle; got >= 0 {
			t.Errorf("a persistent connection has an idle time of %v", got)
		}
		c.Close()
	}
	c := tls.Client(a.called(), clientConfig(ca, ann))
	greeting(t, c)
	f.mustReplace("")
	if !alive(c) {
		t.Error("no time for a reply")
	}
	eventually(t, "the connection to a client that is removed ends", func() bool { return !alive(c) })
	a.quiet(50 * time.Millisecond)
}

// TestCallHomeSSH logs in over a connection that the server has made.
func TestCallHomeSSH(t *testing.T) {
	host := newIdentity(t, nil, "host")
	a := await(t)
	f := start(t, callHome(client("nms", periodic, "", sshPlace("x", a.port, host))))
	nc := a.called()
	sc, channels, requests, err := ssh.NewClientConn(nc, "", &ssh.ClientConfig{
		User: "ann", Auth: []ssh.AuthMethod{ssh.Password("central")}, HostKeyCallback: ssh.FixedHostKey(host.signer().PublicKey()),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := ssh.NewClient(sc, channels, requests)
	x, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := x.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.RequestSubsystem("netconf"); err != nil {
		t.Fatal(err)
	}
	if got := greeting(t, out); got != "ann netconf-ssh" {
		t.Errorf("greeting %q", got)
	}
	if got := (<-f.served).Idle; got != 9*time.Second {
		t.Errorf("idle time %v", got)
	}
	c.Close()
	a.quiet(100 * time.Millisecond) // a minute is not over
}

// TestPlaces has the first place refuse, and the second answer.
func TestPlaces(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	dead, _ := freeAddr(t)
	rude, good := await(t), await(t)
	start(t, callHome(client("nms", persistent, `"start-with":"last-connected","max-attempts":2`,
		tlsPlace("dead", dead, server, ca), tlsPlace("rude", rude.port, server, ca), tlsPlace("good", good.port, server, ca))))
	for range 2 {
		rude.called().Close() // after the connection, in vain
	}
	for range 2 {
		c := tls.Client(good.called(), clientConfig(ca, ann))
		greeting(t, c)
		c.Close()
	}
	c := tls.Client(good.called(), clientConfig(ca, ann))
	greeting(t, c)
	rude.quiet(20 * time.Millisecond)
	c.Close()
}

// TestChangedClient calls at the new place after the session at the old one has ended.
func TestChangedClient(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	a, b := await(t), await(t)
	config := func(p int) string {
		return callHome(client("nms", persistent, "", tlsPlace("x", p, server, ca)))
	}
	f := start(t, config(a.port))
	c := tls.Client(a.called(), clientConfig(ca, ann))
	greeting(t, c)
	f.mustReplace(config(b.port) + `,"ietf-truststore:truststore":{"certificate-bags":{}}`)
	if !alive(c) {
		t.Error("no time for a reply")
	}
	d := tls.Client(b.called(), clientConfig(ca, ann))
	greeting(t, d)
	if alive(c) {
		t.Error("the former connection goes on")
	}
	f.mustReplace(config(b.port))
	if !alive(d) {
		t.Error("a change of something else has ended the connection")
	}
	d.Close()
}

func TestUntilNext(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	begun := at("2026-01-01T12:00:30Z")
	for _, tt := range []struct {
		anchor, now string
		calls       int
		want        time.Duration
	}{
		{"", "2026-01-01T12:00:30Z", 0, 0},
		{"", "2026-01-01T12:00:31Z", 1, 10*time.Minute - time.Second},
		{"", "2026-01-01T12:25:30Z", 5, 5 * time.Minute},
		{"2026-01-01T00:05:00Z", "2026-01-01T12:00:30Z", 0, 4*time.Minute + 30*time.Second},
		{"2026-01-01T12:05:00+01:00", "2026-01-01T12:06:00Z", 3, 9 * time.Minute},
		{"2030-01-01T00:05:00Z", "2026-01-01T12:00:30Z", 0, 4*time.Minute + 30*time.Second},
	} {
		c := &caller{period: 10 * time.Minute}
		if tt.anchor != "" {
			c.anchor = anchor(tt.anchor)
		}
		if got := c.untilNext(begun, at(tt.now), tt.calls); got != tt.want {
			t.Errorf("anchor %q, now %s: %v, want %v", tt.anchor, tt.now, got, tt.want)
		}
	}
	if a := anchor("2026-01-01T00:05:00"); a.IsZero() || a.Location() != time.Local {
		t.Errorf("an anchor without time zone is %v", a)
	}
}

// TestRefusedCaller has a client that cannot be called: the error names the node.
func TestRefusedCaller(t *testing.T) {
	ca, server := newIdentity(t, nil, "ca"), newIdentity(t, nil, "server")
	f := start(t, "")
	bad := strings.Replace(callHome(client("nms", persistent, "", tlsPlace("x", 1, server, ca))), ca.fingerprint(), "99:00", 1)
	err := f.replace(bad)
	if err == nil || !strings.Contains(err.Error(), "netconf-client[name='nms']/endpoints/endpoint[name='x']/tls/netconf-server-parameters") {
		t.Errorf("error %v", err)
	}
}
