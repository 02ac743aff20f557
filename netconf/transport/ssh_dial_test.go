package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func mustAddrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestDialWrongHostKey(t *testing.T) {
	r := start(t, &SSHServer{})
	r.key = ed25519Key(t).PublicKey()
	if c, err := r.dial(t, "admin", Password("secret")...); err == nil {
		c.Close()
		t.Error("connected to a server with another key")
	}
	if c, err := DialSSH(t.Context(), r.addr, "admin", nil, Password("secret")...); err == nil {
		c.Close()
		t.Error("connected without checking the key")
	}
}

// TestDialCancelled dials a server that accepts and says nothing.
func TestDialCancelled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	within(t, "dialling", func() {
		_, err := DialSSH(ctx, l.Addr().String(), "admin", ssh.InsecureIgnoreHostKey())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("DialSSH = %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

// TestDialRefused dials an SSH server without NETCONF.
func TestDialRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	config := &ssh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(ed25519Key(t))
	served := make(chan struct{})
	go func() {
		defer close(served)
		nc, err := l.Accept()
		if err != nil {
			return
		}
		_, channels, requests, err := ssh.NewServerConn(nc, config)
		if err != nil {
			return
		}
		go refuse(requests)
		for nc := range channels {
			if _, requests, err := nc.Accept(); err == nil {
				go refuse(requests)
			}
		}
	}()
	_, err = DialSSH(t.Context(), l.Addr().String(), "admin", ssh.InsecureIgnoreHostKey())
	if err == nil || !strings.Contains(err.Error(), "subsystem netconf: the server refuses it") {
		t.Errorf("DialSSH = %v", err)
	}
	within(t, "closing the connection", func() { <-served })
}

func TestServeErrors(t *testing.T) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := listen()
	if err := new(SSHServer).Serve(t.Context(), l); err == nil || !strings.Contains(err.Error(), "host key") {
		t.Errorf("Serve without a host key = %v", err)
	}
	if _, err := net.DialTimeout("tcp", l.Addr().String(), time.Second); err == nil {
		t.Error("the listener is still open")
	}
	s := &SSHServer{HostKeys: []ssh.Signer{ed25519Key(t)}}
	l = listen()
	l.Close()
	if err := s.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve on a closed listener = %v, want %v", err, net.ErrClosed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(ctx, listen()); err != nil {
		t.Errorf("Serve after the end = %v", err)
	}
}
