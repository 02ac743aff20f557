package southbound

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/alto"
)

// Options configure a Side.
type Options struct {
	// Server and Stack are those of this process. Whoever made the Side binds and runs the
	// Stack.
	Server *alto.Server
	Stack  *alto.Stack
	Logger *slog.Logger     // nil: no log
	Now    func() time.Time // nil: time.Now
	// Retry is the longest wait before something that failed is tried again; two seconds
	// by default.
	Retry time.Duration
	// Build names what this program was built from. A process that Start starts is replaced
	// where it was built from something else.
	Build string
	// Want, where set, makes what the other process is to know about what it pushes, JSON
	// for its ServerOptions.Want. Wanted tells that it is another.
	Want func() []byte
	// Pushed takes what the other process pushes; nil: nothing. It must not wait.
	Pushed func([]byte)
	// Leftover is the socket of another process that may have been left over by a manager
	// that ended before it could release it; "": there is none.
	Leftover string
	// Released, where set, is called when another process that has served listens no
	// longer, so that this one may.
	Released func()
	// Yield, where set, is called when another process can serve and this one still does.
	// It must have this one listen no longer and then call leave; nothing may be published
	// while it does.
	Yield func(leave func())
}

// Process is an ALTO server in a process of its own.
type Process struct {
	// Socket is the path of the Unix socket that it is managed over.
	Socket string
	// Start starts it; nil where somebody else does. Its end is told by closing ended.
	// It must survive this process.
	Start func(socket string) (ended <-chan struct{}, err error)
}

// Side serves steps: in this process or in another. All methods are safe for concurrent
// use.
type Side struct {
	o   Options
	log *slog.Logger
	now func() time.Time

	link atomic.Pointer[link] // to the process; nil while there is none
	last atomic.Pointer[alto.ServerStats]

	wake chan struct{}

	mu           sync.Mutex
	process      *Process // nil: this one
	status       Status
	lost         time.Time       // since when nobody knows what is applied
	reconfigured map[string]bool // accounts, since the step applied last
	server       bool            // likewise, the server
	addrs        []Address       // that the process listens on
}

// NewSide returns a side that serves in this process, an empty snapshot.
func NewSide(o Options) *Side {
	s := &Side{o: o, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), now: o.Now, wake: make(chan struct{}, 1), reconfigured: make(map[string]bool)}
	if s.now == nil {
		s.now = time.Now
	}
	s.o.Retry = cmp.Or(o.Retry, 2*time.Second)
	return s
}

// Publish serves x from now on, in the process p, nil for this one. It does not fail:
// what another process has not got yet it gets from Run, and this one serves until the
// other can. Cost here is that of what differs from the step before.
func (s *Side) Publish(x Step, p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := p != s.process
	s.status.Want = s.status.Want.follow(x, s.now())
	s.process, s.status.Remote = p, p != nil
	switch {
	case p == nil:
		s.status.Own = true
		s.serve(x)
		s.status.Applied, s.status.Error, s.status.Unbound, s.status.Process = s.status.Want, "", nil, 0
		s.lost = time.Time{}
		if !moved {
			return
		}
	case s.status.Own:
		s.serve(x)
		s.status.Applied = s.status.Want
	case moved:
		s.status.Applied, s.lost = nil, s.now()
		s.o.Server.Publish(emptySnapshot())
	}
	for _, id := range x.Reconfigured {
		s.reconfigured[id] = true
	}
	s.server = s.server || x.ServerReconfigured
	s.Wanted()
}

// Wanted tells that what Want makes may be another. It does not wait.
func (s *Side) Wanted() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// serve serves in this process.
func (s *Side) serve(x Step) {
	s.o.Server.SetWindow(x.Window)
	s.o.Server.Publish(x.Snapshot, x.Reconfigured...)
	if x.ServerReconfigured {
		s.o.Server.ServerReconfigured()
	}
}

func emptySnapshot() *alto.Snapshot {
	empty, err := alto.NewSnapshot(nil, alto.Config{})
	if err != nil {
		panic(err) // there is nothing in it to be wrong
	}
	return empty
}

// Status is that of the moment.
func (s *Side) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Lag is how long clients have seen something else than what was published as v's mark
// m, given that they do.
func (s *Side) Lag(m Mark) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := m.Since
	if s.lost.After(since) {
		since = s.lost
	}
	return max(0, s.now().Sub(since))
}

// Addrs returns the addresses that clients can reach the server at, ascending.
func (s *Side) Addrs() []Address {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil && !s.status.Own {
		return slices.Clone(s.addrs)
	}
	var list []Address
	for _, addr := range s.o.Stack.Addrs() {
		list = append(list, Address{addr, s.o.Stack.Secure(addr)})
	}
	return list
}

// remote tells whether another process serves.
func (s *Side) remote() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process != nil && !s.status.Own
}

// leave has this process serve no longer, where p is to.
func (s *Side) leave(p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != p || !s.status.Own {
		return
	}
	s.status.Own, s.status.Applied, s.lost = false, nil, s.now()
	s.o.Server.Publish(emptySnapshot())
}

// Run hands steps over to another process whenever one is to serve, until ctx ends. The
// process goes on serving.
func (s *Side) Run(ctx context.Context) {
	h := &handover{Side: s, mirror: newMirror()}
	h.releaseLeftover(ctx)
	for ctx.Err() == nil {
		s.mu.Lock()
		p := s.process
		s.mu.Unlock()
		if p != nil {
			h.manage(ctx, p)
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		}
	}
}

// take returns what is to be served by p and what has been configured since; false where
// it is not p that serves.
func (s *Side) take(p *Process) (v *Version, reconfigured []string, server, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status.Want, slices.Sorted(maps.Keys(s.reconfigured)), s.server, s.process == p
}
