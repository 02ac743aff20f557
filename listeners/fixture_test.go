package listeners

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	numbers "math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/yang"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

var schemaOnce = sync.OnceValues(func() (*yang.Schema, error) {
	var o yang.Options
	for _, n := range []string{
		"ietf-crypto-types", "ietf-keystore", "ietf-truststore", "ietf-tcp-common", "ietf-tcp-client", "ietf-tcp-server",
		"ietf-ssh-common", "ietf-ssh-server", "ietf-tls-common", "ietf-tls-server", "ietf-x509-cert-to-name", "ietf-netconf-server", "altoam-netconf-server",
		"ietf-http-server", "ietf-restconf-server", "altoam-restconf-server", "altoam-metrics",
	} {
		o.Implement = append(o.Implement, yang.ModuleSpec{Name: n})
	}
	o.Features = map[string][]string{
		"ietf-ssh-common": {"transport-params"},
		"ietf-tcp-client": {"local-binding-supported", "tcp-client-keepalives"},
	}
	return yang.Compile(yang.Builtin(), o)
})

// hashOfLocal stands for a hash of the password "local".
var hashOfLocal = "$6$salt$" + strings.Repeat("a", 86)

// known are the users of the whole server: ann with the password "central".
type known struct{}

func (known) Password(user, password string, _ net.Addr) error {
	if user == "ann" && password == "central" {
		return nil
	}
	return errors.New("unknown")
}

func (known) PublicKey(string, ssh.PublicKey, net.Addr) error { return errors.New("unknown") }

// fixture is a Store with Listeners that run until the test ends. A session writes the
// user and the transport, and then what it reads.
type fixture struct {
	testing.TB
	*Listeners
	store  *datastore.Store
	ctx    context.Context
	log    *buffer
	served chan *transport.Conn
	goOn   chan struct{} // ends a request to /slow
	stop   func()
}

// buffer is a log that can be read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func start(t testing.TB, config string) *fixture {
	t.Helper()
	return startIn(t, t.TempDir(), config)
}

// startIn starts with what folder keeps, or with config where it is empty.
func startIn(t testing.TB, folder, config string) *fixture {
	t.Helper()
	return startWith(t, folder, config, New)
}

// startWith starts with Listeners that listeners makes.
func startWith(t testing.TB, folder, config string, listeners func(Options) *Listeners) *fixture {
	t.Helper()
	schema, err := schemaOnce()
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, log: new(buffer), served: make(chan *transport.Conn, 16), goOn: make(chan struct{})}
	backend, err := bolt.Open(filepath.Join(folder, "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	if f.store, err = datastore.Open(datastore.Options{Schema: schema, Backend: backend}); err != nil {
		t.Fatal(err)
	}
	f.Listeners = listeners(Options{
		Handle: func(_ context.Context, c *transport.Conn) {
			f.served <- c
			fmt.Fprintf(c, "%s %s\n", c.User, c.Transport)
			_, _ = io.Copy(c, c)
		},
		Users: known{}, Verify: func(hash, password string) bool { return hash == hashOfLocal && password == "local" },
		HTTP: func() *http.Server {
			return &http.Server{Handler: http.HandlerFunc(f.answer), IdleTimeout: time.Minute}
		},
		Logger: slog.New(slog.NewTextHandler(f.log, nil)),
	})
	f.pace = pace{reply: 20 * time.Millisecond, bind: 20 * time.Millisecond, drain: 100 * time.Millisecond, first: 5 * time.Millisecond, longest: 20 * time.Millisecond}
	f.store.AddParticipant(f.Listeners)
	var stop context.CancelFunc
	f.ctx, stop = context.WithCancel(context.Background())
	if err := f.store.Start(f.ctx, func() (*tree.Tree, error) { return f.parse(config), nil }); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := f.Run(f.ctx); err != nil {
			t.Error(err)
		}
	})
	f.stop = sync.OnceFunc(func() { stop(); running.Wait(); backend.Close() })
	t.Cleanup(f.stop)
	return f
}

func (f *fixture) parse(config string) *tree.Tree {
	f.Helper()
	b := tree.NewBuilder(f.store.Schema().Root)
	err := codec.DecodeJSON(strings.NewReader("{"+config+"}"), f.store.Schema(), f.store.Schema().Root, b, codec.DecodeOptions{})
	if err != nil {
		f.Fatal(err)
	}
	t, err := b.Tree()
	if err != nil {
		f.Fatal(err)
	}
	return t
}

// replace makes config all of running.
func (f *fixture) replace(config string) error {
	f.Helper()
	x := f.store.NewSession(datastore.User{Name: "test"}, datastore.Source{})
	defer x.Close()
	return x.Replace(f.ctx, datastore.Running, f.parse(config), datastore.EditOptions{})
}

func (f *fixture) mustReplace(config string) {
	f.Helper()
	if err := f.replace(config); err != nil {
		f.Fatal(err)
	}
}

// identity is a certificate with its key.
type identity struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newIdentity(t testing.TB, by *identity, name string) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: by == nil, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &identity{cert, key}
}

func (i *identity) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.cert.Raw}, PrivateKey: i.key}
}

func (i *identity) signer() ssh.Signer {
	s, err := ssh.NewSignerFromKey(i.key)
	if err != nil {
		panic(err)
	}
	return s
}

func (i *identity) fingerprint() string {
	sum := sha256.Sum256(i.cert.Raw)
	text := "04"
	for _, b := range sum {
		text += ":" + hex.EncodeToString([]byte{b})
	}
	return text
}

// keyJSON are the leafs of an asymmetric-key-pair-grouping.
func (i *identity) keyJSON() string {
	der, err := x509.MarshalECPrivateKey(i.key)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`"private-key-format":"ietf-crypto-types:ec-private-key-format","cleartext-private-key":%q`,
		base64.StdEncoding.EncodeToString(der))
}

func (i *identity) certJSON() string {
	return fmt.Sprintf(`"cert-data":%q`, base64.StdEncoding.EncodeToString(i.cert.Raw))
}

// freeAddr is an address that nobody listens on, its port below those that the kernel
// gives away: any connection of another test could get one of those first.
func freeAddr(t testing.TB) (port int, addr string) {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 10240+numbers.IntN(32768-10240)))
		if err == nil {
			defer l.Close()
			return l.Addr().(*net.TCPAddr).Port, l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return 0, ""
}

// listen wraps endpoints.
func listen(endpoints ...string) string {
	return `"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[` + strings.Join(endpoints, ",") + `]}}}`
}

// sshParams and tlsParams are the containers of server parameters.
func sshParams(host *identity, more string) string {
	return `"ssh-server-parameters":{"server-identity":{"host-key":[{"name":"k","public-key":{"inline-definition":{` + host.keyJSON() + `}}}]}` + more + `}`
}

func tlsParams(server, ca *identity, more string) string {
	return `"tls-server-parameters":{"server-identity":{"certificate":{"inline-definition":{` + server.keyJSON() + "," + server.certJSON() + `}}},
		"client-authentication":{"ca-certs":{"inline-definition":{"certificate":[{"name":"ca",` + ca.certJSON() + `}]}}}` + more + `},
		"netconf-server-parameters":{"client-identity-mappings":{"cert-to-name":[{"id":1,"fingerprint":"` + ca.fingerprint() + `","map-type":"ietf-x509-cert-to-name:common-name"}]}}`
}

func bindJSON(port int) string {
	return fmt.Sprintf(`"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":%d}]}`, port)
}

func sshEndpoint(name string, port int, host *identity, more string) string {
	return fmt.Sprintf(`{"name":%q,"ssh":{%s,%s}}`, name, bindJSON(port), sshParams(host, more))
}

func tlsEndpoint(name string, port int, server, ca *identity, more string) string {
	return fmt.Sprintf(`{"name":%q,"tls":{%s,%s}}`, name, bindJSON(port), tlsParams(server, ca, more))
}

// greeting reads the line with which a session starts.
func greeting(t testing.TB, c io.Reader) string {
	t.Helper()
	line := make([]byte, 64)
	n, err := c.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(line[:n]))
}

// alive tells whether a session still answers.
func alive(c io.ReadWriter) bool {
	if _, err := c.Write([]byte("x")); err != nil {
		return false
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err == nil
}

func dialSSH(addr, user, password string) (*transport.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return transport.DialSSH(ctx, addr, user, ssh.InsecureIgnoreHostKey(), transport.Password(password)...)
}

func clientConfig(ca, client *identity) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{client.tls()}, ServerName: "127.0.0.1"}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}
