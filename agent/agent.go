package agent

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/discovery"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/passwords"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/southbound"
	"github.com/altoam/altoam/yang"
	"github.com/prometheus/client_golang/prometheus"
)

// Options configure an Agent.
type Options struct {
	// Store is the one the agent is to take part in.
	Store *datastore.Store
	// Logger may be nil: no log.
	Logger *slog.Logger
	// Now is the clock of the statistics; time.Now by default.
	Now func() time.Time
	// Epoch is the zero of all yang:timestamp values; by default when New is called.
	Epoch time.Time
	// Retry is how long to wait before what could not be realised at the start is tried
	// again; two seconds by default.
	Retry time.Duration
	// MetricResources is how many resources, the first by ID, have metrics of their own:
	// 10 000 for 0, none below.
	MetricResources int
	// VerifyPassword tells whether hash (of type crypt-hash) is one of password. It
	// may be slow and is called concurrently. nil: no password is right.
	VerifyPassword func(hash, password string) bool
	// Logins holds back ALTO clients that guess passwords; may be nil.
	Logins *logins.Lockout
	// Secrets opens what is stored sealed; nil where nothing is.
	Secrets *secrets.Sealer
	// ServerSocket is the path of the Unix socket of an ALTO server in a process of its own,
	// where the configuration names none; "": it must.
	ServerSocket string
	// Build names what this program was built from: see southbound.Options.
	Build string
	// StartServer starts such a process: see southbound.Process. nil: it cannot be.
	StartServer func(socket string) (ended <-chan struct{}, err error)
	// Log is told of every request of an ALTO client; may be nil.
	Log *logging.Router
	// StateDir is a folder for what a restart must not forget, alarms first of all; made when
	// it is needed. "": a restart forgets it.
	StateDir string
	// CertificateFiles returns the certificates in files, about which alarms are raised too;
	// may be nil.
	CertificateFiles func() []certs.Held
	// AuditFailure returns why the audit cannot be written, nil while it can; may be nil.
	AuditFailure func() error
	// DiscoveryDir is a folder that remembers which records were sent to DNS servers, made
	// when it is needed; "": a restart forgets them.
	DiscoveryDir string
	// HomeFolder is the folder of what this program keeps for itself: no zone file is written
	// there; "": anywhere.
	HomeFolder string
	// ServerID is how the ALTO server is named in the paths of data, unless it is
	// configured; "": by a name that is made up.
	ServerID string
}

// Agent runs the ALTO server that the configuration describes. Add it to its Store as
// participant and state provider before the Store starts. All methods are safe for
// concurrent use.
type Agent struct {
	schema    *yang.Schema
	publish   func(context.Context, notify.Event) error
	nodes     nodes
	log       *slog.Logger
	now       func() time.Time
	epoch     time.Time
	retry     time.Duration
	passwords *passwords.Checker
	logins    *logins.Lockout // may be nil
	nonces    *digest.Server  // of clients that send no password
	secrets   *secrets.Sealer
	home      homeFolder
	shared    *sharedMaps
	guide     *guide
	serverID  string

	server *alto.Server
	stack  *alto.Stack
	side   *southbound.Side // of server and stack, or of another process

	socket      string
	startServer func(socket string) (<-chan struct{}, error)
	revision    func() uint64 // of the newest commit of running

	metricResources int
	shown           atomic.Pointer[shown] // of the last scrape

	world atomic.Pointer[world] // never nil; written under mu

	// mu is held by whoever makes the next world: from Prepare to the Apply or Abort
	// that follows, and through a refresh.
	mu      sync.Mutex
	running context.Context // of Run; nil outside it. Guarded by mu.
	watches sync.WaitGroup  // sources being watched; Add under mu
	waiting map[string]bool // addresses that are not bound yet. Guarded by mu.

	news    *news
	refused map[string]bool // sources with data that cannot be used. Guarded by mu.
	alarms  *alarms.List
	kept    keeping
	router  *logging.Router         // may be nil
	held    atomic.Pointer[[]*held] // by resource ID; written under mu

	sizes    mapSizes // of alarmLoop
	partials partials // likewise

	probing   sync.Mutex             // of the run of the probe
	lastProbe atomic.Pointer[probed] // nil before the first run

	certificates     certs.Finder
	certificateFiles func() []certs.Held // may be nil
	auditFailure     func() error        // may be nil
}

var (
	_ datastore.Participant   = (*Agent)(nil)
	_ datastore.StateProvider = (*Agent)(nil)
	_ prometheus.Collector    = (*Agent)(nil)
)

// New returns an agent whose server has no resources and listens nowhere.
func New(o Options) *Agent {
	a := &Agent{
		schema: o.Store.Schema(), publish: o.Store.Publish,
		nodes: nodesOf(o.Store.Schema()), log: o.Logger, now: o.Now, epoch: o.Epoch, retry: cmp.Or(o.Retry, 2*time.Second),
		passwords: passwords.NewChecker(o.VerifyPassword, runtime.GOMAXPROCS(0)), logins: o.Logins, nonces: digest.NewServer(time.Now), secrets: o.Secrets,
		serverID: cmp.Or(o.ServerID, newServerID()), shared: newSharedMaps(), news: newNews(), refused: make(map[string]bool),
		certificateFiles: o.CertificateFiles,
		auditFailure:     o.AuditFailure,
		metricResources:  max(0, cmp.Or(o.MetricResources, defaultMetricResources)),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.epoch.IsZero() {
		a.epoch = a.now()
	}
	a.guide = newGuide(discovery.Options{Dir: o.DiscoveryDir, Logger: a.log, Retry: a.retry})
	a.alarms = alarms.New(a.now, a.tellAlarm)
	a.kept.dir, a.router, a.home = o.StateDir, o.Log, homeFolder(o.HomeFolder)
	a.loadAlarms()
	a.handleActions(o.Store)
	a.server = alto.NewServer(a.now)
	a.stack = alto.NewStack(logged(a.server, o.Log))
	a.stack.Admit = a.server.EnterConnection
	empty, err := alto.NewSnapshot(nil, alto.Config{})
	if err != nil {
		panic(err) // there is nothing in it to be wrong
	}
	a.socket, a.startServer = o.ServerSocket, o.StartServer
	a.revision = func() uint64 { return o.Store.Running().Head.Revision }
	a.side = newSide(a, o)
	a.world.Store(&world{snapshot: empty, window: alto.DefaultWindow, listening: new(listening), access: new(access)})
	a.server.Publish(empty)
	return a
}

// Name implements datastore.Participant.
func (a *Agent) Name() string { return "alto" }

// Run watches the sources, serves, and takes new data into service until ctx ends or
// a socket fails; then everything is closed, and all that was started has ended when
// Run returns. Called once, after the Store has started.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.mu.Lock()
	a.running = ctx
	for _, s := range a.world.Load().sources.All() {
		a.watch(s)
	}
	a.mu.Unlock()

	var refreshing sync.WaitGroup
	refreshing.Go(func() { a.refreshLoop(ctx) })
	refreshing.Go(func() { a.bindLoop(ctx) })
	refreshing.Go(func() { a.calendarLoop(ctx) })
	refreshing.Go(func() { a.limitLoop(ctx) })
	refreshing.Go(func() { a.side.Run(ctx) })
	refreshing.Go(func() { a.alarmLoop(ctx) })
	refreshing.Go(func() { a.safeguardLoop(ctx) })
	refreshing.Go(func() { a.keepLoop(ctx) })
	refreshing.Go(func() { a.probeLoop(ctx) })
	refreshing.Go(func() { a.guide.run(ctx, a) })
	err := a.stack.Run(ctx)

	cancel()
	refreshing.Wait()
	a.saveAlarms()
	a.mu.Lock()
	a.running = nil
	a.mu.Unlock()
	a.watches.Wait()
	return err
}

// IRDs returns the URIs of the root IRD at the addresses that are bound, port 0
// resolved, in ascending order.
func (a *Agent) IRDs() []string {
	w := a.world.Load()
	root, err := url.Parse(w.snapshot.RootURI())
	if err != nil || w.listening.scheme == "" {
		return nil
	}
	var list []string
	for _, addr := range a.side.Addrs() {
		u := url.URL{Scheme: schemeAt(addr), Host: addr.Addr, Path: root.Path, RawPath: root.RawPath}
		list = append(list, u.String())
	}
	return list
}

// identityName is the name of the identity of ietf-alto or altoam-tips that id is or is derived
// from, "" where there is none.
func identityName(id *yang.Identity) string {
	if id == nil || id.Module.Name == altoModule || id.Module.Name == tipsModule {
		if id == nil {
			return ""
		}
		return id.Name
	}
	name := ""
	for _, base := range id.Bases {
		name = cmp.Or(name, identityName(base))
	}
	return name
}
