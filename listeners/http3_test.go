package listeners

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// TestHTTP3 asks over QUIC at the same port, with a certificate and without.
func TestHTTP3(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	second, addr2 := freeAddr(t)
	config := func(port int, more string) string { return webListen(webEndpoint("a", port, server, ca, "", more)) }
	f := start(t, config(port, http3JSON))
	_, h, err := fetch(browser(t, ca, ann), "https://"+addr+"/", "", "")
	if want := fmt.Sprintf(`h3=":%d"; ma=3600`, port); err != nil || h.Get("Alt-Svc") != want {
		t.Errorf("Alt-Svc is %q, %v; want %q", h.Get("Alt-Svc"), err, want)
	}
	ask := func(client *identity, addr string) (string, error) {
		x := &http3.Transport{TLSClientConfig: clientTLS(ca, client), QUICConfig: &quic.Config{HandshakeIdleTimeout: 300 * time.Millisecond}}
		defer x.Close()
		text, _, err := fetch(&http.Client{Transport: x, Timeout: patience}, "https://"+addr+"/", "", "")
		return text, err
	}
	expect := func(client *identity, addr, want string) {
		t.Helper()
		if got, err := ask(client, addr); got != want || (err == nil) != (want != "") {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	expect(ann, addr, "ann by HTTP/3.0")
	expect(nil, addr, "")
	f.mustReplace(config(port, http3JSON) + `,"ietf-truststore:truststore":{"certificate-bags":{}}`)
	expect(ann, addr, "ann by HTTP/3.0")
	f.mustReplace(config(second, http3JSON))
	expect(ann, addr, "")
	expect(ann, addr2, "ann by HTTP/3.0")
	f.mustReplace(config(second, ""))
	expect(ann, addr2, "")
	if _, h, err := fetch(browser(t, ca, ann), "https://"+addr2+"/", "", ""); err != nil || h.Get("Alt-Svc") != "" {
		t.Errorf("Alt-Svc is %q, %v", h.Get("Alt-Svc"), err)
	}
	f.mustReplace(config(second, http3JSON))
	expect(ann, addr2, "ann by HTTP/3.0")
	if len(f.Addresses()) != 2 {
		t.Errorf("it listens at %v", f.Addresses())
	}
}

// TestHTTP3Stays has a connection of QUIC see its endpoint change: an open request is
// answered, and the next comes from a new connection.
func TestHTTP3Stays(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	ann := newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	other, addr2 := freeAddr(t)
	config := func(port int) string {
		return webListen(webEndpoint("a", port, newIdentity(t, ca, "server"), ca, "", http3JSON))
	}
	f := start(t, config(port))
	x := &http3.Transport{TLSClientConfig: clientTLS(ca, ann)}
	defer x.Close()
	c := &http.Client{Transport: x, Timeout: patience}
	for i, next := range []struct {
		port int
		addr string
	}{{port, addr}, {other, addr2}} {
		done := make(chan error)
		go func() {
			_, _, err := fetch(c, "https://"+addr+"/slow", "", "")
			done <- err
		}()
		<-f.goOn
		f.mustReplace(config(next.port))
		f.goOn <- struct{}{}
		if err := <-done; err != nil {
			t.Errorf("change %d: an open request has failed: %v", i, err)
		}
		eventually(t, "the next request is answered", func() bool {
			_, _, err := fetch(c, "https://"+next.addr+"/", "", "")
			return err == nil
		})
	}
	eventually(t, "the former address is closed", func() bool { return len(f.Addresses()) == 2 })
}
