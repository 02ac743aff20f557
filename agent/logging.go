package agent

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/secrets"
	"github.com/prometheus/client_golang/prometheus"
)

const loggingModule = "altoam-logging"

// LoggingOptions configure a Logging.
type LoggingOptions struct {
	// Store is the one it is to take part in.
	Store *datastore.Store
	// Router is the one whose targets it sets up.
	Router *logging.Router
	// Logger is told how targets do. It must not lead to the Router. May be nil: no log.
	Logger *slog.Logger
	// Secrets opens private keys; nil for those in clear only.
	Secrets *secrets.Sealer
	// HomeFolder is the folder of what this program keeps for itself: no log file is written
	// there; "": anywhere.
	HomeFolder string
	// Poll is how often the syslog configuration is looked at; five seconds by default.
	Poll time.Duration
}

// Logging keeps the targets of a log as the container logging-system wants them, and logs changes
// of configuration. Add it to its Store as participant and state provider before the Store
// starts. All methods are safe for concurrent use.
type Logging struct {
	store   *datastore.Store
	nodes   nodes
	router  *logging.Router
	log     *slog.Logger
	secrets *secrets.Sealer
	home    homeFolder
	poll    time.Duration
	host    string
	events  *notify.Subscription // of Run

	// mu is held from Prepare to the Apply or Abort that follows, and while the syslog
	// configuration is read anew.
	mu    sync.Mutex
	setup loggingSetup
	shown sync.RWMutex // guards writes of setup by the holder of mu, and reads by others
}

var (
	_ datastore.Participant   = (*Logging)(nil)
	_ datastore.StateProvider = (*Logging)(nil)
	_ prometheus.Collector    = (*Logging)(nil)
)

// NewLogging returns a Logging without targets.
func NewLogging(o LoggingOptions) *Logging {
	l := &Logging{
		store: o.Store, nodes: nodesOf(o.Store.Schema()), router: o.Router, log: o.Logger, secrets: o.Secrets, home: homeFolder(o.HomeFolder),
		poll: cmp.Or(o.Poll, 5*time.Second), events: changeEvents(o.Store),
	}
	l.setup.keep = logging.DefaultTruncation
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	l.host, _ = os.Hostname() // the nil value of RFC 5424 Section 6.2.4 otherwise
	return l
}

// Name implements datastore.Participant.
func (l *Logging) Name() string { return "logging" }

// Run writes records until ctx ends and a second longer at most; all that was started has
// ended when it returns. Called once.
func (l *Logging) Run(ctx context.Context) {
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { l.logChanges(ctx) })
	parts.Go(func() { l.watchConf(ctx) })
	l.router.Run(ctx)
}

// loggingSetup is what a configuration makes of the log. Its slices are not changed.
type loggingSetup struct {
	targets []*logging.Target // by name
	header  logging.Header    // of targets, but for what they set themselves
	keep    logging.Truncation
	conf    syslogConf
}

func (s *loggingSetup) all() []*logging.Target { return slices.Concat(s.targets, s.conf.targets()) }

// preparedLogging is a change of the log that was agreed to. It holds Logging.mu.
type preparedLogging struct {
	*Logging
	next loggingSetup
	undo []func()
}

// Prepare implements datastore.Participant: it opens files, and looks for nothing else that is
// outside. After a restart it refuses nothing.
func (l *Logging) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	what := l.changeOf(c.Diff)
	if what == nil {
		return nothing{}, nil
	}
	l.mu.Lock()
	p := &preparedLogging{Logging: l}
	agreed := false
	defer func() {
		if !agreed {
			p.Abort()
		}
	}()
	var refused refusals
	at := certs.Root(c.New).Below("ietf-alto:alto", "alto-server", "logging-system")
	r := loggingReader{change: what, resumed: c.Resumed, stores: certs.StoresOf(c.New).SealedBy(l.secrets), preparedLogging: p, refusals: &refused}
	r.read(at)
	if err := refused.err(); err != nil {
		return nil, err
	}
	agreed = true
	return p, nil
}

// Apply implements datastore.Prepared.
func (p *preparedLogging) Apply() {
	p.use(p.next)
	p.mu.Unlock()
}

// use puts a setup in force. Needs mu.
func (l *Logging) use(next loggingSetup) {
	l.shown.Lock()
	l.setup = next
	l.shown.Unlock()
	l.router.Use(next.all(), next.keep)
}

// Abort implements datastore.Prepared.
func (p *preparedLogging) Abort() {
	for _, undo := range p.undo {
		undo()
	}
	p.mu.Unlock()
}

// loggingChange is what a change of running means for the log.
type loggingChange struct {
	stores  bool            // keys or certificates
	targets map[string]bool // entries that are new, gone or differ
	conf    bool            // which syslog configuration to use
}

// changeOf reads a Diff; nil where nothing concerns the log. Cost is that of the changes.
func (l *Logging) changeOf(d *tree.Diff) *loggingChange {
	if d.Empty() || l.nodes.server == nil {
		return nil
	}
	c, concerned := &loggingChange{targets: make(map[string]bool)}, false
	each(d.Root, func(top *tree.Change) {
		switch top.Schema {
		case l.nodes.keystore, l.nodes.truststore:
			c.stores, concerned = true, true
		case l.nodes.alto:
			each(top, func(in *tree.Change) {
				if in.Schema == l.nodes.server {
					each(in, func(x *tree.Change) { concerned = c.note(x) || concerned })
				}
			})
		}
	})
	if !concerned {
		return nil
	}
	return c
}

// note takes a change of a child of alto-server and tells whether it concerns the log.
func (c *loggingChange) note(x *tree.Change) bool {
	if x.Schema.Module.Name != altoModule || x.Schema.Name != "logging-system" {
		return false
	}
	each(x, func(in *tree.Change) {
		n := in.New
		if n == nil {
			n = in.Old
		}
		switch in.Schema.Name {
		case "target":
			c.targets[keyOf(n)] = true
		case "syslog-params":
			c.conf = true
		}
	})
	return true
}
