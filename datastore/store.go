package datastore

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/validate"
	"github.com/altoam/altoam/yang"
)

// Datastore names a datastore (RFC 8342 Section 5).
type Datastore uint8

// The datastores.
const (
	Running Datastore = iota
	Candidate
	Intended
	Operational
	Startup // see Options.Startup
)

var datastoreNames = [...]string{"running", "candidate", "intended", "operational", "startup"}

// String is the name as in RFC 8342.
func (d Datastore) String() string { return datastoreNames[d] }

// Options configure a Store.
type Options struct {
	Schema  *yang.Schema
	Backend persist.Backend
	// Startup, where set, makes startup a datastore of its own that it stores: what
	// changes in running is not there after a restart, unless it was copied to startup.
	Startup persist.Backend
	Logger  *slog.Logger
	// Normalize, where set, may replace the value v of a leaf that an edit writes
	// before it is stored, to hash a cleartext password for instance; old is what the
	// leaf had, zero for nothing. It must keep the type. What it would replace in a key
	// or a leaf-list is refused.
	Normalize func(s *yang.Node, old, v yang.Value) (yang.Value, error)
	// Sealer, where set, keeps secrets out of what is stored and read.
	Sealer Sealer
	// Recover lets Start leave out what the schema does not accept any more of the
	// data stored, instead of failing.
	Recover bool
	// Events takes the events of the Store and of those who use it; one that keeps them
	// in memory by default. Its schema must be the Store's.
	Events *notify.Broker
	// Recovery, where set, tells whose sessions are recovery sessions, which access
	// control does not concern (RFC 8341 Section 3.3.3).
	Recovery func(User) bool
	// Observer, where set, is told of what sessions and the Store do.
	Observer Observer
	// Now is the clock; time.Now by default.
	Now func() time.Time
}

// Store holds the datastores. Make it with Open, add what takes part, then Start.
type Store struct {
	schema    *yang.Schema
	backend   persist.Backend
	log       *slog.Logger
	normalize func(s *yang.Node, old, v yang.Value) (yang.Value, error)
	sealer    Sealer // may be nil
	unsealed  bool   // until Start has scrubbed the backend
	now       func() time.Time
	recover   bool
	validator *validate.Validator
	metrics   *metrics
	events    *notify.Broker
	access    *accessControl // nil where the schema has none
	observer  Observer       // may be nil

	running   atomic.Pointer[Snapshot]
	startup   *startup                  // nil where there is none
	candidate atomic.Pointer[workspace] // nil while it equals running

	// writer is held through every change of running or the candidate. It is
	// taken before mu.
	writer   sync.Mutex
	history  history                         // guarded by writer
	pending  atomic.Pointer[persist.Pending] // what waits for its confirmation; written under writer
	deadline *time.Timer                     // of pending, guarded by writer
	edited   time.Time                       // when the candidate was edited last, guarded by writer
	awaiting *Session                        // that made pending; nil after a restart. Guarded by writer.
	queue    queue
	budget   budget

	mu       sync.Mutex // guards what follows
	partial  []heldLock
	lastLock uint32
	sessions map[uint32]*Session
	lastID   uint32
	locks    map[Datastore]Lock

	// Set up before Start, then only read.
	participants []Participant
	providers    []provider
	handlers     map[*yang.Node]Handler
	retention    func(running *tree.Tree) Retention
}

// Snapshot is running as of one commit.
type Snapshot struct {
	Tree *tree.Tree
	Head persist.Head

	index *validate.Index // of Tree
	whole *tree.Mark      // of all nodes alike; nil where Tree has marks
}

// Mark is the last change of the node at p: see tree.Tree.Mark. The candidate, once it
// was edited, and startup know only when they changed as a whole.
func (s *Snapshot) Mark(p tree.Path) tree.Mark {
	m := s.whole
	if m == nil {
		m = s.Tree.Mark(p)
	}
	if m == nil {
		return tree.Mark{}
	}
	return *m
}

// snapshot makes the snapshot of a whole tree. Cost is linear in t.
func (s *Store) snapshot(t *tree.Tree, h persist.Head) *Snapshot {
	return &Snapshot{Tree: t, Head: h, index: s.validator.Index(t)}
}

// Open makes a Store over an open backend. Nothing is read before Start.
func Open(o Options) (*Store, error) {
	v, err := validate.New(o.Schema)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s := &Store{
		schema: o.Schema, backend: o.Backend, log: o.Logger, normalize: o.Normalize, sealer: o.Sealer, now: o.Now, recover: o.Recover, observer: o.Observer,
		validator: v, metrics: newMetrics(),
		sessions: map[uint32]*Session{}, locks: map[Datastore]Lock{}, handlers: map[*yang.Node]Handler{},
	}
	if o.Startup != nil {
		s.startup = &startup{backend: o.Startup}
		s.startup.tree.Store(tree.New(o.Schema.Root))
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.running.Store(s.snapshot(tree.New(o.Schema.Root), persist.Head{}))
	if s.events = o.Events; s.events == nil {
		if s.events, err = notify.Open(notify.Options{Schema: o.Schema, Logger: s.log, Now: s.now}); err != nil {
			return nil, err
		}
	}
	if s.access = newAccessControl(o.Schema, o.Recovery); s.access != nil {
		s.AddStateProvider(s.access)
	}
	s.followBudget()
	if o.Schema.Module("ietf-yang-library") != nil {
		s.AddStateProvider(newYangLibrary(o.Schema, o.Startup != nil))
	}
	return s, nil
}

// Schema is the schema of all datastores.
func (s *Store) Schema() *yang.Schema { return s.schema }

// Validator is the validator of the Schema, for protocols that judge defaults.
func (s *Store) Validator() *validate.Validator { return s.validator }

// Running is the newest commit.
func (s *Store) Running() *Snapshot { return s.running.Load() }

// Snapshot is a configuration datastore as it stands; its Head is that of running.
func (s *Store) Snapshot(ds Datastore) *Snapshot {
	at := s.running.Load()
	switch {
	case ds == Candidate:
		return s.candidate.Load().snapshot(at)
	case ds == Startup && s.startup != nil:
		return s.startup.snapshot(at)
	}
	return at
}

// AddParticipant adds a participant; those added first prepare and apply first.
// Only before Start.
func (s *Store) AddParticipant(p Participant) { s.participants = append(s.participants, p) }

// writable refuses datastores that are not there or not for writing.
func (s *Store) writable(ds Datastore) error {
	if ds == Running || ds == Candidate || ds == Startup && s.startup != nil {
		return nil
	}
	return rpcerr.NewProtocol(rpcerr.InvalidValue, "the %s datastore cannot be written or locked", ds)
}
