package transport

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestUserCertificates(t *testing.T) {
	ca, other := ed25519Key(t), ed25519Key(t)
	raw, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := ssh.NewSignerFromKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, &SSHServer{UserAuthorities: []ssh.PublicKey{ed25519Key(t).PublicKey(), ca.PublicKey()}})
	hour := uint64(time.Now().Add(time.Hour).Unix())
	for _, test := range []struct {
		name, user string
		key, by    ssh.Signer
		change     func(*ssh.Certificate)
		ok         bool
	}{
		{name: "valid", user: "ann", ok: true},
		{name: "RSA with SHA-2", user: "ann", key: rsaKey, ok: true},
		{name: "second principal", user: "bob", ok: true},
		{name: "no principal of the name", user: "eva"},
		{name: "another authority", user: "ann", by: other},
		{name: "expired", user: "ann", change: func(c *ssh.Certificate) { c.ValidBefore = hour - 7200 }},
		{name: "not valid yet", user: "ann", change: func(c *ssh.Certificate) { c.ValidAfter = hour }},
		{name: "of a host", user: "ann", change: func(c *ssh.Certificate) { c.CertType = ssh.HostCert }},
		{name: "for anybody", user: "ann", change: func(c *ssh.Certificate) { c.ValidPrincipals = nil }},
		{name: "for a command", user: "ann", change: func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"force-command": "ls"} }},
		{name: "from here", user: "ann", ok: true, change: func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"source-address": "127.0.0.0/8"} }},
		{name: "from elsewhere", user: "ann", change: func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"source-address": "192.0.2.0/24"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.key == nil {
				test.key = ed25519Key(t)
			}
			if test.by == nil {
				test.by = ca
			}
			certificate := &ssh.Certificate{
				Key: test.key.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"ann", "bob"},
				ValidAfter: hour - 3600*24, ValidBefore: hour,
			}
			if test.change != nil {
				test.change(certificate)
			}
			if err := certificate.SignCert(rand.Reader, test.by); err != nil {
				t.Fatal(err)
			}
			signer, err := ssh.NewCertSigner(certificate, test.key)
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.dial(t, test.user, ssh.PublicKeys(signer))
			if (err == nil) != test.ok {
				t.Fatalf("dial: %v, want success %t", err, test.ok)
			}
			if err == nil {
				exchange(t, c, "<hello/>")
				c.Close()
			}
		})
	}
}
