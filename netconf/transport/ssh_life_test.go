package transport

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const short = 50 * time.Millisecond

// endsWithin stops the server and checks how long Serve takes.
func (r *running) endsWithin(t *testing.T, limit time.Duration) {
	t.Helper()
	begin := time.Now()
	r.end(t)
	if d := time.Since(begin); d > limit {
		t.Errorf("the server took %v to end, want at most %v", d, limit)
	}
}

// icy is a connection to the server whose reads stop when it is frozen.
type icy struct {
	net.Conn
	mu     sync.Mutex
	frozen bool
	thawed chan struct{}
	once   sync.Once
}

func (c *icy) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	frozen := c.frozen
	c.mu.Unlock()
	if frozen {
		<-c.thawed
	}
	return n, err
}

func (c *icy) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = true
}

func (c *icy) Close() error {
	c.once.Do(func() { close(c.thawed) })
	return c.Conn.Close()
}

// icyChannel opens the netconf subsystem on an icy connection.
func (r *running) icyChannel(t *testing.T) (*icy, ssh.Channel) {
	t.Helper()
	nc, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &icy{Conn: nc, thawed: make(chan struct{})}
	t.Cleanup(func() { c.Close() })
	d, err := openSSH(c, r.addr, "admin", ssh.FixedHostKey(r.key), Password("secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return c, d.Channel
}

func TestEndWhenIdle(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Grace: patience}})
	c := r.mustDial(t)
	exchange(t, c, "<hello/>")
	if _, err := r.client(t, ssh.Config{}); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	r.endsWithin(t, patience/4)
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("Read after the end = %v, want EOF", err)
	}
}

// TestEndWhenBusy lets Handle finish its reply.
func TestEndWhenBusy(t *testing.T) {
	busy := make(chan struct{})
	readErr := make(chan error, 1)
	r := start(t, &SSHServer{Handle: func(ctx context.Context, c *Conn) {
		close(busy)
		<-ctx.Done()
		_, err := c.Read(make([]byte, 1))
		readErr <- err
		_, _ = io.WriteString(c, "reply")
	}})
	c := r.mustDial(t)
	<-busy
	r.stop()
	if got, err := io.ReadAll(c); string(got) != "reply" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if err := <-readErr; err != net.ErrClosed {
		t.Errorf("Read while the server ends = %v, want %v", err, net.ErrClosed)
	}
	r.endsWithin(t, patience/4)
}

// TestEndWithDeadClient has a Handle that writes without end to a client that
// does not read, not even what closes the channel.
func TestEndWithDeadClient(t *testing.T) {
	writing := make(chan struct{})
	var once sync.Once
	wrote := make(chan error, 1)
	r := start(t, &SSHServer{Limits: SSHLimits{Grace: short}, Handle: func(_ context.Context, c *Conn) {
		for {
			if _, err := c.Write(make([]byte, blockSize)); err != nil {
				wrote <- err
				return
			}
			once.Do(func() { close(writing) })
		}
	}})
	c, _ := r.icyChannel(t)
	c.freeze()
	<-writing
	time.Sleep(short)
	r.endsWithin(t, patience/2)
	if err := <-wrote; err == nil {
		t.Error("the write did not fail")
	}
}

func TestStall(t *testing.T) {
	wrote := make(chan error, 1)
	r := start(t, &SSHServer{Limits: SSHLimits{Stall: short}, Handle: func(_ context.Context, c *Conn) {
		for {
			if _, err := c.Write(make([]byte, blockSize)); err != nil {
				wrote <- err
				return
			}
		}
	}})
	// The client is alive, but nobody reads from this channel.
	_, ch := r.icyChannel(t)
	within(t, "noticing the stall", func() {
		if err := <-wrote; err != net.ErrClosed {
			t.Errorf("Write = %v, want %v", err, net.ErrClosed)
		}
	})
	within(t, "closing the channel", func() { _, _ = io.Copy(io.Discard, ch) })
}

// TestCloseUnanswered closes the session of a client that does not close in return.
func TestCloseUnanswered(t *testing.T) {
	handed := make(chan *Conn, 1)
	readErr := make(chan error, 1)
	r := start(t, &SSHServer{Limits: SSHLimits{Grace: short}, Handle: func(_ context.Context, c *Conn) {
		handed <- c
		_, err := c.Read(make([]byte, 1))
		readErr <- err
	}})
	c, _ := r.icyChannel(t)
	conn := <-handed
	c.freeze()
	within(t, "Close", func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if err := <-readErr; err != net.ErrClosed {
			t.Errorf("Read = %v, want %v", err, net.ErrClosed)
		}
	})
}

// TestClientGone ends the context of Handle with the channel and with the connection.
func TestClientGone(t *testing.T) {
	started, gone := make(chan struct{}), make(chan struct{})
	r := start(t, &SSHServer{Handle: func(ctx context.Context, c *Conn) {
		started <- struct{}{}
		<-ctx.Done()
		gone <- struct{}{}
	}})
	for _, leave := range []func(*icy, ssh.Channel){
		func(_ *icy, ch ssh.Channel) { ch.Close() },
		func(c *icy, _ ssh.Channel) { c.Close() },
	} {
		c, ch := r.icyChannel(t)
		<-started
		leave(c, ch)
		within(t, "noticing that the client has gone", func() { <-gone })
	}
}

// TestHalfClose reads the reply after the end of input, as of `ssh -s … < file`.
func TestHalfClose(t *testing.T) {
	r := start(t, &SSHServer{Handle: func(_ context.Context, c *Conn) {
		in, err := io.ReadAll(c)
		if err == nil {
			_, _ = c.Write(in)
		}
	}})
	_, ch := r.icyChannel(t)
	_, _ = io.WriteString(ch, "all")
	if err := ch.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(ch); string(got) != "all" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestKeepalive(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Keepalive: short}})
	c := r.mustDial(t)
	dead, ch := r.icyChannel(t)
	dead.freeze()
	// A frozen client takes 3 intervals to be noticed; its own end of the
	// connection sees the cut when it thaws.
	time.Sleep(8 * short)
	dead.once.Do(func() { close(dead.thawed) })
	within(t, "cutting a dead client", func() { _, _ = io.Copy(io.Discard, ch) })
	exchange(t, c, "<hello/>")
}

func TestDeadlines(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{Handshake: 10 * short, Idle: short}})
	silent, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	within(t, "the handshake deadline", func() { _, _ = io.Copy(io.Discard, silent) })

	idle, err := r.client(t, ssh.Config{})
	if err != nil {
		t.Fatal(err)
	}
	within(t, "the idle deadline", func() { _ = idle.Wait() })

	used := r.mustDial(t)
	defer exchange(t, used, "<hello/>")
	noSubsystem, err := r.client(t, ssh.Config{})
	if err != nil {
		t.Fatal(err)
	}
	_, requests, err := noSubsystem.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "the subsystem deadline", func() { ssh.DiscardRequests(requests) })
	within(t, "the idle deadline after it", func() { _ = noSubsystem.Wait() })
}

func TestAdmission(t *testing.T) {
	limits := SSHLimits{Connections: 4, ConnectionsPerSource: 3, Unauthenticated: 3, UnauthenticatedPerSource: 2}
	addr := func(s string) net.Addr { return net.TCPAddrFromAddrPort(mustAddrPort(s)) }
	a := newAdmission(limits.withDefaults())
	admit := func(from string, want bool) *ticket {
		t.Helper()
		ticket, err := a.admit(addr(from), func() { t.Errorf("%s is cut", from) })
		if (err == nil) != want {
			t.Fatalf("admit %s: %v, want success %t", from, err, want)
		}
		return ticket
	}
	one := admit("[2001:db8::1]:1", true)
	two := admit("[2001:db8::2]:2", true)
	admit("[2001:db8:0:0:1::1]:3", false) // the same /64 has 2 unauthenticated
	three := admit("[2001:db8:0:1::1]:3", true)
	one.authenticate()
	four := admit("[2001:db8::1]:4", true)
	two.authenticate()
	admit("[2001:db8::1]:5", false) // 3 connections of the /64
	three.authenticate()
	four.authenticate()
	admit("192.0.2.1:1", false) // 4 connections in all
	four.Leave()
	admit("[::ffff:192.0.2.1]:1", true).Leave()
	for _, ticket := range []*ticket{one, two, three} {
		ticket.Leave()
	}
	if n := a.Open(); n != 0 {
		t.Errorf("%d are open after all have left", n)
	}
}

func TestConnectionLimit(t *testing.T) {
	r := start(t, &SSHServer{Limits: SSHLimits{UnauthenticatedPerSource: 2}})
	var silent []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
		if _, err := io.ReadFull(c, make([]byte, len("SSH-2.0-"))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.dial(t, "admin", Password("secret")...); err == nil {
		t.Fatal("a third connection was let in")
	}
	silent[0].Close()
	var c *Conn
	within(t, "freeing a place", func() {
		var err error
		for c, err = r.dial(t, "admin", Password("secret")...); err != nil; {
			c, err = r.dial(t, "admin", Password("secret")...)
		}
	})
	defer c.Close()
	exchange(t, r.mustDial(t), "<hello/>") // authenticated ones do not count
}
