package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// clientGrace is how long closing may wait for a server that reads nothing.
const clientGrace = time.Second

// DialSSH connects to the NETCONF server at the TCP address addr, logs in as
// user and opens the netconf subsystem (RFC 6242 Section 3). hostKey must check
// who the server is (RFC 6242 Section 6). The methods of auth are tried in their
// order; see also Password. ctx bounds the dialling only. Closing the Conn ends
// the SSH connection.
func DialSSH(ctx context.Context, addr, user string, hostKey ssh.HostKeyCallback, auth ...ssh.AuthMethod) (*Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("NETCONF over SSH: %w", err)
	}
	interrupt := context.AfterFunc(ctx, func() { nc.Close() })
	c, err := openSSH(nc, addr, user, hostKey, auth)
	if !interrupt() {
		if err == nil {
			c.Close()
		}
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("NETCONF over SSH to %s: %w", addr, err)
	}
	return &Conn{ReadWriteCloser: c, User: user, Remote: nc.RemoteAddr(), Transport: NetconfSSH}, nil
}

// Password answers with a password whether the server asks for one by the method
// of that name or by keyboard-interactive, where every question gets it.
func Password(password string) []ssh.AuthMethod {
	return []ssh.AuthMethod{
		ssh.Password(password),
		ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			return slices.Repeat([]string{password}, len(questions)), nil
		}),
	}
}

// dialled is the client's side of an SSH session, and the only one of its
// connection.
type dialled struct {
	ssh.Channel
	net     net.Conn
	closed  atomic.Bool
	started sync.WaitGroup
}

// openSSH opens the subsystem on nc, which it closes when it fails.
func openSSH(nc net.Conn, addr, user string, hostKey ssh.HostKeyCallback, auth []ssh.AuthMethod) (*dialled, error) {
	sc, channels, requests, err := ssh.NewClientConn(nc, addr, &ssh.ClientConfig{
		Config:            algorithms,
		User:              user,
		Auth:              auth,
		HostKeyCallback:   hostKey,
		HostKeyAlgorithms: hostKeyAlgorithms(),
	})
	if err != nil {
		return nil, err
	}
	c := &dialled{net: nc}
	c.started.Go(func() { refuse(requests) })
	c.started.Go(func() {
		for nc := range channels {
			nc.Reject(ssh.UnknownChannelType, "this is a NETCONF client")
		}
	})
	c.started.Go(func() { sc.Wait() })
	if err := c.open(sc); err != nil {
		nc.Close()
		c.started.Wait()
		return nil, err
	}
	return c, nil
}

func (c *dialled) open(sc ssh.Conn) error {
	ch, requests, err := sc.OpenChannel("session", nil)
	if err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	c.Channel = ch
	c.started.Go(func() { refuse(requests) })
	ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"netconf"}))
	if err == nil && !ok {
		err = errors.New("the server refuses it")
	}
	if err != nil {
		return fmt.Errorf("open subsystem netconf: %w", err)
	}
	return nil
}

// refuse answers every request with a failure, until there are no more.
func refuse(requests <-chan *ssh.Request) {
	for r := range requests {
		r.Reply(false, nil)
	}
}

// hostKeyAlgorithms returns those without SHA-1. Ed25519 comes first, so that a
// server with several keys always shows the same one.
func hostKeyAlgorithms() []string {
	all := ssh.SupportedAlgorithms().HostKeys
	rest := slices.DeleteFunc(all, func(name string) bool { return name == ssh.KeyAlgoED25519 })
	return append([]string{ssh.KeyAlgoED25519}, rest...)
}

func (c *dialled) Read(p []byte) (int, error) {
	n, err := c.Channel.Read(p)
	if err == io.EOF && c.closed.Load() {
		err = net.ErrClosed
	}
	return n, err
}

func (c *dialled) Write(p []byte) (int, error) {
	n, err := c.Channel.Write(p)
	if err == io.EOF {
		err = net.ErrClosed
	}
	return n, err
}

// Close closes the channel and the connection, and returns after all goroutines
// of the connection have ended.
func (c *dialled) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	// The errors say that the server was faster.
	_ = c.net.SetWriteDeadline(time.Now().Add(clientGrace))
	_ = c.Channel.Close()
	_ = c.net.Close()
	c.started.Wait()
	return nil
}
