package netconf

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

// over, where set, makes the connections of a fixture in place of a pipe.
var over func(f *fixture) net.Conn

// TestScenariosOverTransports plays the scenarios through sockets of both transports.
func TestScenariosOverTransports(t *testing.T) {
	if *update {
		return // TestScenarios does
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	certificate := selfSigned(t)
	for name, carrier := range map[string]func(*fixture, tls.Certificate) func() net.Conn{"ssh": overSSH, "tls": overTLS} {
		t.Run(name, func(t *testing.T) {
			dialers := map[*fixture]func() net.Conn{}
			connections := 0
			over = func(f *fixture) net.Conn {
				if dialers[f] == nil {
					dialers[f] = carrier(f, certificate)
				}
				connections++
				return dialers[f]()
			}
			defer func() { over = nil }()
			for _, path := range files {
				t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { play(t, path) })
			}
			if connections == 0 {
				t.Error("nothing went over the transport")
			}
		})
	}
}

// selfSigned is the certificate of ann, and of a server she trusts.
func selfSigned(t testing.TB) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ann"}, DNSNames: []string{"ann"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: c}
}

// serveOn runs serve on loopback until the test of f ends.
func serveOn(f *fixture, serve func(context.Context, net.Listener) error) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- serve(serving, l) }()
	f.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			f.Error(err)
		}
	})
	return l.Addr().String()
}

func overTLS(f *fixture, certificate tls.Certificate) func() net.Conn {
	server := &transport.TLSServer{
		Config: &tls.Config{Certificates: []tls.Certificate{certificate}},
		Trust:  transport.ClientTrust{Clients: []*x509.Certificate{certificate.Leaf}},
		Users:  transport.CertMaps{{Type: transport.MapCommon}},
		Handle: func(ctx context.Context, c *transport.Conn) {
			c.Transport = transport.NetconfSSH // which is what the scenarios show
			f.server.Handle(ctx, c)
		},
	}
	addr := serveOn(f, server.Serve)
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	return func() net.Conn {
		c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, ServerName: "ann", Certificates: []tls.Certificate{certificate}})
		if err != nil {
			f.Fatal(err)
		}
		return c
	}
}

func overSSH(f *fixture, certificate tls.Certificate) func() net.Conn {
	signer, err := ssh.NewSignerFromKey(certificate.PrivateKey)
	if err != nil {
		f.Fatal(err)
	}
	server := &transport.SSHServer{HostKeys: []ssh.Signer{signer}, Auth: oneUser{}, Handle: f.server.Handle}
	addr := serveOn(f, server.Serve)
	return func() net.Conn {
		c, err := transport.DialSSH(ctx, addr, "ann", ssh.FixedHostKey(signer.PublicKey()), transport.Password("secret")...)
		if err != nil {
			f.Fatal(err)
		}
		return dialled{c}
	}
}

// dialled is a Conn with what else a net.Conn has, which nobody here uses.
type dialled struct{ *transport.Conn }

func (dialled) LocalAddr() net.Addr              { return nil }
func (dialled) SetDeadline(time.Time) error      { return nil }
func (dialled) SetReadDeadline(time.Time) error  { return nil }
func (dialled) SetWriteDeadline(time.Time) error { return nil }
func (s dialled) RemoteAddr() net.Addr           { return s.Remote }
