package listeners

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestMetrics tells what listens and what is called.
func TestMetrics(t *testing.T) {
	ca, host := newIdentity(t, nil, "ca"), newIdentity(t, nil, "host")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	webPort, webAddr := freeAddr(t)
	a := await(t)
	both := strings.TrimSuffix(listen(sshEndpoint("n", port, host, "")), "}") + "," + // one container
		strings.TrimPrefix(callHome(client("nms", persistent, "", tlsPlace("x", a.port, server, ca))), `"ietf-netconf-server:netconf-server":{`)
	f := start(t, both+","+webListen(webEndpoint("w", webPort, server, ca, "", http3JSON)))
	figuresPort, figuresAddr := freeAddr(t)
	g := startFigures(t, figuresListen(figuresEndpoint("m", figuresPort, server, ca, "")))
	c := tls.Client(a.called(), clientConfig(ca, ann))
	greeting(t, c)
	expect := func(called int) {
		t.Helper()
		want := fmt.Sprintf(`# HELP altoam_call_home_connected 1 while there is a connection to a client that is called, else 0.
# TYPE altoam_call_home_connected gauge
altoam_call_home_connected{client="nms",protocol="NETCONF"} %d
# HELP altoam_endpoint_listening 1 where a configured endpoint listens at the address, 0 where the address could not be bound.
# TYPE altoam_endpoint_listening gauge
altoam_endpoint_listening{address="%s",endpoint="n",protocol="NETCONF",transport="tcp"} 1
altoam_endpoint_listening{address="%s",endpoint="w",protocol="RESTCONF",transport="tcp"} 1
altoam_endpoint_listening{address="%[3]s",endpoint="w",protocol="RESTCONF",transport="udp"} 1
altoam_endpoint_listening{address="%[4]s",endpoint="m",protocol="metrics",transport="tcp"} 1
`, called, addr, webAddr, figuresAddr)
		if err := testutil.CollectAndCompare(Collector{f.Listeners, g.Listeners}, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
	}
	expect(1)
	a.Close()
	c.Close()
	eventually(t, "the call has ended", func() bool { return !up(f, "nms") })
	expect(0)
}

// up tells whether a client is connected.
func up(f *fixture, client string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.callers {
		if c.name == client {
			return c.up.Load()
		}
	}
	return false
}
