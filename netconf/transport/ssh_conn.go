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

	started sync.WaitGroup // goroutines of run

	mu       sync.Mutex
	asking   *time.Timer // for a sign of life; nil before run and after it
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
	defer c.started.Wait()
	c.startAsking()
	defer c.stopAsking()
	defer context.AfterFunc(ctx, c.end)()

	for {
		select {
		case nc, ok := <-channels:
			if !ok {
				c.cut()
				return
			}
			c.open(ctx, nc)
		case r := <-requests:
			// Keepalives, which ask for any answer, and forwardings. None is the end.
			if r == nil {
				requests = nil
				continue
			}
			r.Reply(false, nil)
		}
	}
}

// open serves nc, or refuses it.
func (c *sshConn) open(ctx context.Context, nc ssh.NewChannel) {
	if nc.ChannelType() != "session" {
		nc.Reject(ssh.UnknownChannelType, "only sessions with the netconf subsystem are served")
		return
	}
	if !c.enter() {
		nc.Reject(ssh.ResourceShortage, "too many channels")
		return
	}
	ch, requests, err := nc.Accept()
	if err != nil {
		c.leave()
		return
	}
	c.started.Go(func() {
		defer c.leave()
		c.serveChannel(ctx, ch, requests)
	})
}

// startAsking asks the client for signs of life at intervals. A timer takes less of
// an idle connection than a goroutine.
func (c *sshConn) startAsking() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking = time.AfterFunc(c.limits.Keepalive, c.ask)
}

func (c *sshConn) stopAsking() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking.Stop()
	c.asking = nil
}

// ask asks the client for a sign of life and cuts the connection when none comes.
func (c *sshConn) ask() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asking == nil {
		return
	}
	c.started.Go(func() {
		late := time.AfterFunc(time.Duration(c.limits.KeepaliveAttempts)*c.limits.Keepalive, func() {
			c.logger.Warn("SSH client does not answer")
			c.cut()
		})
		_, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil)
		late.Stop()
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil && c.asking != nil {
			c.asking.Reset(c.limits.Keepalive)
		}
	})
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
