package transport

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// users is an Authenticator of passwords and of one key.
type users struct {
	passwords map[string]string
	keys      map[string]ssh.PublicKey
}

var errNoUser, errNoKey = errors.New("wrong user or password"), errors.New("not a key of the user")

func (u users) Password(user, password string, _ net.Addr) error {
	if want, ok := u.passwords[user]; !ok || want != password {
		return errNoUser
	}
	return nil
}

func (u users) PublicKey(user string, key ssh.PublicKey, _ net.Addr) error {
	if want, ok := u.keys[user]; !ok || !bytes.Equal(want.Marshal(), key.Marshal()) {
		return errNoKey
	}
	return nil
}

func ed25519Key(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// running is a server under test.
type running struct {
	addr   string
	key    ssh.PublicKey
	stop   context.CancelFunc
	served chan error // the result of Serve
}

// start serves s, with the user admin and password secret if it has no users,
// until the test ends.
func start(t *testing.T, s *SSHServer) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.HostKeys == nil {
		s.HostKeys = []ssh.Signer{ed25519Key(t)}
	}
	if s.Auth == nil {
		s.Auth = users{passwords: map[string]string{"admin": "secret"}}
	}
	if s.Handle == nil {
		s.Handle = echo
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{l.Addr().String(), s.HostKeys[0].PublicKey(), stop, make(chan error, 1)}
	go func() { r.served <- s.Serve(ctx, l) }()
	t.Cleanup(func() { r.end(t) })
	return r
}

// end stops the server and checks that Serve returns in time.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	select {
	case err := <-r.served:
		if err != nil {
			t.Errorf("Serve() = %v", err)
		}
		r.served <- nil // for another end
	case <-time.After(patience):
		t.Fatal("Serve does not return")
	}
}

func (r *running) dial(t *testing.T, user string, auth ...ssh.AuthMethod) (*Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return DialSSH(ctx, r.addr, user, ssh.FixedHostKey(r.key), auth...)
}

func (r *running) mustDial(t *testing.T) *Conn {
	t.Helper()
	c, err := r.dial(t, "admin", Password("secret")...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// client is a connection of the ssh package, for what DialSSH does not do.
func (r *running) client(t *testing.T, config ssh.Config) (*ssh.Client, error) {
	t.Helper()
	c, err := ssh.Dial("tcp", r.addr, &ssh.ClientConfig{
		Config: config, User: "admin", Auth: Password("secret"), HostKeyCallback: ssh.FixedHostKey(r.key),
	})
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// echo sends every message back.
func echo(_ context.Context, c *Conn) {
	f := NewFramer(c, Limits{})
	for {
		in, err := f.Next()
		if err != nil {
			return
		}
		out := f.NewMessage()
		_, _ = io.Copy(out, in)
		if out.Close() != nil {
			return
		}
	}
}

// exchange sends a message and checks that it comes back.
func exchange(t *testing.T, rw io.ReadWriter, text string) {
	t.Helper()
	f := NewFramer(rw, Limits{})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		send(t, f, text)
	}()
	m, err := f.Next()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(m)
	<-sent
	if err != nil || string(got) != text {
		t.Fatalf("%d bytes came back, %v, want %d bytes", len(got), err, len(text))
	}
}

// within fails the test if f does not return in time.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s takes too long", what)
	}
}

func TestSession(t *testing.T) {
	seen := make(chan Conn, 1)
	r := start(t, &SSHServer{Handle: func(ctx context.Context, c *Conn) {
		seen <- *c
		echo(ctx, c)
	}})
	c := r.mustDial(t)
	exchange(t, c, "<hello/>")
	exchange(t, c, string(bytes.Repeat([]byte("0123456789abcdef"), 1<<18))) // 4 MiB, above the window
	s := <-seen
	if s.User != "admin" || s.Transport != "netconf-ssh" || s.Remote == nil {
		t.Errorf("server's Conn has user %q, transport %q, remote %v", s.User, s.Transport, s.Remote)
	}
	if c.User != "admin" || c.Transport != "netconf-ssh" || c.Remote.String() != r.addr {
		t.Errorf("client's Conn has user %q, transport %q, remote %v", c.User, c.Transport, c.Remote)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != net.ErrClosed {
		t.Errorf("Read after Close = %v", err)
	}
	if _, err := c.Write(make([]byte, 1)); err != net.ErrClosed {
		t.Errorf("Write after Close = %v", err)
	}
}

// TestServerCloses ends Handle: what it wrote arrives, then the end.
func TestServerCloses(t *testing.T) {
	r := start(t, &SSHServer{Handle: func(_ context.Context, c *Conn) {
		_, _ = io.WriteString(c, "bye")
	}})
	got, err := io.ReadAll(r.mustDial(t))
	if string(got) != "bye" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}

	cl, err := r.client(t, ssh.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ch, requests, err := cl.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"netconf"})); !ok || err != nil {
		t.Fatal(ok, err)
	}
	// The exit status is that of the ssh command (RFC 4254 Section 6.10).
	within(t, "end of the session", func() {
		var types []string
		for r := range requests {
			types = append(types, r.Type)
			if r.Type == "exit-status" && !bytes.Equal(r.Payload, []byte{0, 0, 0, 0}) {
				t.Errorf("exit status %v", r.Payload)
			}
		}
		if !slices.Equal(types, []string{"exit-status"}) {
			t.Errorf("requests %v, want one exit-status", types)
		}
	})
}

func TestManyChannels(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Channels: 3}})
	cl, err := r.client(t, ssh.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var open []ssh.Channel
	for range 3 {
		ch, requests, err := cl.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(requests)
		if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"netconf"})); !ok || err != nil {
			t.Fatal(ok, err)
		}
		open = append(open, ch)
	}
	for _, ch := range open {
		exchange(t, ch, "<hello/>")
	}
	_, _, err = cl.OpenChannel("session", nil)
	var refused *ssh.OpenChannelError
	if !errors.As(err, &refused) || refused.Reason != ssh.ResourceShortage {
		t.Errorf("a fourth channel: %v, want resource shortage", err)
	}
	exchange(t, open[2], "<rpc/>")
	if _, _, err = cl.OpenChannel("direct-tcpip", nil); !errors.As(err, &refused) || refused.Reason != ssh.UnknownChannelType {
		t.Errorf("forwarding: %v, want unknown channel type", err)
	}
	open[0].Close()
	// The place is free as soon as the server has seen the close.
	within(t, "freeing a channel", func() {
		for {
			if ch, requests, err := cl.OpenChannel("session", nil); err == nil {
				go ssh.DiscardRequests(requests)
				ch.Close()
				return
			}
		}
	})
}

func TestOtherRequestsRefused(t *testing.T) {
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
	name := func(s string) []byte { return ssh.Marshal(struct{ Name string }{s}) }
	for _, test := range []struct {
		kind    string
		payload []byte
		want    bool
	}{
		{"shell", nil, false},
		{"exec", name("netconf"), false},
		{"pty-req", nil, false},
		{"subsystem", name("sftp"), false},
		{"subsystem", name("NETCONF"), false},
		{"subsystem", []byte{0, 0, 0, 99}, false},
		{"subsystem", name("netconf"), true},
		{"subsystem", name("netconf"), false},
	} {
		if ok, err := ch.SendRequest(test.kind, true, test.payload); ok != test.want || err != nil {
			t.Errorf("%s %q: %t, %v, want %t", test.kind, test.payload, ok, err, test.want)
		}
	}
	exchange(t, ch, "<hello/>")
	if ok, _, err := cl.SendRequest("tcpip-forward", true, nil); ok || err != nil {
		t.Errorf("tcpip-forward: %t, %v", ok, err)
	}
}

func TestAlgorithms(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, &SSHServer{HostKeys: []ssh.Signer{rsaKey}})
	for _, test := range []struct {
		name    string
		config  ssh.Config
		hostKey string
		ok      bool
	}{
		{"post-quantum", ssh.Config{KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519}}, "", true},
		{"curve25519", ssh.Config{KeyExchanges: []string{ssh.KeyExchangeCurve25519}}, "", true},
		{"group 14 with SHA-1", ssh.Config{KeyExchanges: []string{ssh.InsecureKeyExchangeDH14SHA1}}, "", false},
		{"AES-CTR", ssh.Config{Ciphers: []string{ssh.CipherAES256CTR}, MACs: []string{ssh.HMACSHA256}}, "", true},
		{"AES-CBC", ssh.Config{Ciphers: []string{ssh.InsecureCipherAES128CBC}}, "", false},
		{"SHA-1 MAC", ssh.Config{Ciphers: []string{ssh.CipherAES256CTR}, MACs: []string{ssh.HMACSHA1}}, "", false},
		{"RSA with SHA-2", ssh.Config{}, ssh.KeyAlgoRSASHA512, true},
		{"RSA with SHA-1", ssh.Config{}, ssh.KeyAlgoRSA, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := &ssh.ClientConfig{
				Config: test.config, User: "admin", Auth: Password("secret"), HostKeyCallback: ssh.FixedHostKey(r.key),
			}
			if test.hostKey != "" {
				config.HostKeyAlgorithms = []string{test.hostKey}
			}
			c, err := ssh.Dial("tcp", r.addr, config)
			if (err == nil) != test.ok {
				t.Fatalf("dial: %v, want success %t", err, test.ok)
			}
			if err == nil {
				c.Close()
			}
		})
	}
}
