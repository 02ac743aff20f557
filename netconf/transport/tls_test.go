package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"
)

// issued is a certificate with its key, and what it was issued by.
type issued struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	chain [][]byte
}

func (i *issued) tls() tls.Certificate {
	return tls.Certificate{Certificate: i.chain, PrivateKey: i.key, Leaf: i.cert}
}

// issue makes a certificate, self-signed where by is nil.
func issue(t testing.TB, by *issued, change func(*x509.Certificate)) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<60))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "someone"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
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
	i := &issued{cert: cert, key: key, chain: [][]byte{der}}
	if by != nil && !(by.cert.IsCA && by.cert.Subject.String() == by.cert.Issuer.String()) {
		i.chain = append(i.chain, by.chain...)
	}
	return i
}

func authority(t testing.TB, by *issued, name string) *issued {
	return issue(t, by, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage = name, true, x509.KeyUsageCertSign
	})
}

func person(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject.CommonName = name
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
}

func fingerprint(c *x509.Certificate) []byte {
	sum := sha256.Sum256(c.Raw)
	return append([]byte{4}, sum[:]...)
}

// mirror answers with what it reads, and tells of each Conn.
func mirror(conns chan<- *Conn) func(context.Context, *Conn) {
	return func(_ context.Context, c *Conn) {
		conns <- c
		_, _ = io.Copy(c, c)
	}
}

// serveTLS runs s on loopback until the test ends.
func serveTLS(t testing.TB, s *TLSServer) (addr string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() {
		if err := s.Serve(ctx, l); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); served.Wait() }
	t.Cleanup(stop)
	return l.Addr().String(), stop
}

func TestTLSClients(t *testing.T) {
	ca, other := authority(t, nil, "ours"), authority(t, nil, "theirs")
	middle := authority(t, ca, "between")
	server := issue(t, ca, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} })
	self := issue(t, nil, person("eva"))
	expired := issue(t, nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	conns := make(chan *Conn, 1)
	s := &TLSServer{
		Config: &tls.Config{Certificates: []tls.Certificate{server.tls()}},
		Trust: ClientTrust{
			Authorities: []*x509.Certificate{ca.cert}, Clients: []*x509.Certificate{self.cert, expired.cert},
		},
		Users: CertMaps{
			{Fingerprint: fingerprint(self.cert), Type: MapSpecified, Name: "admin"},
			{Fingerprint: fingerprint(ca.cert), Type: MapCommon},
		},
		Handle: mirror(conns), Limits: SSHLimits{Handshake: patience},
	}
	addr, _ := serveTLS(t, s)
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	tests := []struct {
		name   string
		client *issued
		change func(*tls.Config)
		user   string // "" for refused
	}{
		{"issued", issue(t, ca, person("ann")), nil, "ann"},
		{"TLS 1.2", issue(t, ca, person("ann")), func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, "ann"},
		{"over an intermediate", issue(t, middle, person("bob")), nil, "bob"},
		{"end entity", self, nil, "admin"},
		{"expired end entity", expired, nil, ""},
		{"other authority", issue(t, other, person("ann")), nil, ""},
		{"no username", issue(t, ca, person("")), nil, ""},
		{"username not for XML", issue(t, ca, person("a\x01")), nil, ""},
		{"certificate of a server", issue(t, ca, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}), nil, ""},
		{"none", nil, nil, ""},
		{"TLS 1.1", issue(t, ca, person("ann")), func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := &tls.Config{RootCAs: roots}
			if tt.client != nil {
				config.Certificates = []tls.Certificate{tt.client.tls()}
			}
			if tt.change != nil {
				tt.change(config)
			}
			got, err := roundTrip(addr, config)
			if tt.user == "" {
				if err == nil {
					t.Fatalf("the client got in and heard %q", got)
				}
				return
			}
			if err != nil || got != "hello" {
				t.Fatalf("%q, %v", got, err)
			}
			if c := <-conns; c.User != tt.user || c.Transport != NetconfTLS || c.Remote == nil {
				t.Errorf("%s by %s from %v", c.User, c.Transport, c.Remote)
			}
		})
	}
}

// roundTrip says hello and returns the answer.
func roundTrip(addr string, config *tls.Config) (string, error) {
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		return "", err
	}
	got := make([]byte, 5)
	_, err = io.ReadFull(c, got)
	return string(got), err
}

// trusting is a server for clients of one CA, and the settings of such a client.
func trusting(t testing.TB, handle func(context.Context, *Conn), limits SSHLimits) (*TLSServer, *tls.Config) {
	ca := authority(t, nil, "ours")
	server := issue(t, ca, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} })
	client := issue(t, ca, person("ann"))
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	s := &TLSServer{
		Config: &tls.Config{Certificates: []tls.Certificate{server.tls()}},
		Trust:  ClientTrust{Authorities: []*x509.Certificate{ca.cert}},
		Users:  CertMaps{{Type: MapCommon}}, Handle: handle, Limits: limits,
	}
	return s, &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{client.tls()}, ServerName: "127.0.0.1"}
}

// TestTLSEnd ends the server while a client is idle: its session ends at once.
func TestTLSEnd(t *testing.T) {
	conns := make(chan *Conn, 1)
	s, config := trusting(t, mirror(conns), SSHLimits{})
	addr, stop := serveTLS(t, s)
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	inside := <-conns
	start := time.Now()
	stop()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("the end took %v", took)
	}
	if n, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the client read %d, %v; want a close_notify", n, err)
	}
	if _, err := inside.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read of a closed Conn: %v", err)
	}
	if _, err := inside.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write to a closed Conn: %v", err)
	}
}

// TestTLSGrace has a handler finish its answer after the server's end.
func TestTLSGrace(t *testing.T) {
	begun := make(chan struct{})
	s, config := trusting(t, func(ctx context.Context, c *Conn) {
		close(begun)
		<-ctx.Done()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read after the end: %v", err)
		}
		if _, err := c.Write([]byte("done")); err != nil {
			t.Errorf("Write within the grace: %v", err)
		}
	}, SSHLimits{Grace: patience})
	addr, stop := serveTLS(t, s)
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	<-begun
	go stop()
	if got, err := io.ReadAll(c); string(got) != "done" || err != nil {
		t.Errorf("the client read %q, %v", got, err)
	}
}

// TestTLSStall has a client that does not read.
func TestTLSStall(t *testing.T) {
	failed := make(chan error, 1)
	s, config := trusting(t, func(_ context.Context, c *Conn) {
		for {
			if _, err := c.Write(make([]byte, 1<<20)); err != nil {
				failed <- err
				return
			}
		}
	}, SSHLimits{Stall: 50 * time.Millisecond})
	addr, _ := serveTLS(t, s)
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	select {
	case err := <-failed:
		if !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("the write still waits")
	}
}

// TestTLSHandshakeTime has a client that never says anything.
func TestTLSHandshakeTime(t *testing.T) {
	s, _ := trusting(t, nil, SSHLimits{Handshake: 50 * time.Millisecond})
	addr, _ := serveTLS(t, s)
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the server did not close: %v", err)
	}
}

// TestCallHome serves a connection that the server has opened, with a client that is
// let in and one that is not.
func TestCallHome(t *testing.T) {
	conns := make(chan *Conn, 1)
	s, config := trusting(t, mirror(conns), SSHLimits{})
	for _, good := range []bool{true, false} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		served := make(chan error, 1)
		go func() {
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				served <- err
				return
			}
			served <- s.ServeConn(context.Background(), nc)
		}()
		nc, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		config := config.Clone()
		if !good {
			config.Certificates = nil
		}
		c := tls.Client(nc, config)
		if _, err := c.Write([]byte("hello")); good && err != nil {
			t.Fatal(err)
		}
		if good {
			got := make([]byte, 5)
			if _, err := io.ReadFull(c, got); err != nil || string(got) != "hello" {
				t.Fatalf("%q, %v", got, err)
			}
			<-conns
		}
		c.Close()
		if err := <-served; errors.Is(err, ErrNoSession) == good {
			t.Errorf("good client %v: %v", good, err)
		}
	}
}
