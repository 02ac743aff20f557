package listeners

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
