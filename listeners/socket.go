package listeners

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// bind is an address that an endpoint wants to listen on.
type bind struct {
	network string // "tcp" or "udp"
	addr    string
	key     string      // both
	at      certs.Place // the local-bind
}

func newBind(network, host string, port uint64, at certs.Place) *bind {
	addr := net.JoinHostPort(host, strconv.FormatUint(port, 10))
	return &bind{network, addr, network + " " + addr, at}
}

// family is the network with the IP version of the address: an unspecified address
// stands for all of its version, and no others.
func (b *bind) family() string {
	if a, err := netip.ParseAddrPort(b.addr); err == nil && a.Addr().Unmap().Is4() {
		return b.network + "4"
	}
	return b.network + "6"
}

// overlaps tells whether both addresses cannot be bound at once as one has all
// addresses of the port.
func (b *bind) overlaps(other *bind) bool {
	x, err := netip.ParseAddrPort(b.addr)
	y, err2 := netip.ParseAddrPort(other.addr)
	return err == nil && err2 == nil && b.family() == other.family() && x.Port() == y.Port() && x != y &&
		(x.Addr().IsUnspecified() || y.Addr().IsUnspecified())
}

// listen binds the address, also where sockets of this process that overlap have it: they
// are to be closed then.
func (l *Listeners) listen(ctx context.Context, b *bind, overlapping []*socket) (*socket, error) {
	var lc net.ListenConfig
	if len(overlapping) > 0 {
		lc.Control = func(_, _ string, c syscall.RawConn) error { return share(c, true) }
		for _, s := range overlapping {
			if err := s.share(true); err != nil {
				return nil, err
			}
			defer func() { _ = s.share(false) }() // fails for one that is closed
		}
	}
	s := &socket{bind: b}
	if b.network == "udp" {
		c, err := lc.ListenPacket(ctx, b.family(), b.addr)
		if err != nil {
			return nil, err
		}
		if s.acceptor, err = l.acceptQUIC(s, c.(*net.UDPConn)); err != nil {
			c.Close()
			return nil, err
		}
	} else {
		c, err := lc.Listen(ctx, b.family(), b.addr)
		if err != nil {
			return nil, err
		}
		s.acceptor = tcpSocket{c.(*net.TCPListener)}
	}
	if len(overlapping) > 0 {
		if err := s.share(false); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// socket is a bound address and the endpoint that gets its connections, nil for none.
type socket struct {
	*bind
	acceptor
	endpoint atomic.Pointer[endpoint]
	open     int // connections that need the socket; guarded by Listeners.mu
}

// enter returns the endpoint that gets a connection, which is counted there, or nil. Where
// another takes the endpoint's place at this moment it is the other: none is lost between.
func (s *socket) enter() *endpoint {
	for {
		e := s.endpoint.Load()
		if e == nil || e.feed.enter() {
			return e
		}
		if s.endpoint.Load() == e {
			return nil
		}
	}
}

// acceptor accepts connections at an address.
type acceptor interface {
	Addr() net.Addr
	SyscallConn() (syscall.RawConn, error)
	// accept returns what gives the next connection to an endpoint that it has entered, or
	// closes it for nil.
	accept(ctx context.Context) (give func(*endpoint), err error)
	// Close ends accept, and connections that need the socket.
	Close() error
}

func (s *socket) share(on bool) error {
	c, err := s.SyscallConn()
	if err != nil {
		return err
	}
	return share(c, on)
}

// tcpSocket is the acceptor of TCP.
type tcpSocket struct{ *net.TCPListener }

func (s tcpSocket) accept(context.Context) (func(*endpoint), error) {
	nc, err := s.Accept()
	if err != nil {
		return nil, err
	}
	return func(e *endpoint) {
		if e == nil {
			nc.Close()
			return
		}
		e.take(nc)
	}, nil
}

// bind binds the addresses of p that are not bound yet. Needs mu.
func (l *Listeners) bind(ctx context.Context, p *prepared, resumed bool) error {
	wanted := map[string]*bind{}
	for _, e := range p.endpoints {
		for _, b := range e.binds {
			if other := wanted[b.key]; other != nil {
				return b.at.Refuse(rpcerr.InvalidValue, "%s is also the address of %s", b.addr, other.at.Path)
			}
			wanted[b.key] = b
		}
	}
	for key, e := range p.endpoints {
		for _, b := range e.binds {
			if l.sockets[b.key] != nil {
				continue
			}
			s, err := l.listen(ctx, b, l.leaving(b, wanted))
			switch {
			case err == nil:
				s.endpoint.Store(e)
				p.fresh[b.key] = s
			case resumed || l.waiting[b.key] != nil && l.endpoints[key] == e:
				l.log.Error(e.protocol.name+" does not listen here until it can", "endpoint", e.name, "address", b.addr, "error", err)
				p.waiting[b.key] = b
			default:
				refusal := b.at.Refuse(rpcerr.OperationFailed, "%s cannot listen on %s: %v", e.protocol.name, b.addr, err)
				refusal.Err = err
				return refusal
			}
		}
	}
	return nil
}

// leaving are the sockets that are in the way of b and wanted no longer. Needs mu.
func (l *Listeners) leaving(b *bind, wanted map[string]*bind) (all []*socket) {
	for key, s := range l.sockets {
		if wanted[key] == nil && s.overlaps(b) {
			all = append(all, s)
		}
	}
	return all
}

// drop closes a socket that no endpoint wants any more once nothing needs it. Needs mu.
func (l *Listeners) drop(key string, s *socket) {
	if s.endpoint.Load() == nil && s.open == 0 && l.sockets[key] == s {
		s.Close()
		delete(l.sockets, key)
	}
}

// bindWaiting binds what could not be bound before.
func (l *Listeners) bindWaiting(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.endpoints {
		for _, b := range e.binds {
			if l.waiting[b.key] == nil {
				continue
			}
			s, err := l.listen(ctx, b, nil)
			if err != nil {
				continue
			}
			l.log.Info(e.protocol.name+" listens here now", "endpoint", e.name, "address", b.addr)
			delete(l.waiting, b.key)
			s.endpoint.Store(e)
			l.sockets[b.key] = s
			l.accept(s)
		}
	}
}

// accept starts to accept connections. Needs mu.
func (l *Listeners) accept(s *socket) {
	switch {
	case l.ctx == nil:
		return
	case l.ctx.Err() != nil:
		s.Close()
		return
	}
	ctx := l.ctx
	l.started.Go(func() {
		for wait := time.Duration(0); ; {
			give, err := s.acceptor.accept(ctx)
			switch {
			case err == nil:
				wait = 0
				give(s.enter())
			case errors.Is(err, net.ErrClosed) || ctx.Err() != nil:
				return
			default:
				wait = min(max(2*wait, 5*time.Millisecond), time.Second)
				l.log.Warn("accept", "address", s.Addr().String(), "error", err)
				pause(ctx, wait)
			}
		}
	})
}
