package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// heapNow is what is in use after a collection.
func heapNow() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// counter counts records of a log.
type counter struct{ n atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(bytes.Count(p, []byte("\n"))))
	return len(p), nil
}

// TestRefusalsInLog: connections that are refused by the hundred take few lines.
func TestRefusalsInLog(t *testing.T) {
	lines := new(counter)
	r := start(t, &SSHServer{Limits: SSHLimits{UnauthenticatedPerSource: 1}, Logger: slog.New(slog.NewTextHandler(lines, nil))})
	first, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, _ = bufio.NewReader(first).ReadString('\n')
	began := time.Now()
	for range 300 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, c) // until it is closed
		c.Close()
	}
	if n, most := lines.n.Load(), 3+int64(time.Since(began)/time.Second); n == 0 || n > most {
		t.Errorf("%d lines in the log, want %d at most", n, most)
	}
}

// TestSilentStages has clients of SSH that stop, or trickle, before each stage of the
// beginning of a connection: each is cut when its time is over.
func TestSilentStages(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Handshake: 10 * short}})
	packet := func(payload []byte) []byte { // Section 6 of RFC 4253, not encrypted
		pad := 8 - (5+len(payload))%8 + 8
		p := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+pad))
		return append(append(append(p, byte(pad)), payload...), make([]byte, pad)...)
	}
	const version = "SSH-2.0-x\r\n"
	for name, send := range map[string]struct {
		first string
		then  string // again and again
	}{
		"nothing":               {"", ""},
		"a trickle of version":  {"SSH-2.0-", "x"},
		"no key exchange":       {version, ""},
		"a trickle of a packet": {version + string(packet([]byte{20, 0, 0, 0, 0, 0})[:6]), "\x00"},
		"messages to ignore":    {version, string(packet([]byte{2, 0, 0, 0, 0}))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ended := make(chan struct{})
			go func() {
				_, _ = io.Copy(io.Discard, c)
				close(ended)
			}()
			_, _ = io.WriteString(c, send.first)
			for end := time.After(patience); ; {
				select {
				case <-ended:
					return
				case <-end:
					t.Fatal("the connection is still open")
				case <-time.After(short / 4):
					_, _ = io.WriteString(c, send.then)
				}
			}
		})
	}
	t.Run("no authentication", func(t *testing.T) {
		t.Parallel()
		asked := make(chan struct{})
		_, err := ssh.Dial("tcp", r.addr, &ssh.ClientConfig{
			User: "admin", HostKeyCallback: ssh.FixedHostKey(r.key),
			Auth: []ssh.AuthMethod{ssh.PasswordCallback(func() (string, error) {
				close(asked)
				time.Sleep(20 * short)
				return "secret", nil
			})},
		})
		select {
		case <-asked:
		default:
			t.Error("no password was asked for")
		}
		if err == nil {
			t.Error("who thinks for long is let in")
		}
	})
}

// TestHostileStart sends what is no SSH, or packets of sizes that are not: the connection
// ends and nothing is taken for what was only announced.
func TestHostileStart(t *testing.T) {
	r := start(t, &SSHServer{})
	before := heapNow()
	for name, send := range map[string]string{
		"a version without end":      "SSH-2.0-" + strings.Repeat("x", 10<<20),
		"a request of HTTP":          "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + strings.Repeat("\x00", 1<<20),
		"a packet of 4 GiB":          "SSH-2.0-x\r\n\xff\xff\xff\xff\x04" + strings.Repeat("x", 1<<20),
		"a packet of nothing":        "SSH-2.0-x\r\n\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 1<<20),
		"padding of more than it is": "SSH-2.0-x\r\n\x00\x00\x00\x0c\xff" + strings.Repeat("x", 1<<20),
	} {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		sent, _ := io.WriteString(c, send)
		if _, err := io.Copy(io.Discard, c); isTimeout(err) {
			t.Errorf("%s: the connection is still open after %d bytes", name, sent)
		}
		c.Close()
	}
	if grown := heapNow() - before; grown > 8<<20 {
		t.Errorf("%d bytes more in use", grown)
	}
	exchange(t, r.mustDial(t), "<hello/>")
}

func isTimeout(err error) bool {
	t, ok := err.(net.Error)
	return ok && t.Timeout()
}

// TestRequestFloods has an authenticated client of SSH send requests that nobody serves,
// many thousands: each is refused, nothing is kept of them, and a session goes on.
func TestRequestFloods(t *testing.T) {
	r := start(t, &SSHServer{})
	cl, err := r.client(t, ssh.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ch, requests, err := cl.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go ssh.DiscardRequests(requests)
	if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"netconf"})); !ok || err != nil {
		t.Fatal(ok, err)
	}
	exchange(t, ch, "<hello/>")
	const times = 3000
	before, goroutines := heapNow(), runtime.NumGoroutine()
	for i := range times {
		for _, kind := range []string{"env", "x11-req", "auth-agent-req@openssh.com", "exec"} {
			// The last one waits for its answer, so that no more are under way than in a round.
			ok, err := ch.SendRequest(kind, kind == "exec", ssh.Marshal(struct{ Name, Value string }{fmt.Sprint("A", i), "x"}))
			if ok || err != nil {
				t.Fatalf("%s: %t, %v", kind, ok, err)
			}
		}
		if ok, _, err := cl.SendRequest("tcpip-forward", true, ssh.Marshal(struct {
			Host string
			Port uint32
		}{"0.0.0.0", 0})); ok || err != nil {
			t.Fatalf("tcpip-forward: %t, %v", ok, err)
		}
		if _, _, err := cl.OpenChannel("direct-tcpip", nil); err == nil {
			t.Fatal("direct-tcpip is open")
		}
	}
	if grown, more := heapNow()-before, runtime.NumGoroutine()-goroutines; grown > 8<<20 || more > 8 {
		t.Errorf("%d bytes and %d goroutines more", grown, more)
	}
	exchange(t, ch, "<rpc/>")
}

// pretender is a key that signs anything with noise.
type pretender struct{ public crypto.PublicKey }

func (p pretender) Public() crypto.PublicKey { return p.public }

func (p pretender) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, 2048), nil
}

// TestHostileCertificates has clients of TLS with certificates that are expensive: none is
// a user, each ends soon, and little is allocated.
func TestHostileCertificates(t *testing.T) {
	ca := authority(t, nil, "ours")
	s, _ := trusting(t, func(context.Context, *Conn) { t.Error("a session began") }, SSHLimits{Handshake: patience})
	s.Trust.Authorities = append(s.Trust.Authorities, ca.cert)
	addr, _ := serveTLS(t, s)
	modulus := new(big.Int).Lsh(big.NewInt(1), 16383)
	modulus.SetBit(modulus, 0, 1)
	giant := pretender{&rsa.PublicKey{N: modulus, E: 65537}}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca.cert, giant.public, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	stranger := authority(t, nil, "theirs")
	long := stranger
	for i := range 60 {
		long = authority(t, long, fmt.Sprint("a", i))
	}
	named := issue(t, stranger, func(c *x509.Certificate) {
		person("admin\x00.example.com")(c)
		for i := range 2000 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("host%d.example.com", i))
		}
	})
	var crowd [][]byte
	for range 3000 {
		crowd = append(crowd, named.chain[0][:64])
	}
	for name, c := range map[string]tls.Certificate{
		"RSA of 16384 bits":        {Certificate: [][]byte{der}, PrivateKey: giant},
		"a chain of 60":            issue(t, long, person("admin")).tls(),
		"2000 names and a NUL":     named.tls(),
		"3000 broken certificates": {Certificate: append([][]byte{named.chain[0]}, crowd...), PrivateKey: named.key},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience))
		tc := tls.Client(nc, &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }})
		err = tc.Handshake()
		if err == nil {
			_, err = tc.Read(make([]byte, 1)) // where TLS 1.3 tells
		}
		nc.Close()
		if err == nil || isTimeout(err) {
			t.Errorf("%s: %v", name, err)
		}
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 64 {
			t.Errorf("%s: %d MB were allocated", name, mb)
		}
	}
}
