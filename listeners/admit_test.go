package listeners

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// TestAdmission has an endpoint of RESTCONF that admits one connection, over TCP and QUIC.
func TestAdmission(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	f := start(t, "")
	var open atomic.Int64
	f.o.Admit = func(remote net.Addr, _ func()) (func(), bool) {
		if host, _, _ := net.SplitHostPort(remote.String()); host != "127.0.0.1" {
			t.Errorf("a connection from %s", remote)
		}
		if open.Add(1) > 1 {
			open.Add(-1)
			return nil, false
		}
		return func() { open.Add(-1) }, true
	}
	f.mustReplace(webListen(webEndpoint("a", port, server, ca, "", http3JSON)))
	overTCP := browser(t, ca, ann)
	x := &http3.Transport{TLSClientConfig: clientTLS(ca, ann), QUICConfig: &quic.Config{HandshakeIdleTimeout: time.Second}}
	defer x.Close()
	overQUIC := &http.Client{Transport: x, Timeout: patience}
	for i, c := range []struct {
		client *http.Client
		want   string // "" for refused
	}{
		{overTCP, "ann by HTTP/2.0"},
		{browser(t, ca, ann), ""},
		{overQUIC, ""},
		{overTCP, "ann by HTTP/2.0"},
		{nil, ""}, // the one that is open ends
		{overQUIC, "ann by HTTP/3.0"},
		{browser(t, ca, ann), ""},
		{overQUIC, "ann by HTTP/3.0"},
	} {
		if c.client == nil {
			overTCP.CloseIdleConnections()
			for open.Load() > 0 {
				time.Sleep(time.Millisecond)
			}
			continue
		}
		got, _, err := fetch(c.client, "https://"+addr+"/", "", "")
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%d: %q, %v; want %q", i, got, err, c.want)
		}
	}
}
