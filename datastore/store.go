package datastore

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

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
)

var datastoreNames = [...]string{"running", "candidate", "intended", "operational"}

// String is the name as in RFC 8342.
func (d Datastore) String() string { return datastoreNames[d] }

// Options configure a Store.
type Options struct {
	Schema  *yang.Schema
	Backend persist.Backend
	Logger  *slog.Logger
	// Normalize, where set, may replace the value of a leaf that an edit writes
	// before it is stored, to hash a cleartext password for instance. It must
	// keep the type. What it would replace in a key or a leaf-list is refused.
	Normalize func(*yang.Node, yang.Value) (yang.Value, error)
	// Now is the clock; time.Now by default.
	Now func() time.Time
}

// Store holds the datastores. Make it with Open, add what takes part, then Start.
type Store struct {
	schema    *yang.Schema
	backend   persist.Backend
	log       *slog.Logger
	normalize func(*yang.Node, yang.Value) (yang.Value, error)
	now       func() time.Time
	validator *validate.Validator
	metrics   *metrics

	running   atomic.Pointer[Snapshot]
	candidate atomic.Pointer[tree.Tree] // nil while it equals running

	// writer is held through every change of running or the candidate. It is
	// taken before mu.
	writer sync.Mutex

	mu       sync.Mutex // guards what follows
	sessions map[uint32]*Session
	lastID   uint32
	locks    map[Datastore]Lock

	// Set up before Start, then only read.
	participants []Participant
	providers    []provider
	handlers     map[*yang.Node]Handler
}

// Snapshot is running as of one commit.
type Snapshot struct {
	Tree *tree.Tree
	Head persist.Head
}

// Open makes a Store over an open backend. Nothing is read before Start.
func Open(o Options) (*Store, error) {
	v, err := validate.New(o.Schema)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s := &Store{
		schema: o.Schema, backend: o.Backend, log: o.Logger, normalize: o.Normalize, now: o.Now,
		validator: v, metrics: newMetrics(),
		sessions: map[uint32]*Session{}, locks: map[Datastore]Lock{}, handlers: map[*yang.Node]Handler{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.running.Store(&Snapshot{Tree: tree.New(o.Schema.Root)})
	if o.Schema.Module("ietf-yang-library") != nil {
		s.AddStateProvider(&yangLibrary{schema: o.Schema})
	}
	return s, nil
}

// Schema is the schema of all datastores.
func (s *Store) Schema() *yang.Schema { return s.schema }

// Validator is the validator of the Schema, for protocols that judge defaults.
func (s *Store) Validator() *validate.Validator { return s.validator }

// Running is the newest commit.
func (s *Store) Running() *Snapshot { return s.running.Load() }

// AddParticipant adds a participant; those added first prepare and apply first.
// Only before Start.
func (s *Store) AddParticipant(p Participant) { s.participants = append(s.participants, p) }

// Start loads running, validates it and lets the participants take it. With an
// empty backend running starts as what seed returns, made durable; seed may be
// nil. It fails, and changes nothing, when stored data no longer fits the schema:
// the error names every node.
func (s *Store) Start(ctx context.Context, seed func() (*tree.Tree, error)) error {
	l := persist.NewLoader(s.schema)
	stored, err := s.backend.Load(ctx, func(r persist.Record) error {
		l.Add(r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("load running: %w", err)
	}
	t, problems := l.Tree()
	if len(problems) > 0 {
		return fmt.Errorf("load running: %w", joinAll(problems))
	}
	s.writer.Lock()
	defer s.writer.Unlock()
	if stored.Head.Revision == 0 {
		return s.plant(ctx, seed)
	}
	if errs := s.validator.Tree(ctx, t, validate.Options{}); len(errs) > 0 {
		return fmt.Errorf("stored running is not valid: %w", rpcerr.Join(errs))
	}
	return s.resume(ctx, &Snapshot{Tree: t, Head: stored.Head})
}

// plant makes the first commit. Needs writer.
func (s *Store) plant(ctx context.Context, seed func() (*tree.Tree, error)) error {
	if seed == nil {
		return nil
	}
	t, err := seed()
	if err == nil {
		t, err = s.normalized(s.running.Load().Tree, t)
	}
	if err != nil {
		return err
	}
	return s.commit(ctx, change{to: t, by: "start", comment: "seed"})
}

// resume lets the participants take what the backend holds already.
func (s *Store) resume(ctx context.Context, loaded *Snapshot) error {
	c := Change{Old: s.running.Load().Tree, New: loaded.Tree, Resumed: true}
	c.Diff = tree.Compare(c.Old, c.New)
	prepared, err := s.prepare(ctx, c)
	if err != nil {
		return err
	}
	s.running.Store(loaded)
	for _, p := range prepared {
		p.Apply()
	}
	return nil
}

// writable refuses datastores that are not there or not for writing.
func (s *Store) writable(ds Datastore) error {
	if ds == Running || ds == Candidate {
		return nil
	}
	return rpcerr.NewProtocol(rpcerr.InvalidValue, "the %s datastore cannot be written or locked", ds)
}

func joinAll(errs []error) error {
	const most = 20
	shown := errs
	if len(shown) > most {
		shown = append(shown[:most:most], fmt.Errorf("and %d more", len(errs)-most))
	}
	return fmt.Errorf("%w", errorLines(shown))
}

type errorLines []error

func (l errorLines) Error() string {
	text := ""
	for i, e := range l {
		if i > 0 {
			text += "\n"
		}
		text += e.Error()
	}
	return text
}
