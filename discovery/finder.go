package discovery

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Search is what a client wants to know.
type Search struct {
	Prefixes []netip.Prefix
	Service  string // U-NAPTR service parameter
	Resolver Resolver
	Interval time.Duration // between look-ups
}

// Result is what the last look-up for a prefix found.
type Result struct {
	Found
	At  time.Time
	Err error // why it could not be looked up; nil where it was
}

// soon is the time after which searches with temporary failures are repeated, where their
// interval is not shorter.
const soon = time.Minute

// atOnce bounds the prefixes of a search that are looked up at the same time.
const atOnce = 8

// Finder makes searches again and again. Its methods are safe for concurrent use.
type Finder struct {
	mu       sync.Mutex
	running  context.Context // of Run; nil outside it
	searches map[string]*search
	group    sync.WaitGroup // of searches; Add under mu
}

// search is a Search being made.
type search struct {
	Search
	stop    context.CancelFunc      // nil outside Run
	results map[netip.Prefix]Result // guarded by Finder.mu
}

// NewFinder returns one that looks for nothing.
func NewFinder() *Finder { return &Finder{searches: make(map[string]*search)} }

// Run searches until ctx ends, and returns when all it started has ended. Called once.
func (f *Finder) Run(ctx context.Context) {
	f.mu.Lock()
	f.running = ctx
	for _, s := range f.searches {
		f.start(s)
	}
	f.mu.Unlock()
	<-ctx.Done()
	f.mu.Lock()
	f.running = nil
	f.mu.Unlock()
	f.group.Wait()
}

// Set makes a search by that ID, in place of the one there is; nil: none. What was found
// for prefixes that stay is kept until they are looked up again. It does not wait.
func (f *Finder) Set(id string, s *Search) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.searches[id]
	if old != nil && old.stop != nil {
		old.stop()
	}
	if delete(f.searches, id); s == nil {
		return
	}
	next := &search{Search: *s, results: make(map[netip.Prefix]Result)}
	for _, p := range s.Prefixes {
		if old == nil || old.Service != s.Service {
			break
		}
		if r, ok := old.results[p]; ok {
			next.results[p] = r
		}
	}
	f.searches[id] = next
	f.start(next)
}

// Result returns what was found for a prefix; ok is false before the first look-up.
func (f *Finder) Result(id string, p netip.Prefix) (r Result, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.searches[id]; s != nil {
		r, ok = s.results[p]
	}
	return r, ok
}

// start needs mu; it does nothing outside Run.
func (f *Finder) start(s *search) {
	if f.running == nil || f.running.Err() != nil {
		return
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(f.running)
	f.group.Go(func() {
		for ctx.Err() == nil {
			pause := s.Interval
			if f.look(ctx, s) {
				pause = min(pause, soon)
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
}

// look looks all prefixes up once, and tells whether it is worth being repeated soon.
func (f *Finder) look(ctx context.Context, s *search) (repeat bool) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, p := range s.Prefixes {
		g.Go(func() error {
			found, err := s.Resolver.Discover(ctx, p, s.Service)
			if ctx.Err() != nil {
				return nil
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			repeat = repeat || found.Temporary
			s.results[p] = Result{Found: found, At: time.Now(), Err: err}
			return nil
		})
	}
	_ = g.Wait() // none returns an error
	return repeat
}
