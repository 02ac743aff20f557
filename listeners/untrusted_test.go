package listeners

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// TestUntrusted has an authority replaced in the trust store: sessions of NETCONF and
// RESTCONF that its clients have end, those of others stay, and none begins by what a client
// remembers of an earlier session.
func TestUntrusted(t *testing.T) {
	ca, other := newIdentity(t, nil, "ca"), newIdentity(t, nil, "other")
	server, ann, bob := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann"), newIdentity(t, other, "bob")
	port, addr := freeAddr(t)
	webPort, webAddr := freeAddr(t)
	config := func(trusted ...*identity) string {
		var bag []string
		for i, x := range trusted {
			bag = append(bag, fmt.Sprintf(`{"name":"%d",%s}`, i, x.certJSON()))
		}
		text := listen(tlsEndpoint("a", port, server, ca, "")) + "," + webListen(webEndpoint("a", webPort, server, ca, "", http3JSON))
		text = strings.ReplaceAll(text, `"ca-certs":{"inline-definition":{"certificate":[{"name":"ca",`+ca.certJSON()+`}]}}`, `"ca-certs":{"central-truststore-reference":"b"}`)
		text = strings.ReplaceAll(text, `"fingerprint":"`+ca.fingerprint()+`",`, "")
		return text + `,"ietf-truststore:truststore":{"certificate-bags":{"certificate-bag":[{"name":"b","certificate":[` + strings.Join(bag, ",") + `]}]}}`
	}
	f := start(t, config(ca, other))
	session := func(who *identity) *tls.Conn {
		t.Helper()
		c, err := tls.Dial("tcp", addr, clientConfig(ca, who))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		greeting(t, c)
		return c
	}
	half := halfway(t, addr, ca, ann)
	clients := map[string]*http.Client{}
	for name, who := range map[string]*identity{"ann": ann, "bob": bob} {
		remembering := clientTLS(ca, who)
		remembering.ClientSessionCache = tls.NewLRUClientSessionCache(8)
		clients[name] = browser(t, ca, who)
		clients[name+" again"] = &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: remembering, DisableKeepAlives: true}}
		quic := &http3.Transport{TLSClientConfig: remembering.Clone()}
		t.Cleanup(func() { quic.Close() })
		clients[name+" by QUIC"] = &http.Client{Timeout: patience, Transport: quic}
	}
	ask := func(name string) error {
		_, _, err := fetch(clients[name], "https://"+webAddr+"/", "", "")
		return err
	}
	for name := range clients {
		if err := ask(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	ofAnn, ofBob := session(ann), session(bob)
	ended := map[string]chan struct{}{}
	for _, name := range []string{"ann", "ann by QUIC", "bob", "bob by QUIC"} {
		ended[name] = stream(t, clients[name], "https://"+webAddr+"/stream")
	}
	f.mustReplace(config(other))
	eventually(t, "the session of a client that is not trusted any more ends", func() bool {
		_ = ofAnn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, err := ofAnn.Read(make([]byte, 1))
		timeout, ok := err.(net.Error)
		return err != nil && !(ok && timeout.Timeout())
	})
	if !alive(ofBob) {
		t.Error("a session of a client that is trusted has ended")
	}
	eventually(t, "requests of one that is not trusted fail", func() bool { return ask("ann") != nil && ask("ann by QUIC") != nil })
	for name := range clients {
		if err := ask(name); (err == nil) != strings.HasPrefix(name, "bob") {
			t.Errorf("%s after the change: %v", name, err)
		}
	}
	for name, end := range ended {
		if strings.HasPrefix(name, "ann") {
			select {
			case <-end:
			case <-time.After(patience):
				t.Errorf("%s: the event stream goes on", name)
			}
			continue
		}
		select {
		case <-end:
			t.Errorf("%s: the event stream has ended", name)
		default:
		}
	}
	if half() {
		t.Error("a handshake that began before the change has led to a session")
	}
}

// stream opens an event stream; ended is closed when it ends.
func stream(t *testing.T, c *http.Client, url string) (ended chan struct{}) {
	t.Helper()
	endless := *c
	endless.Timeout = 0
	a, err := endless.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Body.Close() })
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, a.Body)
	}()
	return ended
}

// halfway begins a handshake; finish tells whether it leads to a session that lasts.
func halfway(t *testing.T, addr string, ca, who *identity) (finish func() bool) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	slow := &gated{Conn: nc, open: make(chan struct{})}
	c := tls.Client(slow, clientConfig(ca, who))
	begun := make(chan error, 1)
	go func() { begun <- c.Handshake() }()
	return func() bool {
		close(slow.open)
		if <-begun != nil {
			return false
		}
		if _, err := c.Read(make([]byte, 64)); err != nil {
			return false
		}
		return alive(c) // a greeting may have left before the end
	}
}

// gated is a connection that writes once, and more only when it is open.
type gated struct {
	net.Conn
	open  chan struct{}
	wrote bool
}

func (g *gated) Write(p []byte) (int, error) {
	if g.wrote {
		<-g.open
	}
	g.wrote = true
	return g.Conn.Write(p)
}

// TestIdentityOfTickets: a session that began with a former certificate is not resumed,
// over TCP and QUIC; with the same certificate it is.
func TestIdentityOfTickets(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	port, addr := freeAddr(t)
	config := func() string {
		text := webListen(webEndpoint("a", port, newIdentity(t, ca, "server"), ca, "", http3JSON))
		i := strings.Index(text, `"client-authentication":{"ca-certs"`)
		j := strings.Index(text[i:], `}]}}}`) + len(`}]}}}`)
		return strings.Replace(text, ","+strings.TrimSuffix(text[i:i+j], ","), "", 1)
	}
	f := start(t, config())
	tcp := clientTLS(ca, nil)
	tcp.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	quic := tcp.Clone()
	quic.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	resumed := func(x http.RoundTripper) bool {
		t.Helper()
		a, err := (&http.Client{Transport: x, Timeout: patience}).Get("https://" + addr + "/")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, a.Body)
		a.Body.Close()
		return a.TLS.DidResume
	}
	overQUIC := func() bool {
		x := &http3.Transport{TLSClientConfig: quic}
		defer x.Close()
		did := resumed(x)
		time.Sleep(20 * time.Millisecond) // tickets come behind the answer
		return did
	}
	overTCP := func() bool { return resumed(&http.Transport{TLSClientConfig: tcp, DisableKeepAlives: true}) }
	for name, did := range map[string]func() bool{"TCP": overTCP, "QUIC": overQUIC} {
		did()
		if !did() {
			t.Errorf("over %s no session is resumed", name)
		}
	}
	f.mustReplace(config())
	for name, did := range map[string]func() bool{"TCP": overTCP, "QUIC": overQUIC} {
		if did() {
			t.Errorf("over %s a session of the former certificate is resumed", name)
		}
		if !did() {
			t.Errorf("over %s no session of the new certificate is resumed", name)
		}
	}
}
