package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	numbers "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/netconf/transport"
)

// certified is a certificate with its key.
type certified struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate for name, of its own where by is nil.
func issue(t testing.TB, by *certified, name string) *certified {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: by == nil, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	signer := &certified{c, key}
	if by != nil {
		signer = by
	}
	der, err := x509.CreateCertificate(rand.Reader, c, signer.cert, key.Public(), signer.key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return &certified{c, key}
}

func (c *certified) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{c.cert.Raw}, PrivateKey: c.key}
}

// client is the side of a client that trusts ca.
func (c *certified) client(ca *certified) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{c.tls()}, ServerName: "127.0.0.1"}
}

// tlsServer is a tls-server-parameters with c as its certificate, for clients of ca.
func (c *certified) tlsServer(t testing.TB, ca *certified) string {
	t.Helper()
	key, err := x509.MarshalECPrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf(`"tls-server-parameters":{"server-identity":{"certificate":{"inline-definition":{
		"private-key-format":"ietf-crypto-types:ec-private-key-format","cleartext-private-key":%q,"cert-data":%q}}},
		"client-authentication":{"ca-certs":{"inline-definition":{"certificate":[{"name":"ca","cert-data":%q}]}}}}`,
		text(key), text(c.cert.Raw), text(ca.cert.Raw))
}

const byCommonName = `"client-identity-mappings":{"cert-to-name":[{"id":1,"map-type":"ietf-x509-cert-to-name:common-name"}]}`

// seeded starts a server with what seed holds.
func seeded(t testing.TB, seed string) *started {
	t.Helper()
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	file := filepath.Join(dir, "seed.json")
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, runOptions{DataDir: filepath.Join(dir, "data"), Seed: file})
	t.Cleanup(s.end)
	return s
}

// freeAddress is an address that nobody listens on, its port below those that the kernel
// gives away: any connection of another test could get one of those first.
func freeAddress(t testing.TB) *net.TCPAddr {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 10240+numbers.IntN(32768-10240)))
		if err == nil {
			defer l.Close()
			return l.Addr().(*net.TCPAddr)
		}
	}
	t.Fatal("no port is free")
	return nil
}

// bareTLS is a TLS server that asks for a certificate of ca and sends so many octets.
func bareTLS(b testing.TB, server, ca *certified, size int) (addr string) {
	b.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{server.tls()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, SessionTicketsDisabled: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	hello := make([]byte, size)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := c.Write(hello); err == nil {
					_, _ = io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// BenchmarkOpenTLS opens sessions over TLS, up to the hello of the server, in turn with a
// bare TLS handshake and as many octets.
func BenchmarkOpenTLS(b *testing.B) {
	ca := issue(b, nil, "ca")
	server, admin := issue(b, ca, "server"), issue(b, ca, adminUser)
	addr := freeAddress(b)
	seeded(b, fmt.Sprintf(`{"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"t","tls":{
		"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":%d}]},%s,
		"netconf-server-parameters":{%s}}}]}}}}`, addr.Port, server.tlsServer(b, ca), byCommonName))
	config := admin.client(ca)
	open := func() (size int) {
		c, err := tls.Dial("tcp", addr.String(), config)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		r, err := transport.NewFramer(c, transport.Limits{}).Next()
		if err != nil {
			b.Fatal(err)
		}
		hello, err := io.ReadAll(r)
		if err != nil {
			b.Fatal(err)
		}
		return len(hello) + len("]]>]]>")
	}
	size := open()
	bareAddr := bareTLS(b, server, ca, size)
	var own, bare samples
	for b.Loop() {
		own.measure(func() { open() })
		bare.measure(func() {
			c, err := tls.Dial("tcp", bareAddr, config)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { c.Close() })
			if _, err := io.CopyN(io.Discard, c, int64(size)); err != nil {
				b.Fatal(err)
			}
		})
	}
	compare(b, own, bare, time.Millisecond, [2]string{"open-ms", "bare-ms"})
}
