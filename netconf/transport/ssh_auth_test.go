package transport

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestAuthentication(t *testing.T) {
	key, other := ed25519Key(t), ed25519Key(t)
	cert := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"admin"}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := cert.SignCert(rand.Reader, key); err != nil {
		t.Fatal(err)
	}
	certificate, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, &SSHServer{Auth: users{
		passwords: map[string]string{"admin": "secret", "ctrl\x01": "secret", "": "secret", "jürgen": "geheim ✓", "bad\xff": "secret"},
		keys:      map[string]ssh.PublicKey{"admin": key.PublicKey(), "ctrl\x01": key.PublicKey()},
	}})
	interactive := func(p string) ssh.AuthMethod { return Password(p)[1] }
	for _, test := range []struct {
		name, user string
		auth       ssh.AuthMethod
		ok         bool
	}{
		{"password", "admin", ssh.Password("secret"), true},
		{"wrong password", "admin", ssh.Password("Secret"), false},
		{"no password", "admin", ssh.Password(""), false},
		{"unknown user", "root", ssh.Password("secret"), false},
		{"UTF-8", "jürgen", ssh.Password("geheim ✓"), true},
		{"interactive", "admin", interactive("secret"), true},
		{"wrong interactive", "admin", interactive("Secret"), false},
		{"key", "admin", ssh.PublicKeys(key), true},
		{"second key", "admin", ssh.PublicKeys(other, key), true},
		{"wrong key", "admin", ssh.PublicKeys(other), false},
		{"key of another user", "jürgen", ssh.PublicKeys(key), false},
		{"certificate of the key", "admin", ssh.PublicKeys(certificate), false},
		{"username with a control character", "ctrl\x01", ssh.Password("secret"), false},
		{"key of such a user", "ctrl\x01", ssh.PublicKeys(key), false},
		{"username not UTF-8", "bad\xff", ssh.Password("secret"), false},
		{"empty username", "", ssh.Password("secret"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := r.dial(t, test.user, test.auth)
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

func TestValidUsername(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "a b": true, "tab\t": true, "😀": true, "\uD7FF\uE000\uFFFD": true,
		"": false, "\x00": false, "\x1f": false, "\uFFFE": false, "\uFFFF": false, "\xed\xa0\x80": false,
	} {
		if got := validUsername(name); got != want {
			t.Errorf("validUsername(%q) = %t", name, got)
		}
	}
}

// TestFailuresLookAlike compares what a client sees for a user who exists and
// one who does not: the error and, roughly, the time.
func TestFailuresLookAlike(t *testing.T) {
	var log lockedBuffer
	slow := slowUsers{users{passwords: map[string]string{"admin": "secret"}}}
	r := start(t, &SSHServer{Auth: slow, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	var texts []string
	var times []time.Duration
	for _, user := range []string{"admin", "nobody"} {
		begin := time.Now()
		_, err := r.dial(t, user, ssh.Password("wrong-password"))
		times = append(times, time.Since(begin))
		if err == nil {
			t.Fatal("logged in")
		}
		texts = append(texts, err.Error())
	}
	if texts[0] != texts[1] {
		t.Errorf("errors differ:\n%s\n%s", texts[0], texts[1])
	}
	for _, d := range times {
		if d < passwordQuantum {
			t.Errorf("failure after %v, want at least %v", d, passwordQuantum)
		}
	}
	text := log.String()
	if !strings.Contains(text, "user=nobody") || !strings.Contains(text, errNoUser.Error()) {
		t.Errorf("the log does not say why:\n%s", text)
	}
	if strings.Contains(text, "wrong-password") {
		t.Error("the log has the password")
	}
}

// slowUsers takes longer for users who exist.
type slowUsers struct{ users }

func (u slowUsers) Password(user, password string, remote net.Addr) error {
	if _, ok := u.passwords[user]; ok {
		time.Sleep(20 * time.Millisecond)
	}
	return u.users.Password(user, password, remote)
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}
