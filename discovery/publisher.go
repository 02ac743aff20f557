package discovery

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Zone is a zone that records go to. Name is canonical: lower case, with a dot at the end.
type Zone struct {
	Name    string
	File    string        // "": none is written
	Server  *Server       // nil: no updates are sent
	Refresh time.Duration // all records are sent again after so long; 0: never
	Records []dns.RR      // that are wanted; not changed afterwards
}

// Status tells how far the records of a zone have got.
type Status struct {
	Pending     int // records to be added by updates or to be removed
	LastExport  time.Time
	ExportError string // "" after a success
	LastAttempt time.Time
	LastUpdate  time.Time
	UpdateError string // "" after a success
}

// Options configure a Publisher.
type Options struct {
	// Dir is a folder, made when it is needed, that remembers which records were sent, so
	// that they can be removed after a restart too. "": no memory.
	Dir string
	// Logger may be nil: no log.
	Logger *slog.Logger
	// Retry is how long to wait before what failed is tried again; it doubles up to five
	// minutes. A second by default.
	Retry time.Duration
}

const longestRetry = 5 * time.Minute

// patience bounds the attempts to remove records from a server that is configured no more.
const patience = 8

// Publisher brings records where they are wanted. Its methods are safe for concurrent use.
type Publisher struct {
	o Options

	mu      sync.Mutex
	running context.Context // of Run; nil outside it
	zones   []Zone          // of the last Set
	workers map[string]*worker
	group   sync.WaitGroup // of workers; Add under mu
}

// NewPublisher returns one that publishes nothing.
func NewPublisher(o Options) *Publisher {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Retry = cmp.Or(o.Retry, time.Second)
	return &Publisher{o: o, workers: make(map[string]*worker)}
}

// Run publishes until ctx ends, and returns when all it started has ended. Records stay
// where they are then. Called once.
func (p *Publisher) Run(ctx context.Context) {
	p.mu.Lock()
	p.running = ctx
	p.apply()
	p.mu.Unlock()
	<-ctx.Done()
	p.mu.Lock()
	p.running = nil
	p.mu.Unlock()
	p.group.Wait()
}

// Set tells what is wanted from now on, in zones of different names: nothing in other
// zones. It does not wait for it.
func (p *Publisher) Set(zones []Zone) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.zones = zones
	p.apply()
}

// Status returns that of a zone by its canonical name; ok is false where nothing was
// tried yet.
func (p *Publisher) Status(zone string) (s Status, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.workers[zone]
	if w == nil {
		return Status{}, false
	}
	return w.status, true
}

// apply gives each worker its zone. Needs mu; does nothing outside Run.
func (p *Publisher) apply() {
	if p.running == nil || p.running.Err() != nil {
		return
	}
	wanted := make(map[string]bool, len(p.zones))
	for _, z := range p.zones {
		wanted[z.Name] = true
		w := p.workers[z.Name]
		if w == nil {
			w = &worker{p: p, changed: make(chan struct{}, 1)}
			p.workers[z.Name] = w
			ctx := p.running
			p.group.Go(func() { w.run(ctx) })
		}
		w.give(z, false)
	}
	for name, w := range p.workers {
		if !wanted[name] {
			w.give(Zone{Name: name}, true)
		}
	}
}

// note changes the status of a worker's zone.
func (p *Publisher) note(w *worker, f func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&w.status)
}

// retire ends a worker whose zone has not come back.
func (p *Publisher) retire(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !w.retiring {
		return false
	}
	delete(p.workers, w.zone.Name)
	return true
}
