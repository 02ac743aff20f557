package listeners

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/netconf/transport"
)

// TestSSHUsers logs in as users of the endpoint and of the server.
func TestSSHUsers(t *testing.T) {
	host, bob := newIdentity(t, nil, "host"), newIdentity(t, nil, "bob")
	port, addr := freeAddr(t)
	key := base64.StdEncoding.EncodeToString(bob.signer().PublicKey().Marshal())
	start(t, listen(sshEndpoint("a", port, host, `,"client-authentication":{"users":{"user":[
		{"name":"bob","public-keys":{"inline-definition":{"public-key":[
			{"name":"k","public-key-format":"ietf-crypto-types:ssh-public-key-format","public-key":"`+key+`"}]}}},
		{"name":"eva","password":{"hashed-password":"`+hashOfLocal+`"}}]}}`)))
	for _, tt := range []struct {
		user, password string
		key            ssh.Signer
		ok             bool
	}{
		{user: "ann", password: "central", ok: true},
		{user: "ann", password: "local"},
		{user: "eva", password: "local", ok: true},
		{user: "eva", password: "central"},
		{user: "bob", key: bob.signer(), ok: true},
		{user: "eva", key: bob.signer()},
	} {
		auth := transport.Password(tt.password)
		if tt.key != nil {
			auth = []ssh.AuthMethod{ssh.PublicKeys(tt.key)}
		}
		c, err := transport.DialSSH(t.Context(), addr, tt.user, ssh.FixedHostKey(host.signer().PublicKey()), auth...)
		if (err == nil) != tt.ok {
			t.Errorf("%s %s: %v, want it to work: %v", tt.user, tt.password, err, tt.ok)
		}
		if err == nil {
			if got := greeting(t, c); got != tt.user+" netconf-ssh" {
				t.Errorf("%s is %q", tt.user, got)
			}
			c.Close()
		}
	}
}

// TestUserCertificates logs in with an OpenSSH certificate, over an endpoint that knows
// its authority from the central store, and one that knows none.
func TestUserCertificates(t *testing.T) {
	host, ca, key := newIdentity(t, nil, "host"), newIdentity(t, nil, "ca"), newIdentity(t, nil, "key")
	portA, a := freeAddr(t)
	portB, b := freeAddr(t)
	blob := base64.StdEncoding.EncodeToString(ca.signer().PublicKey().Marshal())
	start(t, `"ietf-truststore:truststore":{"public-key-bags":{"public-key-bag":[{"name":"authorities","public-key":[
		{"name":"k","public-key-format":"ietf-crypto-types:ssh-public-key-format","public-key":"`+blob+`"}]}]}},`+
		listen(sshEndpoint("a", portA, host, `,"client-authentication":{"altoam-netconf-server:user-authorities":{
			"central-truststore-reference":"authorities"}}`), sshEndpoint("b", portB, host, "")))
	certificate := &ssh.Certificate{
		Key: key.signer().PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"eva"}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := certificate.SignCert(rand.Reader, ca.signer()); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(certificate, key.signer())
	if err != nil {
		t.Fatal(err)
	}
	for addr, ok := range map[string]bool{a: true, b: false} {
		c, err := transport.DialSSH(t.Context(), addr, "eva", ssh.InsecureIgnoreHostKey(), ssh.PublicKeys(signer))
		if (err == nil) != ok {
			t.Errorf("%v, want it to work: %v", err, ok)
		}
		if err == nil {
			if got := greeting(t, c); got != "eva netconf-ssh" {
				t.Errorf("greeting %q", got)
			}
			c.Close()
		}
	}
}

// TestCentralStores has all certificates in the central stores, and replaces one there.
func TestCentralStores(t *testing.T) {
	ca, other := newIdentity(t, nil, "ca"), newIdentity(t, nil, "other")
	server, ann := newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	port, addr := freeAddr(t)
	config := func(trusted *identity) string {
		return `"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"key",` + server.keyJSON() + `,
			"certificates":{"certificate":[{"name":"cert",` + server.certJSON() + `}]}}]}},
		"ietf-truststore:truststore":{"certificate-bags":{"certificate-bag":[{"name":"bag","certificate":[{"name":"c",` + trusted.certJSON() + `}]}]}},` +
			listen(fmt.Sprintf(`{"name":"t","tls":{%s,"tls-server-parameters":{
			"server-identity":{"certificate":{"central-keystore-reference":{"asymmetric-key":"key","certificate":"cert"}}},
			"client-authentication":{"ca-certs":{"central-truststore-reference":"bag"}}},
			"netconf-server-parameters":{"client-identity-mappings":{"cert-to-name":[{"id":1,"map-type":"ietf-x509-cert-to-name:common-name"}]}}}}`, bindJSON(port)))
	}
	f := start(t, config(ca))
	c, err := tls.Dial("tcp", addr, clientConfig(ca, ann))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := greeting(t, c); got != "ann netconf-tls" {
		t.Errorf("greeting %q", got)
	}
	f.mustReplace(config(other))
	if !alive(c) {
		t.Error("a session of an endpoint that changed has ended")
	}
	again, err := tls.Dial("tcp", addr, clientConfig(ca, ann))
	if err == nil {
		if _, err = again.Read(make([]byte, 1)); err == nil {
			t.Error("a client of a CA that is trusted no longer has got in")
		}
		again.Close()
	}
}

// TestChange adds, changes and removes endpoints while sessions go on.
func TestChange(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	host, server, ann := newIdentity(t, nil, "host"), newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	portA, a := freeAddr(t)
	portB, b := freeAddr(t)
	endA, endB := sshEndpoint("a", portA, host, ""), tlsEndpoint("b", portB, server, ca, "")
	f := start(t, "")
	if len(f.Addresses()) != 0 {
		t.Fatal("it listens unasked")
	}
	f.mustReplace(listen(endA))
	c, err := dialSSH(a, "ann", "central")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	greeting(t, c)

	f.mustReplace(listen(endA, endB))
	d, err := tls.Dial("tcp", b, clientConfig(ca, ann))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	greeting(t, d)
	if !alive(c) {
		t.Error("the session of an unchanged endpoint has ended")
	}

	// The addresses change places; the sessions stay.
	f.mustReplace(listen(sshEndpoint("a", portB, host, ""), tlsEndpoint("b", portA, server, ca, "")))
	if !alive(c) || !alive(d) {
		t.Error("sessions of changed endpoints have ended")
	}
	e, err := tls.Dial("tcp", a, clientConfig(ca, ann))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	greeting(t, e)

	// The removal of an endpoint ends all sessions of its name, but not at once.
	f.mustReplace(listen(sshEndpoint("a", portB, host, "")))
	if !alive(d) {
		t.Error("a removed endpoint left no time for a reply")
	}
	eventually(t, "sessions of a removed endpoint end", func() bool { return !alive(d) && !alive(e) })
	if _, err := net.Dial("tcp", a); err == nil {
		t.Error("the address of a removed endpoint is still open")
	}
	if !alive(c) {
		t.Error("the session of another endpoint has ended")
	}
	f.mustReplace("")
	eventually(t, "the last session ends", func() bool { return !alive(c) })
}

// TestRestart starts again while somebody else has the address, and gets it later.
func TestRestart(t *testing.T) {
	host, folder := newIdentity(t, nil, "host"), t.TempDir()
	port, addr := freeAddr(t)
	startIn(t, folder, listen(sshEndpoint("a", port, host, ""))).stop()
	taken, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	f := startIn(t, folder, "")
	if !strings.Contains(f.log.String(), addr) || len(f.Addresses()) > 0 {
		t.Errorf("%v, and the log %s", f.Addresses(), f.log)
	}
	f.mustReplace(listen(sshEndpoint("a", port, host, "")) + `,"ietf-truststore:truststore":{"certificate-bags":{"certificate-bag":[{"name":"x"}]}}`)
	if got := testutil.ToFloat64(Collector{f.Listeners}); got != 0 {
		t.Errorf("the metric of an address that is taken is %v", got)
	}
	taken.Close()
	eventually(t, "the address is bound", func() bool { return len(f.Addresses()) == 1 })
	if got := testutil.ToFloat64(Collector{f.Listeners}); got != 1 {
		t.Errorf("the metric of an address that is bound is %v", got)
	}
	c, err := dialSSH(addr, "ann", "central")
	if err != nil {
		t.Fatal(err)
	}
	greeting(t, c)
	c.Close()
}

// TestIdle has the idle time of the configuration reach the session.
func TestIdle(t *testing.T) {
	host := newIdentity(t, nil, "host")
	port, addr := freeAddr(t)
	config := listen(sshEndpoint("a", port, host, ""))
	f := start(t, config)
	for text, want := range map[string]float64{"": 180, `"idle-timeout":7,`: 7, `"idle-timeout":0,`: -1e-9} {
		f.mustReplace(strings.Replace(config, `"listen":{`, `"listen":{`+text, 1))
		c, err := dialSSH(addr, "ann", "central")
		if err != nil {
			t.Fatal(err)
		}
		if got := (<-f.served).Idle.Seconds(); got != want {
			t.Errorf("idle time %v, want %v", got, want)
		}
		c.Close()
	}
}

// TestRefused has changes that cannot be carried out; they name the node.
func TestRefused(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	host, server := newIdentity(t, nil, "host"), newIdentity(t, ca, "server")
	port, addr := freeAddr(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	used := taken.Addr().(*net.TCPAddr).Port
	good := listen(sshEndpoint("a", port, host, ""))
	f := start(t, good)
	garbage := base64.StdEncoding.EncodeToString([]byte("garbage"))
	mixed := *server
	mixed.key = host.key
	tests := []struct{ name, config, path, message string }{
		{"address in use", listen(sshEndpoint("b", used, host, "")), "local-bind[local-address='127.0.0.1']", "in use"},
		{"twice the same", listen(sshEndpoint("a", port, host, ""), sshEndpoint("b", port, host, "")), "local-bind", "also the address"},
		{
			"no key", strings.Replace(good, host.keyJSON(), `"private-key-format":"ietf-crypto-types:ec-private-key-format","cleartext-private-key":"`+garbage+`"`, 1),
			"endpoint[name='a']/ssh/ssh-server-parameters/server-identity/host-key[name='k']/public-key/inline-definition/cleartext-private-key", "cannot be read",
		},
		{"certificate of another key", listen(tlsEndpoint("t", port, &mixed, ca, "")), "inline-definition/cert-data", "not that of the private key"},
		{
			"no certificate", strings.Replace(listen(tlsEndpoint("t", port, server, ca, "")), ca.certJSON(), `"cert-data":"`+garbage+`"`, 1),
			"ca-certs/inline-definition/certificate[name='ca']/cert-data", "cannot be read",
		},
		{"fingerprint", strings.Replace(listen(tlsEndpoint("t", port, server, ca, "")), ca.fingerprint(), "04:00", 1), "cert-to-name[id='1']/fingerprint", "octets"},
		{"heartbeat", listen(tlsEndpoint("t", port, server, ca, `,"keepalives":{"test-peer-aliveness":{}}`)), "tls-server-parameters/keepalives", "not provided"},
		{"host key algorithm", listen(sshEndpoint("a", port, host, `,"transport-params":{"host-key":{"host-key-alg":["ssh-ed25519"]}}`)), "server-identity", "none of the host keys"},
		{"encryption", listen(sshEndpoint("a", port, host, `,"transport-params":{"encryption":{"encryption-alg":["none"]}}`)), "transport-params/encryption", "none of the algorithms"},
		{"TLS versions", listen(tlsEndpoint("t", port, server, ca, `,"hello-params":{"tls-versions":{"min":"ietf-tls-common:tls13","max":"ietf-tls-common:tls12"}}`)), "tls-versions", "older"},
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
	c, err := dialSSH(addr, "ann", "central")
	if err != nil {
		t.Fatal("what was refused has left a trace:", err)
	}
	c.Close()
	if n := len(f.Addresses()); n != 1 {
		t.Errorf("%d addresses", n)
	}
}

// TestHello limits TLS and SSH to what is configured.
func TestHello(t *testing.T) {
	ca := newIdentity(t, nil, "ca")
	host, server, ann := newIdentity(t, nil, "host"), newIdentity(t, ca, "server"), newIdentity(t, ca, "ann")
	portA, a := freeAddr(t)
	portB, b := freeAddr(t)
	start(t, listen(
		sshEndpoint("a", portA, host, `,"transport-params":{"encryption":{"encryption-alg":["aes256-ctr"]},"key-exchange":{"key-exchange-alg":["ecdh-sha2-nistp384"]}}`),
		tlsEndpoint("b", portB, server, ca, `,"hello-params":{"tls-versions":{"max":"ietf-tls-common:tls12"},"cipher-suites":{"cipher-suite":["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]}}`)))
	c, err := tls.Dial("tcp", b, clientConfig(ca, ann))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if s := c.ConnectionState(); s.Version != tls.VersionTLS12 || s.CipherSuite != tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 {
		t.Errorf("TLS %x with %s", s.Version, tls.CipherSuiteName(s.CipherSuite))
	}
	for cipher, ok := range map[string]bool{ssh.CipherAES256CTR: true, ssh.CipherAES128GCM: false} {
		c, err := ssh.Dial("tcp", a, &ssh.ClientConfig{
			Config: ssh.Config{Ciphers: []string{cipher}}, User: "ann",
			Auth: []ssh.AuthMethod{ssh.Password("central")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		})
		if (err == nil) != ok {
			t.Errorf("%s: %v", cipher, err)
		}
		if err == nil {
			c.Close()
		}
	}
}
