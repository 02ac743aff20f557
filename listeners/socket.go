package listeners

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// bind is an address that an endpoint wants to listen on.
type bind struct {
	addr string
	at   certs.Place // the local-bind
}

func (b *bind) listen(ctx context.Context) (*socket, error) {
	nl, err := new(net.ListenConfig).Listen(ctx, "tcp", b.addr)
	if err != nil {
		return nil, err
	}
	return &socket{Listener: nl}, nil
}

// socket is a bound address and the endpoint that gets its connections.
type socket struct {
	net.Listener
	endpoint atomic.Pointer[endpoint]
}

// bind binds the addresses of p that are not bound yet. Needs mu.
func (l *Listeners) bind(ctx context.Context, p *prepared, resumed bool) error {
	taken := map[string]*bind{}
	for name, e := range p.endpoints {
		for _, b := range e.binds {
			if other := taken[b.addr]; other != nil {
				return b.at.Refuse(rpcerr.InvalidValue, "%s is also the address of %s", b.addr, other.at.Path)
			}
			taken[b.addr] = b
			if l.sockets[b.addr] != nil {
				continue
			}
			s, err := b.listen(ctx)
			switch {
			case err == nil:
				s.endpoint.Store(e)
				p.fresh[b.addr] = s
			case resumed || l.waiting[b.addr] != nil && l.endpoints[name] == e:
				l.log.Error("NETCONF does not listen here until it can", "endpoint", name, "address", b.addr, "error", err)
				p.waiting[b.addr] = b
			default:
				refusal := b.at.Refuse(rpcerr.OperationFailed, "NETCONF cannot listen on %s: %v", b.addr, err)
				refusal.Err = err
				return refusal
			}
		}
	}
	return nil
}

// bindWaiting binds what could not be bound before.
func (l *Listeners) bindWaiting(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.endpoints {
		for _, b := range e.binds {
			if l.waiting[b.addr] == nil {
				continue
			}
			s, err := b.listen(ctx)
			if err != nil {
				continue
			}
			l.log.Info("NETCONF listens here now", "endpoint", e.name, "address", b.addr)
			delete(l.waiting, b.addr)
			s.endpoint.Store(e)
			l.sockets[b.addr] = s
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
			nc, err := s.Accept()
			switch {
			case err == nil:
				wait = 0
				s.endpoint.Load().take(nc)
			case errors.Is(err, net.ErrClosed) || ctx.Err() != nil:
				return
			default:
				wait = min(max(2*wait, 5*time.Millisecond), time.Second)
				l.log.Warn("NETCONF accept", "address", s.Addr().String(), "error", err)
				pause(ctx, wait)
			}
		}
	})
}
