package listeners

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// answer is the handler of RESTCONF: it says who asks, over what.
func (f *fixture) answer(w http.ResponseWriter, r *http.Request) {
	user, _ := CertificateUser(r.Context())
	if name, password, ok := r.BasicAuth(); ok && user == "" && PasswordUser(r.Context(), name, password) {
		user = "local " + name
	}
	switch r.URL.Path {
	case "/slow":
		f.goOn <- struct{}{} // it has come
		<-f.goOn
	case "/stream":
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return
	}
	fmt.Fprintf(w, "%s by %s", user, r.Proto)
}

func webListen(endpoints ...string) string {
	return `"ietf-restconf-server:restconf-server":{"listen":{"endpoints":{"endpoint":[` + strings.Join(endpoints, ",") + `]}}}`
}

// webStack are the containers of server parameters; byHTTP goes into those of HTTP.
func webStack(server, ca *identity, byHTTP string) string {
	clients := ""
	if ca != nil {
		clients = `,"client-authentication":{"ca-certs":{"inline-definition":{"certificate":[{"name":"ca",` + ca.certJSON() + `}]}}}`
	}
	return `"tls-server-parameters":{"server-identity":{"certificate":{"inline-definition":{` + server.keyJSON() + "," + server.certJSON() + `}}}` + clients + `},
		"http-server-parameters":{"server-name":"lab"` + byHTTP + `},
		"restconf-server-parameters":{"client-identity-mappings":{"cert-to-name":[{"id":1,"map-type":"ietf-x509-cert-to-name:common-name"}]}}`
}

func webEndpoint(name string, port int, server, ca *identity, byHTTP, more string) string {
	return fmt.Sprintf(`{"name":%q,"https":{%s,%s%s}}`, name, bindJSON(port), webStack(server, ca, byHTTP), more)
}

const (
	http3JSON = `,"altoam-restconf-server:http3":{}`
	// evaJSON has the user eva with the password "local".
	evaJSON = `,"client-authentication":{"users":{"user":[{"user-id":"1","basic":{"username":"eva","password":{"hashed-password":"HASH"}}}]}}`
)

// browser is a client of HTTP with what it knows.
func browser(t testing.TB, ca, client *identity) *http.Client {
	c := clientTLS(ca, client)
	x := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
	t.Cleanup(x.CloseIdleConnections)
	return &http.Client{Transport: x, Timeout: patience}
}

func clientTLS(ca, client *identity) *tls.Config {
	c := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1"}
	c.RootCAs.AddCert(ca.cert)
	if client != nil { // whatever the server asks for
		own := client.tls()
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	}
	return c
}

// fetch asks who one is; user and password may be "".
func fetch(c *http.Client, url, user, password string) (string, http.Header, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return "", nil, err
	}
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	a, err := c.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	return string(text), a.Header, err
}

// TestWebUsers shows who a client of HTTPS is: by its certificate first, by a password of
// the endpoint where the certificate names nobody or is not required.
func TestWebUsers(t *testing.T) {
	ca, other := newIdentity(t, nil, "ca"), newIdentity(t, nil, "other")
	server, ann, nameless := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann"), newIdentity(t, ca, "")
	stranger := newIdentity(t, other, "stranger")
	eva := strings.Replace(evaJSON, "HASH", hashOfLocal, 1)
	portA, a := freeAddr(t)
	portB, b := freeAddr(t)
	portC, c := freeAddr(t)
	start(t, webListen(webEndpoint("strict", portA, server, ca, "", ""), webEndpoint("both", portB, server, ca, eva, ""), webEndpoint("open", portC, server, nil, eva, "")))
	for _, tt := range []struct {
		addr           string
		client         *identity
		user, password string
		want           string // "" where the handshake fails
	}{
		{a, ann, "", "", "ann by HTTP/2.0"},
		{a, ann, "eva", "local", "ann by HTTP/2.0"},
		{a, nameless, "", "", " by HTTP/2.0"},
		{a, nil, "", "", ""},
		{a, stranger, "", "", ""},
		{b, ann, "eva", "local", "ann by HTTP/2.0"},
		{b, nameless, "eva", "local", "local eva by HTTP/2.0"},
		{b, nil, "eva", "local", "local eva by HTTP/2.0"},
		{b, nil, "eva", "wrong", " by HTTP/2.0"},
		{b, nil, "ann", "local", " by HTTP/2.0"},
		{b, stranger, "eva", "local", ""},
		{c, ann, "", "", " by HTTP/2.0"},
		{c, nil, "eva", "local", "local eva by HTTP/2.0"},
	} {
		got, h, err := fetch(browser(t, ca, tt.client), "https://"+tt.addr+"/", tt.user, tt.password)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%+v: %q, %v", tt, got, err)
		}
		if err == nil && h.Get("Server") != "lab" {
			t.Errorf("Server is %q", h.Get("Server"))
		}
	}
	if _, ok := CertificateUser(context.Background()); ok || PasswordUser(context.Background(), "eva", "local") {
		t.Error("a request of another listener has a user")
	}
}

// TestWebChange changes the certificate and the port while requests are made: none fails.
func TestWebChange(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	ann := newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	second, addr2 := freeAddr(t)
	f := start(t, webListen(webEndpoint("a", port, newIdentity(t, ca, "first"), ca, "", "")))
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		ctx, stop := context.WithCancel(t.Context())
		failed, count := make(chan error, 1), atomic.Int64{}
		go func() {
			defer close(failed)
			c := browser(t, ca, ann)
			if proto == "HTTP/1.1" {
				c.Transport.(*http.Transport).ForceAttemptHTTP2 = false
				c.Transport.(*http.Transport).TLSClientConfig.NextProtos = []string{"http/1.1"}
			}
			for ctx.Err() == nil {
				if got, _, err := fetch(c, "https://"+addr+"/", "", ""); err != nil || got != "ann by "+proto {
					failed <- fmt.Errorf("%q, %w", got, err)
					return
				}
				count.Add(1)
			}
		}()
		before := newIdentity(t, ca, "second")
		for i := range 5 {
			eventually(t, "requests are answered", func() bool { return count.Load() > int64(i)*20 })
			before = newIdentity(t, ca, fmt.Sprint("server ", i))
			f.mustReplace(webListen(webEndpoint("a", port, before, ca, "", "")))
		}
		c, err := tls.Dial("tcp", addr, clientTLS(ca, ann))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ConnectionState().PeerCertificates[0]; !got.Equal(before.cert) {
			t.Errorf("the certificate is that of %s", got.Subject)
		}
		c.Close()
		stop()
		if err := <-failed; err != nil {
			t.Errorf("%s: a request has failed: %v", proto, err)
		}
	}
	c := browser(t, ca, ann)
	if _, _, err := fetch(c, "https://"+addr+"/", "", ""); err != nil {
		t.Error(err)
	}
	f.mustReplace(webListen(webEndpoint("a", second, newIdentity(t, ca, "last"), ca, "", "")))
	for _, url := range []string{"https://" + addr + "/", "https://" + addr2 + "/"} { // the first by the connection that is open
		if _, _, err := fetch(c, url, "", ""); err != nil {
			t.Error(err)
		}
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the former address is still open")
	}
}

// TestWebRemoved removes an endpoint: its event streams end, a request that is being
// answered is finished.
func TestWebRemoved(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	portB, addrB := freeAddr(t)
	other := webEndpoint("b", portB, server, ca, "", "")
	f := start(t, webListen(webEndpoint("a", port, server, ca, "", ""), other))
	stream := func(addr string) io.ReadCloser {
		a, err := browser(t, ca, ann).Get("https://" + addr + "/stream")
		if err != nil {
			t.Fatal(err)
		}
		return a.Body
	}
	gone, stays := stream(addr), stream(addrB)
	defer stays.Close()
	done := make(chan error)
	go func() {
		_, _, err := fetch(browser(t, ca, ann), "https://"+addr+"/slow", "", "")
		done <- err
	}()
	<-f.goOn
	f.mustReplace(webListen(other))
	if _, err := io.ReadAll(gone); err != nil {
		t.Error("the stream ended with", err)
	}
	f.goOn <- struct{}{}
	if err := <-done; err != nil {
		t.Error("an open request has failed:", err)
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.ReadAll(stays)
		close(ended)
	}()
	select {
	case <-ended:
		t.Error("the stream of another endpoint has ended")
	case <-time.After(50 * time.Millisecond):
	}
	f.stop()
	<-ended
}

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

// TestWebCallHome answers requests over connections that the server has made.
func TestWebCallHome(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	a := await(t)
	place := func(more string) string {
		return `"ietf-restconf-server:restconf-server":{"call-home":{"restconf-client":[` +
			client("nms", persistent, "", fmt.Sprintf(`{"name":"x","https":{%s,%s}}`, remoteJSON(a.port), webStack(server, ca, more))) + `]}}`
	}
	f := start(t, place(""))
	for range 2 {
		c := tls.Client(a.called(), clientTLS(ca, ann))
		in := bufio.NewReader(c)
		for range 2 { // requests of one connection
			fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(r.Body); err != nil || string(text) != "ann by HTTP/1.1" {
				t.Errorf("%q, %v", text, err)
			}
		}
		c.Close()
	}
	tls.Client(a.called(), clientTLS(ca, nil)).Close() // no session without a certificate
	c := tls.Client(a.called(), clientTLS(ca, ann))
	fmt.Fprint(c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Body.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the event stream has ended with", err)
	}
	f.mustReplace("")
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 64)); err != nil { // the end of the stream
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Error("the connection to a client that was removed ends with", err)
	}
	a.quiet(50 * time.Millisecond)
}

// TestWebRefused has changes that cannot be carried out; they name the node.
func TestWebRefused(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	server := newIdentity(t, ca, "server")
	port, _ := freeAddr(t)
	good := webListen(webEndpoint("a", port, server, ca, "", ""))
	f := start(t, good)
	tests := []struct{ name, config, path, message string }{
		{
			"HTTP/3 without TLS 1.3",
			strings.Replace(webListen(webEndpoint("a", port, server, ca, "", http3JSON)), `"tls-server-parameters":{`,
				`"tls-server-parameters":{"hello-params":{"tls-versions":{"max":"ietf-tls-common:tls12"}},`, 1), "https/altoam-restconf-server:http3", "TLS 1.3",
		},
		{"HTTP/3 at no port", webListen(webEndpoint("a", 0, server, ca, "", http3JSON)), "http3", "number of a port"},
		{
			"user without password", webListen(webEndpoint("a", port, server, ca, `,"client-authentication":{"users":{"user":[{"user-id":"1","basic":{"username":"eva"}}]}}`, "")),
			"http-server-parameters/client-authentication/users/user[user-id='1']", "hashed-password",
		},
		{
			"heartbeat", strings.Replace(good, `"tls-server-parameters":{`, `"tls-server-parameters":{"keepalives":{"test-peer-aliveness":{}},`, 1),
			"tls-server-parameters/keepalives", "not provided",
		},
		{
			"the address of NETCONF", good + "," + listen(tlsEndpoint("n", port, server, ca, "")), "local-bind", "also the address",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := f.replace(tt.config)
			var e *rpcerr.Error
			if !errors.As(err, &e) || !strings.Contains(e.Path, tt.path) || !strings.Contains(e.Message, tt.message) {
				t.Errorf("error %v\nwant %q at %q", err, tt.message, tt.path)
			}
		})
	}
	if n := len(f.Addresses()); n != 1 {
		t.Errorf("%d addresses", n)
	}
}
