package transport

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// sshConn is one authenticated SSH connection to the server.
type sshConn struct {
	*serving
	net    net.Conn
	ssh    *ssh.ServerConn
	logger *slog.Logger

	mu       sync.Mutex
	channels int         // open ones
	ending   bool        // no more channels
	cutting  *time.Timer // the idle time, or the grace if ending
}

func newSSHConn(v *serving, nc net.Conn, sc *ssh.ServerConn, logger *slog.Logger) *sshConn {
	c := &sshConn{serving: v, net: nc, ssh: sc, logger: logger}
	c.cutting = time.AfterFunc(v.limits.Idle, c.cut)
	return c
}

// cut ends the connection without a word. Everything that waits for the peer
// then fails, and run returns.
func (c *sshConn) cut() { c.net.Close() }

// run serves the connection until it has ended: the client closes it, is idle or
// dead, or ctx ends. It returns after all that it started has ended.
func (c *sshConn) run(ctx context.Context, channels <-chan ssh.NewChannel, requests <-chan *ssh.Request) {
	defer c.cutting.Stop()
	var started sync.WaitGroup
	defer started.Wait()
	started.Go(func() { refuse(requests) })
	over := make(chan struct{})
	defer close(over)
	started.Go(func() { c.keepAlive(over) })
	defer context.AfterFunc(ctx, c.end)()

	for nc := range channels {
		if nc.ChannelType() != "session" {
			nc.Reject(ssh.UnknownChannelType, "only sessions with the netconf subsystem are served")
			continue
		}
		if !c.enter() {
			nc.Reject(ssh.ResourceShortage, "too many channels")
			continue
		}
		ch, requests, err := nc.Accept()
		if err != nil {
			c.leave()
			continue
		}
		started.Go(func() {
			defer c.leave()
			c.serveChannel(ctx, ch, requests)
		})
	}
	c.cut()
}

// refuse answers every request with a failure, until there are no more. Among
// them are the keepalives of clients, which ask for any answer, and forwardings.
func refuse(requests <-chan *ssh.Request) {
	for r := range requests {
		r.Reply(false, nil)
	}
}

// keepAlive asks the client for signs of life until over is closed or the
// connection has ended, and cuts it when they fail to come.
func (c *sshConn) keepAlive(over <-chan struct{}) {
	tick := time.NewTicker(c.limits.Keepalive)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		late := time.AfterFunc(time.Duration(c.limits.KeepaliveAttempts)*c.limits.Keepalive, func() {
			c.logger.Warn("SSH client does not answer")
			c.cut()
		})
		_, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil)
		late.Stop()
		if err != nil {
			return
		}
	}
}

// enter counts a channel, or reports that there may be no more.
func (c *sshConn) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending || c.channels >= c.limits.Channels {
		return false
	}
	c.cutting.Stop()
	c.channels++
	return true
}

// leave ends the count of a channel. The last one starts the idle time.
func (c *sshConn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channels--
	switch {
	case c.channels > 0:
	case c.ending:
		c.cut()
	default:
		c.cutting.Reset(c.limits.Idle)
	}
}

// end lets no more channels in and cuts the connection as soon as there are none,
// at the latest after the grace.
func (c *sshConn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending = true
	if c.channels == 0 {
		c.cut()
		return
	}
	c.cutting.Reset(c.limits.Grace)
}
