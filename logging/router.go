package logging

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// Router gives records to targets. All methods are safe for concurrent use.
type Router struct {
	setup atomic.Pointer[setup]  // never nil
	used  atomic.Pointer[func()] // called after Use; may be nil

	mu      sync.Mutex
	running bool
	targets sync.WaitGroup // that run; Add under mu
}

// setup is what a Router does at one moment.
type setup struct {
	targets []*Target
	wanted  [kinds]uint8 // severities that some target wants
	keep    Truncation
}

// NewRouter returns a router without targets.
func NewRouter() *Router {
	r := new(Router)
	r.setup.Store(&setup{keep: DefaultTruncation})
	return r
}

// Truncation is how many leading bits of addresses of ALTO clients are kept.
type Truncation struct{ IPv4, IPv6 int }

// DefaultTruncation leaves the network of a site.
var DefaultTruncation = Truncation{24, 48}

// Address returns addr with the bits after those that are kept unset, without a zone.
func (t Truncation) Address(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	bits := t.IPv6
	if addr.Is4() {
		bits = t.IPv4
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr()
}

// Truncation is the one in force.
func (r *Router) Truncation() Truncation { return r.setup.Load().keep }

// Wants tells whether some target wants records of a kind with a severity.
func (r *Router) Wants(k Kind, v Severity) bool { return r.setup.Load().wanted[k]&(1<<v) != 0 }

// Log queues rec for the targets that want it. It never waits.
func (r *Router) Log(rec *Record) {
	s := r.setup.Load()
	if s.wanted[rec.Kind]&(1<<rec.Severity) == 0 {
		return
	}
	for _, t := range s.targets {
		t.put(rec)
	}
}

// Targets are those in use. The list is not changed.
func (r *Router) Targets() []*Target { return r.setup.Load().targets }

// Use puts targets in the place of those in use. Those that stay keep their queues and
// connections; those that go write what they have queued, for a second at most, in the
// background. A target is used once: one that went does not come back.
func (r *Router) Use(targets []*Target, keep Truncation) {
	defer func() {
		if f := r.used.Load(); f != nil {
			(*f)()
		}
	}()
	next := &setup{targets: slices.Clone(targets), keep: keep}
	for _, t := range targets {
		for k := range next.wanted {
			if t.Kinds&(1<<k) != 0 {
				next.wanted[k] |= t.Severities[t.facility(Kind(k))]
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	prev := r.setup.Swap(next)
	for _, t := range prev.targets {
		if !slices.Contains(targets, t) {
			t.end()
		}
	}
	for _, t := range targets {
		if r.running && !slices.Contains(prev.targets, t) {
			r.targets.Go(t.run)
		}
	}
}

// OnUse has f called after each Use, in the place of the function before.
func (r *Router) OnUse(f func()) { r.used.Store(&f) }

// Run writes what is logged, what was logged before included, until ctx ends; then it
// gives all targets a second for what they have queued. When it returns, all that it
// started has ended. Called once.
func (r *Router) Run(ctx context.Context) {
	r.mu.Lock()
	r.running = true
	for _, t := range r.setup.Load().targets {
		r.targets.Go(t.run)
	}
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	r.running = false
	for _, t := range r.setup.Load().targets {
		t.end()
	}
	r.mu.Unlock()
	r.targets.Wait()
}
