package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

// rotations is how often certificate and host key are replaced under load; less in short
// runs, which the slow race detector has.
func rotations() int {
	if testing.Short() {
		return 20
	}
	return 100
}

// busy are clients that work until they are stopped; the first failure of each is kept.
type busy struct {
	t       testing.TB
	stop    chan struct{}
	running sync.WaitGroup
	done    atomic.Int64 // what was carried out
}

func newBusy(t testing.TB) *busy { return &busy{t: t, stop: make(chan struct{})} }

// add has work done again and again.
func (c *busy) add(name string, work func() error) {
	c.running.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-c.stop:
				return
			default:
			}
			if err := work(); err != nil {
				c.t.Errorf("%s fails after %d: %v", name, n, err)
				return
			}
			c.done.Add(1)
		}
	})
}

func (c *busy) end() {
	close(c.stop)
	c.running.Wait()
	c.t.Logf("%d requests and sessions during the rotations", c.done.Load())
}

// browse adds clients of HTTPS: connections that stay and new ones, HTTP/1.1 and HTTP/2.
func (c *busy) browse(url string, config *tls.Config) {
	for _, protocol := range []int{1, 2} {
		for _, kept := range []bool{true, false} {
			x := &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: protocol == 2, DisableKeepAlives: !kept}
			c.fetch(fmt.Sprintf("HTTP/%d, kept %v", protocol, kept), url, x, protocol)
			c.t.Cleanup(x.CloseIdleConnections)
		}
	}
}

func (c *busy) fetch(name, url string, x http.RoundTripper, protocol int) {
	client := &http.Client{Transport: x, Timeout: 30 * time.Second}
	c.add(name, func() error {
		r, err := http.NewRequest(http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		r.SetBasicAuth(adminUser, "x")
		a, err := client.Do(r)
		if err != nil {
			return err
		}
		defer a.Body.Close()
		if a.StatusCode != http.StatusOK || a.ProtoMajor != protocol {
			return fmt.Errorf("%s by %s", a.Status, a.Proto)
		}
		_, err = io.Copy(io.Discard, a.Body)
		return err
	})
}

const discoveryPath = "/.well-known/host-meta"

// shown is the certificate, DER, that a server shows to a new client.
func shown(addr string) ([]byte, error) {
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].Raw, nil
}

// hostKeyOf is the host key that a server shows to a new client; it does not log in.
func hostKeyOf(addr string) (key ssh.PublicKey, err error) {
	enough := errors.New("seen")
	nc, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	_, _, _, err = ssh.NewClientConn(nc, addr, &ssh.ClientConfig{
		User: adminUser, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		HostKeyCallback: func(_ string, _ net.Addr, k ssh.PublicKey) error { key = k; return enough },
	})
	if key == nil {
		return nil, err
	}
	return key, nil
}

func soon(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// pemFiles writes a certificate and its key as a client of ACME does, by renaming.
func (c *certified) pemFiles(t testing.TB, certificate, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	replaceFile(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	replaceFile(t, certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw}))
}

func replaceFile(t testing.TB, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// hostKeyFile writes another host key, and returns it.
func hostKeyFile(t testing.TB, dir string) ssh.PublicKey {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	replaceFile(t, filepath.Join(dir, "ssh_host_ed25519_key"), pem.EncodeToMemory(block))
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// looking has files looked at so often, until the test ends.
func looking(t testing.TB, every time.Duration) {
	before := lookEvery
	lookEvery = every
	t.Cleanup(func() { lookEvery = before })
}

// TestRotationOfFiles replaces restconf.pem, restconf.key and an SSH host key again and
// again while clients of each kind work. None fails, and each pair is shown to new clients.
func TestRotationOfFiles(t *testing.T) {
	looking(t, 5*time.Millisecond)
	ca := issue(t, nil, "ca")
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	certificate, key := filepath.Join(dir, certificateFile), filepath.Join(dir, certificateKey)
	issue(t, ca, "server").pemFiles(t, certificate, key)
	s := start(t, runOptions{DataDir: dir})
	t.Cleanup(s.end)
	login := newKey(t)
	dial(t, s).authorize(login.PublicKey())
	kept, err := openPeer(s.Netconf, ssh.PublicKeys(login))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.conn.Close()

	c := newBusy(t)
	c.browse("https://"+s.Restconf+discoveryPath, ca.client(ca))
	c.sessions(s.Netconf, login, kept)
	for range rotations() {
		next := issue(t, ca, "server")
		next.pemFiles(t, certificate, key)
		host := hostKeyFile(t, dir)
		soon(t, "the new certificate", func() bool {
			der, err := shown(s.Restconf)
			return err == nil && bytes.Equal(der, next.cert.Raw)
		})
		soon(t, "the new host key", func() bool {
			k, err := hostKeyOf(s.Netconf)
			return err == nil && bytes.Equal(k.Marshal(), host.Marshal())
		})
	}
	c.end()
}

// sessions adds clients of NETCONF: a session that stays, and new ones.
func (c *busy) sessions(addr string, login ssh.Signer, kept *peer) {
	const read = `<get-config><source><running/></source><filter type="subtree"><system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"/></filter></get-config>`
	c.add("a session that stays", func() error {
		time.Sleep(time.Millisecond)
		return kept.ask(read, "</data>")
	})
	c.add("a new session", func() error {
		p, err := openPeer(addr, ssh.PublicKeys(login))
		if err != nil {
			return err
		}
		defer p.conn.Close()
		return p.ask(read, "</data>")
	})
}

// TestHangup: SIGHUP has files read at once. A pair that does not fit changes nothing.
func TestHangup(t *testing.T) {
	looking(t, time.Hour)
	ca := issue(t, nil, "ca")
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	o := runOptions{DataDir: filepath.Join(dir, "data"), RestconfCertificate: filepath.Join(dir, "fullchain.pem"), RestconfKey: filepath.Join(dir, "privkey.pem")}
	first, second := issue(t, ca, "server"), issue(t, ca, "server")
	first.pemFiles(t, o.RestconfCertificate, o.RestconfKey)
	s := start(t, o)
	defer s.end()
	shows := func(c *certified) bool {
		der, err := shown(s.Restconf)
		return err == nil && bytes.Equal(der, c.cert.Raw)
	}
	hangup := func() {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	if !shows(first) || exists(filepath.Join(o.DataDir, certificateFile)) {
		t.Error("the files of the flags are not those in use")
	}
	unfit := issue(t, ca, "server")
	unfit.key = second.key
	unfit.pemFiles(t, o.RestconfCertificate, o.RestconfKey)
	host := hostKeyFile(t, o.DataDir)
	hangup()
	soon(t, "the host key, which is read after the certificate", func() bool {
		k, err := hostKeyOf(s.Netconf)
		return err == nil && bytes.Equal(k.Marshal(), host.Marshal())
	})
	second.pemFiles(t, o.RestconfCertificate, o.RestconfKey)
	time.Sleep(20 * time.Millisecond)
	if !shows(first) {
		t.Error("files were taken without SIGHUP, or one without the other")
	}
	hangup()
	soon(t, "the second certificate", func() bool { return shows(second) })
}

// TestRotationOfKeys replaces the certificate of a RESTCONF endpoint and the host key of a
// NETCONF endpoint in the keystore, a commit each time, while clients of each kind work.
func TestRotationOfKeys(t *testing.T) {
	ca := issue(t, nil, "ca")
	web, ssh1 := freeAddress(t), freeAddress(t)
	first := issue(t, ca, "server")
	s := seeded(t, fmt.Sprintf(`{%s,"ietf-restconf-server:restconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"w","https":{
		"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":%d}]},
		"tls-server-parameters":{"server-identity":{"certificate":{"central-keystore-reference":{"asymmetric-key":"k","certificate":"c"}}}},
		"altoam-restconf-server:http3":{}}}]}}},
		"ietf-netconf-server:netconf-server":{"listen":{"endpoints":{"endpoint":[{"name":"s","ssh":{
		"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":%d}]},
		"ssh-server-parameters":{"server-identity":{"host-key":[{"name":"h","public-key":{"central-keystore-reference":"k"}}]}}}}]}}}}`,
		first.keystore(t), web.Port, ssh1.Port))
	login := newKey(t)
	dial(t, s).authorize(login.PublicKey())
	kept, err := openPeer(ssh1.String(), ssh.PublicKeys(login))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.conn.Close()
	c := newBusy(t)
	url := "https://" + web.String() + discoveryPath
	c.browse(url, ca.client(ca))
	stays := &http3.Transport{TLSClientConfig: ca.client(ca)}
	t.Cleanup(func() { stays.Close() })
	c.fetch("HTTP/3, kept", url, stays, 3)
	c.fetch("HTTP/3, a new connection", url, freshQUIC{ca.client(ca)}, 3)
	c.sessions(ssh1.String(), login, kept)
	for range rotations() {
		next := issue(t, ca, "server")
		if code, text := s.do(http.MethodPut, "/restconf/data/ietf-keystore:keystore", "x", "{"+next.keystore(t)+"}"); code != http.StatusNoContent {
			t.Fatalf("PUT: %d %s", code, text)
		}
		if der, err := shown(web.String()); err != nil || !bytes.Equal(der, next.cert.Raw) {
			t.Fatalf("the certificate is not shown after the commit: %v", err)
		}
		key, err := ssh.NewPublicKey(next.key.Public())
		if err != nil {
			t.Fatal(err)
		}
		if err := showsHostKey(ssh1.String(), key, login); err != nil {
			t.Fatalf("the host key is not shown after the commit: %v", err)
		}
	}
	c.end()
}

// freshQUIC asks each time over a new connection of QUIC.
type freshQUIC struct{ config *tls.Config }

func (x freshQUIC) RoundTrip(r *http.Request) (*http.Response, error) {
	once := &http3.Transport{TLSClientConfig: x.config}
	defer once.Close()
	a, err := once.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(a.Body)
	a.Body.Close()
	a.Body = io.NopCloser(bytes.NewReader(text))
	return a, err
}

// showsHostKey logs in at a server that must have this key.
func showsHostKey(addr string, key ssh.PublicKey, login ssh.Signer) error {
	c, err := transport.DialSSH(context.Background(), addr, adminUser, ssh.FixedHostKey(key), ssh.PublicKeys(login))
	if err != nil {
		return err
	}
	return c.Close()
}

// keystore is the central keystore with c, its key "k" and its certificate "c".
func (c *certified) keystore(t testing.TB) string {
	t.Helper()
	key, err := x509.MarshalECPrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf(`"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k",
		"private-key-format":"ietf-crypto-types:ec-private-key-format","cleartext-private-key":%q,
		"certificates":{"certificate":[{"name":"c","cert-data":%q}]}}]}}`, text(key), text(c.cert.Raw))
}
