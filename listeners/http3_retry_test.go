package listeners

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// TestForgedSource has a client of QUIC whose address is not its own, as it never gets an
// answer: the server sends a Retry alone, of the size of a header, and keeps nothing. One
// that gets it is served.
func TestForgedSource(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	start(t, webListen(webEndpoint("a", port, server, ca, "", http3JSON)))
	sink, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	ask := func(addr string, patience time.Duration) (string, error) {
		x := &http3.Transport{TLSClientConfig: clientTLS(ca, ann), QUICConfig: &quic.Config{HandshakeIdleTimeout: patience}}
		defer x.Close()
		text, _, err := fetch(&http.Client{Transport: x, Timeout: patience}, "https://"+addr+"/", "", "")
		return text, err
	}
	_, _ = ask(sink.LocalAddr().String(), 100*time.Millisecond) // whose packets sink has
	first := make([]byte, 2000)
	_ = sink.SetReadDeadline(time.Now().Add(patience))
	n, _, err := sink.ReadFromUDP(first)
	if err != nil {
		t.Fatal(err)
	}
	to, err := net.ResolveUDPAddr("udp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	forger, err := net.DialUDP("udp4", nil, to)
	if err != nil {
		t.Fatal(err)
	}
	defer forger.Close()
	if _, err := forger.Write(first[:n]); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 2000)
	_ = forger.SetReadDeadline(time.Now().Add(patience))
	got, err := forger.Read(answer)
	if err != nil || answer[0]&0xf0 != 0xf0 || got > 300 { // long header, type Retry: RFC 9000 Section 17.2.5
		t.Errorf("%d bytes that begin with %#x, %v; want a Retry", got, answer[0], err)
	}
	_ = forger.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if more, err := forger.Read(answer); err == nil {
		t.Errorf("%d bytes more without an answer", more)
	}
	if text, err := ask(addr, patience); err != nil || !strings.HasPrefix(text, "ann by HTTP/3") {
		t.Errorf("%q, %v", text, err)
	}
}
