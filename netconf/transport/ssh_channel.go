package transport

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// channel is the server's side of an SSH session. It adds to ssh.Channel what
// [Conn] promises: a Close that does not depend on the peer, an error that tells
// which side closed, and an end to writes that nobody reads.
type channel struct {
	ssh.Channel
	limits SSHLimits
	cut    func()          // cuts the connection
	ctx    context.Context // of the server: no reads after its end

	mu      sync.Mutex
	waiting bool // for the client: within Read, or before the subsystem is requested
	closed  bool // by this side
	gone    bool // the peer closed it too
	linger  *time.Timer
}

func (c *channel) Read(p []byte) (int, error) {
	c.mu.Lock()
	if c.closed || c.ctx.Err() != nil {
		c.mu.Unlock()
		return 0, net.ErrClosed
	}
	c.waiting = true
	c.mu.Unlock()

	n, err := c.Channel.Read(p)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = false
	if err == io.EOF && c.closed {
		err = net.ErrClosed
	}
	return n, err
}

func (c *channel) Write(p []byte) (int, error) {
	stalled := time.AfterFunc(c.limits.Stall, func() { c.Close() })
	defer stalled.Stop()
	n, err := c.Channel.Write(p)
	if err == io.EOF { // how the ssh package says that the channel is closed
		err = net.ErrClosed
	}
	return n, err
}

// Close tells the peer that the subsystem ended well. RFC 4254 Section 5.3 wants
// the peer to close in return, which wakes pending reads and writes; if it does
// not within the grace, the connection is cut.
func (c *channel) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	if !c.gone {
		c.linger = time.AfterFunc(c.limits.Grace, c.cut)
	}
	c.mu.Unlock()

	// An error means that the channel or the connection has ended before.
	_, _ = c.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{0}))
	_ = c.Channel.Close()
	return nil
}

// end, called after ctx has ended, makes a pending read fail.
func (c *channel) end() {
	c.mu.Lock()
	waiting := c.waiting
	c.mu.Unlock()
	if waiting {
		c.Close()
	}
}

// begin notes that the channel waits no more for the request of the subsystem.
func (c *channel) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = false
}

// setGone notes that the peer has closed the channel.
func (c *channel) setGone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	if c.linger != nil {
		c.linger.Stop()
	}
}

// serveChannel waits for the request of the netconf subsystem, refuses all else,
// and runs Handle. It returns after both sides have closed the channel, or the
// connection has ended, and Handle has returned.
func (c *sshConn) serveChannel(serveCtx context.Context, sc ssh.Channel, requests <-chan *ssh.Request) {
	ch := &channel{Channel: sc, limits: c.limits, cut: c.cut, ctx: serveCtx, waiting: true}
	defer context.AfterFunc(serveCtx, ch.end)()
	late := time.AfterFunc(c.limits.Handshake, func() { ch.Close() })
	defer late.Stop()

	ctx, cancel := context.WithCancel(serveCtx)
	defer cancel()
	var handler sync.WaitGroup
	begun := false
	for r := range requests {
		netconf := !begun && requestsNetconf(r) && c.stands()
		r.Reply(netconf, nil)
		if !netconf {
			c.logger.Debug("SSH channel request refused", "type", r.Type)
			continue
		}
		begun = true
		late.Stop()
		ch.begin()
		handler.Go(func() {
			defer ch.Close()
			c.handle(ctx, &Conn{
				ReadWriteCloser: ch, User: c.ssh.User(), Remote: c.net.RemoteAddr(), Transport: NetconfSSH,
			})
		})
	}
	ch.setGone()
	cancel()
	handler.Wait()
}

// stands tells whether the user may still begin sessions. Only certificates give permissions.
func (c *sshConn) stands() bool {
	a, asked := c.auth.(Standing)
	return !asked || c.ssh.Permissions != nil || a.Stands(c.ssh.User())
}

// requestsNetconf reports whether r asks for the subsystem of RFC 6242 Section 3
// in the form of RFC 4254 Section 6.5.
func requestsNetconf(r *ssh.Request) bool {
	var subsystem struct{ Name string }
	return r.Type == "subsystem" && ssh.Unmarshal(r.Payload, &subsystem) == nil && subsystem.Name == "netconf"
}
