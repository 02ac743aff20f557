package netconf

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/yang"
)

// Options configure a Server.
type Options struct {
	Store  *datastore.Store
	Logger *slog.Logger // nil for none
	// HelloTimeout is the time within which the client's hello must have arrived.
	// Default 30 s.
	HelloTimeout time.Duration
	// IdleTimeout ends a session whose client sends no complete request for that
	// long. 0 for no limit.
	IdleTimeout time.Duration
	// Grace is how long the request under way has when the client is gone or the
	// server ends, before its context ends. Default 5 s, as for the transport.
	Grace time.Duration
	// WriteTimeout ends a session whose client does not read for that long. Default a
	// minute.
	WriteTimeout time.Duration
	// Limits of one message. Default 256 MiB, 64 KiB for a hello.
	Limits transport.Limits
	// XML bounds what is within one message.
	XML codec.XMLLimits
	// XPath bounds the evaluation of a filter; zero fields are those of
	// xpath.UserLimits.
	XPath xpath.Limits
	// URLs are the places that requests may name; nil for none. The feature url of
	// ietf-netconf should be on with them, and off without.
	URLs *URLs
	// Now is the clock; time.Now by default.
	Now func() time.Time
}

// Server serves NETCONF sessions on connections that a transport has made.
type Server struct {
	store        *datastore.Store
	schema       *yang.Schema
	log          *slog.Logger
	o            Options
	operations   map[*yang.Node]operation
	capabilities []string
	started      time.Time
	metrics      *metrics
	counters     counters
	limits       atomic.Pointer[limits]
	population   population
}

// counters are the totals of RFC 6022 Section 2.1.5.
type counters struct {
	badHellos, sessions, dropped atomic.Uint64
	inRPCs, inBadRPCs, outErrors atomic.Uint64
	outNotifications             atomic.Uint64
}

// New makes a Server. It adds to the Store the state of
// ietf-netconf-monitoring and the RPC get-schema, so it must be called before
// the Store's Start. It panics when the schema lacks ietf-netconf.
func New(o Options) *Server {
	s := &Server{store: o.Store, schema: o.Store.Schema(), log: o.Logger, o: o, metrics: newMetrics()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.o.HelloTimeout == 0 {
		s.o.HelloTimeout = 30 * time.Second
	}
	if s.o.Grace == 0 {
		s.o.Grace = 5 * time.Second
	}
	if s.o.WriteTimeout == 0 {
		s.o.WriteTimeout = time.Minute
	}
	if s.o.Limits == (transport.Limits{}) {
		s.o.Limits = transport.Limits{MaxMessage: 256 << 20, MaxHello: 64 << 10}
	}
	if s.o.Now == nil {
		s.o.Now = time.Now
	}
	if s.o.URLs != nil {
		s.o.URLs = s.o.URLs.withDefaults(int64(s.o.Limits.MaxMessage))
	}
	s.limits.Store(limitsOf(s.o))
	s.population.byUser, s.population.bySource = map[string]int{}, map[string]int{}
	s.population.silences = map[*silence]struct{}{}
	s.started = s.o.Now()
	if s.schema.Module(baseModule) == nil {
		panic("netconf: the schema lacks " + baseModule)
	}
	s.operations = operations(s.schema)
	s.capabilities = capabilities(s.schema)
	if s.schema.Module(monitoringModule) != nil {
		s.store.AddStateProvider(&monitoring{s})
		s.store.HandleRPC(monitoringModule, "get-schema", s.getSchema)
	}
	s.store.AddStateProvider(&systemCapabilities{s})
	if n := s.schema.Find("/" + limitsModule + ":netconf-limits"); n != nil {
		s.store.AddParticipant(&limiter{s, n})
	}
	if s.schema.RPC(compareModule, "compare") != nil {
		s.store.HandleRPC(compareModule, "compare", s.compareCall)
	}
	if s.schema.Module(streamsModule) != nil {
		s.store.AddStateProvider(&streams{s})
	}
	return s
}

// Handle serves one session on c and returns when it has ended; c is closed
// then. The session ends when the client closes it or the connection, when
// another session kills it, or when reading fails, as the transport makes it
// when ctx ends. A request that has arrived is carried out even then, if it takes
// no longer than the grace: locks must not outlive their session by more.
func (s *Server) Handle(ctx context.Context, c *transport.Conn) {
	defer c.Close()
	exceeded, leave := s.enter(c.User, host(c.Remote))
	if exceeded != "" {
		s.limited(exceeded)
		s.log.Warn("NETCONF session refused", "limit", exceeded, "user", c.User, "remote", host(c.Remote))
		return
	}
	defer leave()
	x := s.store.NewSession(datastore.User{Name: c.User}, datastore.Source{Protocol: c.Transport, Address: host(c.Remote)})
	defer x.Close()
	ss := &session{
		Server: s, conn: c, framer: transport.NewFramer(patient{c, s}, s.framing()), data: x,
		log: s.log.With("session", x.ID(), "user", c.User),
	}
	ss.serve(ctx)
}

// host is the address of a peer without its port.
func host(a net.Addr) string {
	if a == nil {
		return ""
	}
	h, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return h
}

// watch closes the connection, and ends the request under way, when the session
// is killed. The caller must call the returned function, which waits for the
// watching goroutine.
func (ss *session) watch(cancel context.CancelFunc) (stop func()) {
	var watching sync.WaitGroup
	ended := make(chan struct{})
	watching.Go(func() {
		select {
		case <-ended:
		case <-ss.data.Done():
			if !ss.leaving.Load() {
				ss.killed.Store(true)
				cancel()
				ss.conn.Close()
			}
		}
	})
	return func() {
		close(ended)
		watching.Wait()
	}
}
