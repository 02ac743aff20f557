package agent_test

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// collector receives log records at an address of the loopback or at a path.
type collector struct {
	at   net.Addr
	read func() (string, error)
}

func datagrams(t *testing.T, network, address string) collector {
	t.Helper()
	c, err := net.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return collector{c.LocalAddr(), func() (string, error) {
		text := make([]byte, 8192)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, _, err := c.ReadFrom(text)
		return string(text[:n]), err
	}}
}

func octetStream(t *testing.T) collector {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return collector{ln.Addr(), func() (string, error) {
		c, err := ln.Accept()
		if err != nil {
			return "", err
		}
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		text := make([]byte, 8192)
		n, err := bufio.NewReader(c).Read(text)
		return string(text[:n]), err
	}}
}

// TestLogTargets has each destination receive the record of a request.
func TestLogTargets(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	dir := t.TempDir()
	udp, tcp := datagrams(t, "udp4", "127.0.0.1:0"), octetStream(t)
	local, journal := datagrams(t, "unixgram", dir+"/log"), datagrams(t, "unixgram", dir+"/journal")
	remote := func(a net.Addr) object {
		_, port, _ := net.SplitHostPort(a.String())
		return object{"remote-address": "127.0.0.1", "remote-port": json.Number(port)}
	}
	for _, x := range []struct {
		destination object
		at          collector
		want        string
	}{
		{object{"udp": remote(udp.at)}, udp, `method="GET"`},
		{object{"tcp": remote(tcp.at)}, tcp, `method="GET"`},
		{object{"local-syslog": object{"path": local.at.String()}}, local, "altoamd"},
		{object{"journald": object{"path": journal.at.String()}}, journal, "MESSAGE="},
	} {
		l.must(l.logs(logTarget("t", object{"record": list{"access"}}, x.destination)))
		l.get("networkmap/net")
		if got, err := x.at.read(); err != nil || !strings.Contains(got, x.want) || !strings.Contains(got, "networkmap/net") {
			t.Errorf("%v: %q, %v", x.destination, got, err)
		}
		l.must(l.delete("/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='t']"))
	}
}

// TestLogFileTarget has a file with a mode, rotated at a size, of which so many are kept, and
// one that takes warnings alone.
func TestLogFileTarget(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	dir := t.TempDir()
	all, bad := filepath.Join(dir, "all"), filepath.Join(dir, "bad")
	l.must(l.logs(logTarget("all", object{"record": list{"access"}, "file": object{"path": all, "mode": "0600", "max-size": "4096", "keep": 2}})))
	l.must(l.logs(logTarget("bad", object{"record": list{"access"}, "severity": "warning"}, logFile(bad))))
	l.must(l.logs(object{"altoam-logging:client-address": object{"ipv4-prefix-length": 8, "ipv6-prefix-length": 16}}))
	l.eventually("two files were rotated", func() bool {
		for range 20 {
			l.get("networkmap/net")
		}
		files, err := filepath.Glob(all + "*")
		return err == nil && len(files) == 3
	})
	l.logged(all, `address="127\.0\.0\.0"`)
	for range 100 {
		l.get("networkmap/net")
	}
	l.eventually("the oldest go", func() bool {
		files, err := filepath.Glob(all + "*")
		return err == nil && len(files) == 3
	})
	if info, err := os.Stat(all); err != nil || info.Mode().Perm() != 0o600 || info.Size() > 8192 {
		t.Errorf("%v %v", info, err)
	}
	if info, err := os.Stat(bad); err != nil || info.Size() != 0 {
		t.Errorf("a request is no warning: %v %v", info, err)
	}
}

// TestLogIdentity has a log target whose own certificate and key are inline or in the key
// store, and keys that are of no use.
func TestLogIdentity(t *testing.T) {
	l := newLab(t)
	authority, port, _ := syslogServer(t)
	l.must(l.merge(campusServer()))
	key, certificate := keyPair(t)
	entry := func(identity object) object {
		return logTarget("far", object{"record": list{"access"}, "tls": object{
			"remote-address": "127.0.0.2", "server-name": "127.0.0.1", "remote-port": port, "client-identity": identity,
			"ca-certs": object{"inline-definition": object{"certificate": list{object{"name": "a", "cert-data": text(cms(t, authority))}}}},
		}})
	}
	inline := func(o object) object {
		return object{"inline-definition": with(object{"cert-data": text(certificate)}, o)}
	}
	const at = "/logging-system/altoam-logging:target[name='far']/tls/client-identity"
	for _, x := range []struct {
		identity object
		at       string // "": it is accepted
	}{
		{inline(object{"private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": text(key)}), ""},
		{inline(object{
			"private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": text(key),
			"public-key-format": "ietf-crypto-types:subject-public-key-info-format", "public-key": text(publicKey(t, certificate)),
		}), ""},
		{inline(object{"private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "encrypted-private-key": object{"encrypted-value-format": "altoam-secrets:sealed-value-format", "encrypted-value": "AAAA"}}), "inline-definition"},
		{object{"central-keystore-reference": object{"asymmetric-key": "none", "certificate": "c"}}, "central-keystore-reference"},
	} {
		err := l.logs(entry(x.identity))
		if x.at == "" {
			l.must(err)
			continue
		}
		if all := rpcerr.All(err); len(all) == 0 || !strings.Contains(all[0].Path, at+"/"+x.at) && !strings.Contains(all[0].Path, x.at) {
			t.Errorf("%v: %v, want a refusal at …%s", x.identity, err, x.at)
		}
	}
}
