package restconf

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// restconfModule is the module of the API's own nodes (RFC 8040 Section 8).
const restconfModule = "ietf-restconf"

// Options configure a Server.
type Options struct {
	Store  *datastore.Store
	Logger *slog.Logger // nil for none
	// Authenticate returns the user a request comes from. An error refuses the
	// request: a *Refusal as that says, any other one with 401, and it is not shown
	// to the client.
	Authenticate func(*http.Request) (datastore.User, error)
	// Until tells when what Authenticate has accepted of a request expires, zero for
	// never: its event stream ends then. Nil: nothing expires.
	Until func(*http.Request) time.Time
	// Report makes of what an edit would do the answer to a dry run: the output of
	// dry-run of altoam-commit. Nil: there are no dry runs.
	Report func(context.Context, *datastore.Session, *datastore.Outcome) (*tree.Tree, error)
	// Root is the path of the API resource, {+restconf}. Default "/restconf".
	Root string
	// EventTimeout is how long a subscriber of an event stream may take to accept an
	// event; then it is dropped. Default 30 s.
	// Where the schema has altoam-restconf the configuration says so instead.
	EventTimeout time.Duration
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// MaxBody is the most bytes a request may carry, likewise. Default 256 MiB.
	MaxBody int64
	// MaxConnections bounds the open connections whatever the configuration says; half as
	// many may be from one source. 0 sets no bound.
	MaxConnections int
}

// Server serves RESTCONF. It is a prometheus.Collector too.
type Server struct {
	store   *datastore.Store
	schema  *yang.Schema
	own     *yang.Module // ietf-restconf
	patches *yang.Node   // the structure yang-patch; nil where YANG Patch is not supported
	log     *slog.Logger
	o       Options
	router  http.Handler
	metrics *metrics

	policy      atomic.Pointer[policy]
	rates       rates
	answering   atomic.Int64 // requests of users that are being answered
	subscribers census       // of open event streams
	connections connections

	descriptions descriptions
	sameOrigin   *http.CrossOriginProtection

	ending context.Context // the end of all event streams
	end    context.CancelFunc
}

var _ http.Handler = (*Server)(nil)

// New makes a Server. It adds to the Store the state of
// ietf-restconf-monitoring, so it must be called before the Store's Start. It
// panics when the schema lacks ietf-restconf or Authenticate is missing.
func New(o Options) *Server {
	s := &Server{
		store: o.Store, schema: o.Store.Schema(), log: o.Logger, o: o, metrics: newMetrics(),
		subscribers: census{counts: map[party]int{}}, sameOrigin: http.NewCrossOriginProtection(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.o.Root == "" {
		s.o.Root = "/restconf"
	}
	s.ending, s.end = context.WithCancel(context.Background())
	s.o.EventTimeout = cmp.Or(s.o.EventTimeout, 30*time.Second)
	if s.o.Now == nil {
		s.o.Now = time.Now
	}
	if s.o.MaxBody == 0 {
		s.o.MaxBody = 256 << 20
	}
	if s.own = s.schema.Module(restconfModule); s.own == nil || o.Authenticate == nil {
		panic("restconf: the schema lacks " + restconfModule + ", or Options.Authenticate is missing")
	}
	if m := s.schema.Module(patchModule); m != nil && m.Implemented {
		s.patches = m.Structures[slices.IndexFunc(m.Structures, func(n *yang.Node) bool { return n.Name == "yang-patch" })]
	}
	s.follow()
	s.router = s.routes()
	s.store.AddStateProvider(monitoring{s})
	s.store.AddStateProvider(&schemaLinks{schema: s.schema})
	s.store.AddStateProvider(pageSupport{})
	return s
}

// EndStreams ends all event streams, those that are opened from now on too: without
// it a server that waits for its requests waits for their clients.
func (s *Server) EndStreams() { s.end() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w}
	rec.begin(w, r, s.policy.Load().write)
	defer s.metrics.request(r.Method, rec)()
	if s.enter(rec, r) {
		s.router.ServeHTTP(rec, r)
	}
}
