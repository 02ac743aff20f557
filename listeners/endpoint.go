package listeners

import (
	"context"
	"maps"
	"net"
	"sync"
	"sync/atomic"
)

// endpoint is one entry of listen/endpoints as it was read. It stays until its
// connections have ended, also when the configuration has another of its name.
type endpoint struct {
	protocol *protocol
	name     string
	uses     uses
	service  service
	binds    []*bind
	// keepalive is for its connections, where enabled.
	keepalive net.KeepAliveConfig

	feed *feed
	end  context.CancelFunc // nil until it is served
	over atomic.Bool        // cut
	// former had the name before, and may still have sessions.
	former *endpoint
}

func newEndpoint(x *protocol, name string, s service) *endpoint {
	return &endpoint{protocol: x, name: name, service: s, feed: newFeed()}
}

// serve starts an endpoint. Needs mu.
func (l *Listeners) serve(e *endpoint) {
	if !l.running() {
		return
	}
	var ctx context.Context
	ctx, e.end = context.WithCancel(l.ctx)
	l.started.Go(func() {
		if err := e.service.Serve(ctx, e.feed); err != nil {
			l.log.Error("the "+e.protocol.name+" endpoint ended", "endpoint", e.name, "error", err)
		}
	})
}

// swapEndpoints puts the prepared ones into service. Needs mu.
func (l *Listeners) swapEndpoints(p *prepared) {
	before := l.endpoints
	l.endpoints, l.waiting = p.endpoints, p.waiting
	wanted := map[string]*endpoint{}
	for key, e := range p.endpoints {
		for _, b := range e.binds {
			wanted[b.key] = e
		}
		if before[key] != e {
			l.serve(e)
		}
	}
	maps.Copy(l.sockets, p.fresh)
	for key, s := range l.sockets {
		e := wanted[key]
		s.endpoint.Store(e)
		switch {
		case e == nil:
			l.drop(key, s)
		case p.fresh[key] != nil:
			l.accept(s)
		}
	}
	for key, e := range before {
		switch {
		case p.endpoints[key] == nil:
			l.after(l.pace.reply, e.stop)
		case p.endpoints[key] != e:
			p.endpoints[key].follow(e)
			e.retire()
			l.endUntrusted(p.endpoints[key])
		}
	}
}

// follow makes the end of e also that of those whose place it took.
func (e *endpoint) follow(old *endpoint) {
	e.former = old
	for x := e; x.former != nil; {
		if x.former.over.Load() {
			x.former = x.former.former
		} else {
			x = x.former
		}
	}
}

// take has a connection served that has entered.
func (e *endpoint) take(nc net.Conn) {
	if c, ok := nc.(*net.TCPConn); ok && e.keepalive.Enable {
		_ = c.SetKeepAliveConfig(e.keepalive) // fails for a client that has gone
	}
	e.feed.give(nc)
}

// retire makes what has a successor end as soon as its last connection has.
func (e *endpoint) retire() {
	if w, ok := e.service.(*web); ok {
		w.retire()
	}
	e.feed.retire(e.cut)
}

// stop ends the sessions, and those of former endpoints of the name.
func (e *endpoint) stop() {
	for ; e != nil; e = e.former {
		e.cut()
	}
}

// cut ends the sessions.
func (e *endpoint) cut() {
	e.over.Store(true)
	if e.end != nil {
		e.end()
	}
	e.feed.Close()
}

// feed is the net.Listener of an endpoint: what its sockets accept, whichever they are
// at the time.
type feed struct {
	conns  chan net.Conn
	closed chan struct{}

	mu   sync.Mutex
	open int // connections
	shut bool
	idle func() // called once open is 0, after retire
}

func newFeed() *feed { return &feed{conns: make(chan net.Conn), closed: make(chan struct{})} }

// Accept implements net.Listener.
func (f *feed) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (f *feed) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.shut {
		f.shut = true
		close(f.closed)
	}
	return nil
}

// Addr implements net.Listener.
func (f *feed) Addr() net.Addr { return &net.TCPAddr{} }

// give hands a connection over that has entered, or closes it where nobody accepts any more.
func (f *feed) give(nc net.Conn) {
	c := &counted{Conn: nc, feed: f}
	select {
	case f.conns <- c:
	case <-f.closed:
		c.Close()
	}
}

// retire has idle called as soon as no connection is open.
func (f *feed) retire(idle func()) {
	f.mu.Lock()
	now := f.open == 0
	f.idle = idle
	f.mu.Unlock()
	if now {
		idle()
	}
}

// enter counts a connection, which must leave once it has ended. It is false for a feed that
// has ended, or does so as its last connection has left.
func (f *feed) enter() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shut || f.idle != nil && f.open == 0 {
		return false
	}
	f.open++
	return true
}

func (f *feed) leave() {
	f.mu.Lock()
	f.open--
	idle := f.idle
	now := f.open == 0 && idle != nil
	f.mu.Unlock()
	if now {
		idle()
	}
}

// counted is a connection that its feed knows of until it is closed.
type counted struct {
	net.Conn
	feed *feed
	gone atomic.Bool
}

func (c *counted) Close() error {
	err := c.Conn.Close()
	if !c.gone.Swap(true) {
		c.feed.leave()
	}
	return err
}
