package netconf

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/altoam/altoam/netconf/transport"
	"golang.org/x/crypto/ssh"
)

// oneUser lets ann in with the password "secret".
type oneUser struct{}

func (oneUser) Password(user, password string, _ net.Addr) error {
	if user == "ann" && password == "secret" {
		return nil
	}
	return errors.New("wrong")
}

func (oneUser) PublicKey(string, ssh.PublicKey, net.Addr) error { return errors.New("no keys") }

// TestSSH talks to the server over SSH on loopback, several requests at a time.
func TestSSH(t *testing.T) {
	f := start(t, "", Options{})
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(ctx)
	var server sync.WaitGroup
	server.Go(func() {
		s := &transport.SSHServer{HostKeys: []ssh.Signer{signer}, Auth: oneUser{}, Handle: f.server.Handle}
		if err := s.Serve(serving, l); err != nil {
			t.Error(err)
		}
	})
	defer server.Wait()
	defer stop()

	conn, err := transport.DialSSH(ctx, l.Addr().String(), "ann", ssh.FixedHostKey(signer.PublicKey()), transport.Password("secret")...)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &client{t: t, framer: transport.NewFramer(conn, transport.Limits{})}
	if hello := c.read(); !strings.Contains(hello, "<session-id>1</session-id>") {
		t.Fatalf("hello: %s", hello)
	}
	c.write(hello11)
	c.framer.SetChunked()
	c.must(`<edit-config><target><running/></target><config><farm xmlns="urn:farm"><owner>ssh</owner></farm></config></edit-config>`)
	const many = 20
	for range many {
		c.write(`<rpc message-id="1" xmlns="` + nsBase + `"><get-config><source><running/></source></get-config></rpc>`)
	}
	for range many {
		if got := c.read(); !strings.Contains(got, "<owner>ssh</owner>") {
			t.Fatalf("got %s", got)
		}
	}
	c.must("<close-session/>")
	if got := c.read(); got != "" {
		t.Errorf("after close-session: %s", got)
	}
}
