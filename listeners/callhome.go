package listeners

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/certs"
)

// caller calls one client (RFC 8071 Section 4.1), at one of its places at a time.
type caller struct {
	protocol *protocol
	name     string
	uses     uses
	places   []*place

	persistent bool
	period     time.Duration
	anchor     time.Time // zero for the time of the start

	startWith string // the enum
	wait      time.Duration
	attempts  int

	end  context.CancelFunc // nil until it calls; guarded by Listeners.mu
	over chan struct{}      // closed when it has ended
	last int                // index of the place of the last connection
	up   atomic.Bool        // connected
}

// place is where a client can be reached.
type place struct {
	name, addr string
	dialer     net.Dialer
	service    service
}

// callHome returns the clients to call, like listen.
func (r *reader) callHome(before map[string]*caller) (map[string]*caller, error) {
	all := map[string]*caller{}
	for _, x := range r.l.protocols {
		for _, p := range certs.Root(r.change.New).Below(x.root, "call-home").Entries(x.client) {
			key := p.Path.String()
			if old := before[key]; old != nil && !old.uses.touched(r.change.Diff) {
				all[key] = old
				continue
			}
			c, err := r.caller(x, p)
			if err != nil {
				if r.change.Resumed {
					r.l.log.Error("the "+x.name+" client is not called", "client", p.Key(), "error", err)
					continue
				}
				return nil, err
			}
			all[key] = c
		}
	}
	return all, nil
}

func (r *reader) caller(x *protocol, p certs.Place) (*caller, error) {
	c := &caller{protocol: x, name: p.Key(), uses: uses{p.Path}, over: make(chan struct{})}
	kind := p.Below("connection-type")
	idle := time.Duration(-1)
	if periodic := kind.Below("periodic"); periodic.Exists() {
		c.period = max(1, time.Duration(periodic.Uint("period"))) * time.Minute
		idle = silence(periodic.Uint("idle-timeout"))
		if v := periodic.Leaf("anchor-time"); !v.IsZero() {
			c.anchor = anchor(v.String())
		}
	} else {
		c.persistent = true
	}
	strategy := p.Below("reconnect-strategy")
	c.startWith = strategy.Leaf("start-with").String()
	c.wait = time.Duration(strategy.Uint("max-wait")) * time.Second
	c.attempts = int(strategy.Uint("max-attempts"))
	for _, e := range p.Below("endpoints").Entries("endpoint") {
		r.stores = certs.StoresOf(r.change.New).SealedBy(r.l.o.Secrets)
		s, stack, err := x.service(r, e, idle)
		if err != nil {
			return nil, err
		}
		c.uses = append(c.uses, r.stores.Used()...)
		tcp := stack.Below("tcp-client-parameters")
		c.places = append(c.places, &place{
			name: e.Key(), service: s, dialer: net.Dialer{Timeout: c.wait, LocalAddr: localAddr(tcp), KeepAliveConfig: keepalive(tcp)},
			addr: net.JoinHostPort(tcp.Leaf("remote-address").String(), strconv.FormatUint(tcp.Uint("remote-port"), 10)),
		})
	}
	return c, nil
}

// anchor reads a date-and-time that may have no time zone, and then is of this host's.
func anchor(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, _ = time.ParseInLocation("2006-01-02T15:04:05", text, time.Local) // the type has no other form
	}
	return t
}

// localAddr is where calls come from, nil for any address.
func localAddr(tcp certs.Place) net.Addr {
	ip, port := tcp.Leaf("local-address"), tcp.Uint("local-port")
	if ip.IsZero() && port == 0 {
		return nil
	}
	return &net.TCPAddr{IP: net.ParseIP(ip.String()), Port: int(port)}
}

// swapCallers ends the calls of what was removed or changed a moment later, and starts
// what is new, where a client was called before after that. Needs mu.
func (l *Listeners) swapCallers(next map[string]*caller) {
	before := l.callers
	l.callers = next
	for name, c := range before {
		if next[name] != c {
			l.after(l.pace.reply, c.stop)
		}
	}
	for name, c := range next {
		if before[name] == c {
			continue
		}
		if old := before[name]; old != nil && old.end != nil {
			l.after(0, func() {
				<-old.over
				l.mu.Lock()
				defer l.mu.Unlock()
				if l.callers[name] == c {
					l.call(c)
				}
			})
			continue
		}
		l.call(c)
	}
}

// stop ends the calls.
func (c *caller) stop() {
	if c.end != nil {
		c.end()
	}
}

// call starts to call. Needs mu.
func (l *Listeners) call(c *caller) {
	if !l.running() {
		return
	}
	var ctx context.Context
	ctx, c.end = context.WithCancel(l.ctx)
	l.started.Go(func() {
		defer close(c.over)
		defer c.end()
		l.keepCalling(ctx, c)
	})
}

// keepCalling calls until ctx ends. A persistent connection is made again when it has
// ended; attempts in vain, and connections that end at once, are followed by pauses that
// grow.
func (l *Listeners) keepCalling(ctx context.Context, c *caller) {
	begun := time.Now()
	backoff := l.pace.first
	for calls := 0; ; calls++ {
		if !c.persistent && !pause(ctx, c.untilNext(begun, time.Now(), calls)) {
			return
		}
		start := time.Now()
		connected := l.round(ctx, c)
		if ctx.Err() != nil {
			return
		}
		if connected && (!c.persistent || time.Since(start) > l.pace.longest) {
			backoff = l.pace.first
			continue
		}
		if connected {
			backoff = min(backoff, 4*l.pace.first)
		}
		if !c.persistent {
			continue // until the next time
		}
		wait := backoff/2 + rand.N(backoff/2+1) // #nosec G404 -- spreads calls
		if !pause(ctx, wait) {
			return
		}
		backoff = min(2*backoff, l.pace.longest)
	}
}

// untilNext is the time from now to the next call of a periodic connection: the times
// are whole periods from the anchor, or from the first call, which is at once.
func (c *caller) untilNext(begun, now time.Time, calls int) time.Duration {
	from := c.anchor
	if from.IsZero() {
		from = begun
		if calls == 0 {
			return 0
		}
	}
	if now.Before(from) {
		return from.Sub(now) % c.period
	}
	return c.period - now.Sub(from)%c.period
}

// round tries the places in their order, each some times, until one connection has been
// made and has ended. It tells whether one was made.
func (l *Listeners) round(ctx context.Context, c *caller) bool {
	first := c.first()
	for i := range c.places {
		at := (first + i) % len(c.places)
		p := c.places[at]
		for n := range c.attempts {
			if n > 0 && !pause(ctx, l.pace.first) {
				return false
			}
			err := l.connect(ctx, c, p)
			if err == nil {
				c.last = at
				return true
			}
			if ctx.Err() != nil {
				return false
			}
			l.log.Info(c.protocol.name+" call home failed", "client", c.name, "endpoint", p.name, "address", p.addr, "attempt", n+1, "error", err)
		}
	}
	return false
}

// first is the index of the place to try first.
func (c *caller) first() int {
	switch c.startWith {
	case "last-connected":
		return max(0, c.last)
	case "random-selection":
		// #nosec G404 -- spreads calls
		return rand.N(len(c.places))
	}
	return 0
}

// connect makes one connection and serves it to its end. The error tells why the client
// had no session.
func (l *Listeners) connect(ctx context.Context, c *caller, p *place) error {
	nc, err := p.dialer.DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return err
	}
	c.up.Store(true)
	defer c.up.Store(false)
	return p.service.ServeConn(ctx, nc)
}
