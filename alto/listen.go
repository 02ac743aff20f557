package alto

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/altoam/altoam/doorway"
)

// ListenConfig says where and how a Stack listens.
type ListenConfig struct {
	// Addrs are ADDRESS:PORT with IP address literals; port 0 picks a free port,
	// kept as long as the entry stays.
	Addrs []string
	// Optional are those of Addrs that Bind leaves out where they cannot be bound.
	Optional map[string]bool
	// KeepAlive are the TCP keep-alives of accepted connections; zero: disabled.
	KeepAlive net.KeepAliveConfig
	// TLS is nil for plain HTTP.
	TLS *tls.Config
	// More have further addresses, with settings of their own but Optional.
	More []ListenConfig
}

// all are c and those of More.
func (c *ListenConfig) all() []*ListenConfig {
	list := []*ListenConfig{c}
	for i := range c.More {
		list = append(list, &c.More[i])
	}
	return list
}

// of returns the settings of each address.
func (c *ListenConfig) of() map[string]*ListenConfig {
	settings := make(map[string]*ListenConfig)
	for _, l := range c.all() {
		for _, addr := range l.Addrs {
			settings[addr] = l
		}
	}
	return settings
}

// addrs are all addresses.
func (c *ListenConfig) addrs() (list []string) {
	for _, l := range c.all() {
		list = append(list, l.Addrs...)
	}
	return list
}

// BindError tells which address cannot be listened on.
type BindError struct {
	Addr string
	Err  error
}

func (e *BindError) Error() string { return fmt.Sprintf("cannot listen on %s: %v", e.Addr, e.Err) }

func (e *BindError) Unwrap() error { return e.Err }

// shutdownGrace is how long requests in flight may take once their socket is
// no longer wanted.
const shutdownGrace = 30 * time.Second

// Stack owns the sockets that a handler is served on. Every goroutine of a Stack
// ends before Run returns.
type Stack struct {
	handler http.Handler
	// Admit counts a connection until it leaves its Place, or is nil where it is to be
	// closed; cut ends one. Nil is for any number. It may be set before the first Bind.
	Admit func(remote net.Addr, cut func()) *doorway.Place

	mu      sync.Mutex
	sockets map[string]*socket // by configured address
	ended   bool
	serving sync.WaitGroup
	failed  chan error // first failure of a socket in use
}

// NewStack returns a stack without sockets.
func NewStack(handler http.Handler) *Stack {
	return &Stack{handler: handler, sockets: make(map[string]*socket), failed: make(chan error, 1)}
}

// Binding is a change of a stack that is prepared: its sockets are bound, nothing
// is served on the new ones yet. Exactly one of Apply and Abort must follow, before
// the next Bind.
type Binding struct {
	stack  *Stack
	config ListenConfig
	next   map[string]*socket
	fresh  []*socket
	failed []*BindError
}

// Bind binds the addresses the stack does not hold yet. It changes nothing else,
// also where it fails, which is with a *BindError.
func (s *Stack) Bind(c ListenConfig) (*Binding, error) {
	s.mu.Lock()
	held := maps.Clone(s.sockets)
	s.mu.Unlock()
	b := &Binding{stack: s, config: c, next: make(map[string]*socket)}
	for _, addr := range c.addrs() {
		if b.next[addr] != nil {
			b.Abort()
			return nil, &BindError{addr, errors.New("address is listed twice")}
		}
		if kept := held[addr]; kept != nil {
			b.next[addr] = kept
			continue
		}
		ln, err := listen(addr)
		if err != nil && c.Optional[addr] {
			b.failed = append(b.failed, &BindError{addr, err})
			continue
		}
		if err != nil {
			b.Abort()
			return nil, &BindError{addr, err}
		}
		n := newSocket(ln, s.handler, s.Admit)
		b.next[addr] = n
		b.fresh = append(b.fresh, n)
	}
	return b, nil
}

// listen binds one family only, so that 0.0.0.0 and :: can stand side by side.
func listen(addr string) (net.Listener, error) {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	network := "tcp6"
	if ap.Addr().Is4() {
		network = "tcp4"
	}
	lc := net.ListenConfig{KeepAlive: -1}
	return lc.Listen(context.Background(), network, addr)
}

// Addrs returns the addresses bound, in the order of the ListenConfig, with the
// ports that were picked for port 0.
func (b *Binding) Addrs() []string {
	var list []string
	for _, addr := range b.config.addrs() {
		if n := b.next[addr]; n != nil {
			list = append(list, n.Addr().String())
		}
	}
	return list
}

// Failed returns the optional addresses that could not be bound, and why.
func (b *Binding) Failed() []*BindError { return b.failed }

// Fresh tells whether there are sockets that the stack did not have.
func (b *Binding) Fresh() bool { return len(b.fresh) > 0 }

// Changes returns the configured addresses, ascending, that Apply begins to serve on
// and stops serving on.
func (b *Binding) Changes() (opened, closed []string) {
	b.stack.mu.Lock()
	defer b.stack.mu.Unlock()
	for addr, n := range b.next {
		if b.stack.sockets[addr] != n {
			opened = append(opened, addr)
		}
	}
	for addr, n := range b.stack.sockets {
		if b.next[addr] != n {
			closed = append(closed, addr)
		}
	}
	slices.Sort(opened)
	slices.Sort(closed)
	return opened, closed
}

// Apply starts to serve on the new sockets and stops accepting on those that are
// gone, where requests in flight are finished in the background. Sockets that stay
// accept without a gap; new connections get the new settings.
func (b *Binding) Apply() {
	s := b.stack
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		b.Abort()
		return
	}
	for addr, old := range s.sockets {
		if b.next[addr] != old {
			s.retire(old)
		}
	}
	settings := b.config.of()
	for addr, n := range b.next {
		n.settings.Store(settings[addr])
	}
	for _, n := range b.fresh {
		s.serving.Go(func() { s.serve(n) })
	}
	s.sockets = b.next
}

// Abort closes the sockets that Bind has opened.
func (b *Binding) Abort() {
	for _, n := range b.fresh {
		_ = n.Close()
	}
}

func (s *Stack) serve(n *socket) {
	err := n.server.Serve(n)
	if n.retired.Load() || errors.Is(err, http.ErrServerClosed) {
		return
	}
	select {
	case s.failed <- fmt.Errorf("listening on %s: %w", n.Addr(), err):
	default:
	}
}

// retire stops accepting at once and finishes requests in flight; update streams
// end. Called once for a socket.
func (s *Stack) retire(n *socket) {
	n.retired.Store(true)
	close(n.draining)
	_ = n.Close()
	s.serving.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		if err := n.server.Shutdown(ctx); err != nil && !errors.Is(err, net.ErrClosed) { // closed above
			slog.Warn("requests cut off", "addr", n.Addr().String(), "error", err)
			_ = n.server.Close()
		}
	})
}

// Addrs returns the addresses served at this moment, sorted.
func (s *Stack) Addrs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, n := range s.sockets {
		list = append(list, n.Addr().String())
	}
	slices.Sort(list)
	return list
}

// Secure tells whether new connections to an address of Addrs have TLS.
func (s *Stack) Secure(addr string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.sockets {
		if n.Addr().String() == addr {
			return n.settings.Load().TLS != nil
		}
	}
	return false
}

// Run serves until ctx ends, then closes all sockets, finishes the requests in
// flight and returns nil once everything has ended; or, in the same way, until a
// socket fails, and returns why. Called once.
func (s *Stack) Run(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	s.mu.Lock()
	s.ended = true
	for _, n := range s.sockets {
		s.retire(n)
	}
	s.sockets = nil
	s.mu.Unlock()
	s.serving.Wait()
	return err
}
