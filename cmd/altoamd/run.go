package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/audit/trail"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/persist/bolt"
	"github.com/altoam/altoam/history"
	"github.com/altoam/altoam/keystore"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/netconf"
	"github.com/altoam/altoam/users"
)

// runOptions are the flags of altoamd run.
type runOptions struct {
	moduleOptions
	DataDir                       string
	NetconfSSH, Restconf, Metrics string
	MetricsResources              int
	MetricsInsecure               bool // --metrics-insecure
	Seed                          string
	Programs                      []string // --program
	EventLimits                   notify.Limits
	SSHUserCA                     string   // --ssh-user-ca
	RecoveryUsers                 []string // --recovery-user
	RestconfCertificate           string   // --restconf-certificate
	RestconfKey                   string   // --restconf-key
	URLDir, URLCA                 string
	SecretKey                     string // --secret-key
	Startup                       bool
	Hints, Debug, Recover         bool
}

func runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the agent until SIGTERM",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			harden(newLogger(o.Debug))
			return run(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	o.addFlags(c.Flags())
	if err := c.MarkFlagRequired("data-dir"); err != nil {
		panic(err)
	}
	return c
}

// addFlags adds the flags of altoamd run.
func (o *runOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.DataDir, "data-dir", "", "folder of the datastores, keys and certificates (required; made if absent)")
	f.StringVar(&o.NetconfSSH, "netconf-ssh", "127.0.0.1:1830", "address of NETCONF over SSH; port 0 picks a free one, empty switches it off")
	f.StringVar(&o.SSHUserCA, "ssh-user-ca", "", "file with the public keys, one a line, whose OpenSSH user certificates NETCONF over SSH accepts")
	f.StringArrayVar(&o.RecoveryUsers, "recovery-user", nil, "user whom access control does not concern, to repair its configuration (repeatable)")
	f.StringVar(&o.Restconf, "restconf", "127.0.0.1:8443", "address of RESTCONF over HTTPS, likewise")
	f.StringVar(&o.RestconfCertificate, "restconf-certificate", "", "PEM file with the certificate of --restconf and its chain, taken into use again when it is replaced; restconf.pem of the data folder unless given")
	f.StringVar(&o.RestconfKey, "restconf-key", "", "PEM file with its private key, likewise")
	f.StringVar(&o.Metrics, "metrics", "127.0.0.1:9420", "address of the Prometheus endpoint, likewise")
	f.BoolVar(&o.MetricsInsecure, "metrics-insecure", false, "let --metrics be an address that other hosts reach: metrics go there in clear text, to everybody")
	f.IntVar(&o.MetricsResources, "metrics-resources", 10_000, "how many resources, the first by ID, have metrics of their own")
	f.StringVar(&o.Seed, "seed", "", "instance data, JSON or XML, that an empty running starts with")
	f.StringArrayVar(&o.Dirs, "yang-path", nil, "folder with further YANG modules (repeatable)")
	f.StringArrayVar(&o.Modules, "module", nil, "further module NAME[@REVISION] to implement (repeatable)")
	f.StringArrayVar(&o.Features, "feature", nil, "MODULE:f1,f2: the features that are on in a module, instead of its default (docs/running.md); MODULE: for none (repeatable)")
	f.StringArrayVar(&o.Programs, "program", nil, "PATH=FILE: the executable that carries out the RPC or action at PATH (repeatable; see docs/running.md)")
	f.StringVar(&o.SecretKey, "secret-key", "", secretKeyUsage)
	f.BoolVar(&o.Startup, "startup", false, "a startup datastore: changes of running are gone after a restart unless they were copied to startup")
	f.StringVar(&o.URLDir, "url-dir", "", "folder of the files that <url> may name, made if absent; without it there is no :url capability")
	f.StringVar(&o.URLCA, "url-ca", "", "PEM file with the authorities whose HTTPS servers <url> may name; the system's unless given")
	f.IntVar(&o.EventLimits.Events, "events-count", notify.DefaultEvents, "events that are kept for replays, at most")
	f.Int64Var(&o.EventLimits.Bytes, "events-size", notify.DefaultBytes, "octets that they may take, at most")
	f.DurationVar(&o.EventLimits.Age, "events-age", 0, "how old they may be, 720h for instance; 0 for any age")
	f.StringVar(&o.Override, "yang-override", "", "folder with module files that replace built-in ones of the same name, revision and meaning")
	f.BoolVar(&o.Bare, "bare", false, "a plain NETCONF and RESTCONF server for the modules of --module: no ALTO, the administrator outside the datastores")
	f.BoolVar(&o.Recover, "recover", false, "start without the stored data that does not fit the modules any more; it stays in the history")
	f.BoolVar(&o.Hints, "hints", false, "print commands to try once the server is up")
	f.BoolVar(&o.Debug, "debug", false, "log more")
}

// run is the life of the server: it returns when ctx ends, or when a part fails.
func run(ctx context.Context, o runOptions, out io.Writer) error {
	setGarbage(gcPercentStart)
	go tendMemory(ctx, memoryTick)
	router := logging.NewRouter()
	quiet := newLogger(o.Debug)
	log := slog.New(logging.NewHandler(quiet.Handler(), router))
	urls, err := o.urls()
	if err != nil {
		return err
	}
	if o.Startup {
		o.Netconf = append(o.Netconf, "startup")
	}
	schema, err := loadSchema(o.moduleOptions)
	if err != nil {
		return err
	}
	if err := o.check(schema); err != nil {
		return err
	}
	if err := o.makeFolders(); err != nil {
		return err
	}
	backend, err := bolt.Open(filepath.Join(o.DataDir, storeFile)) // first: it keeps others out of the folder
	if err != nil {
		return err
	}
	defer backend.Close()
	sealer, keys, err := o.sealer(schema)
	if err != nil {
		return err
	}
	events, err := notify.Open(notify.Options{Schema: schema, Dir: filepath.Join(o.DataDir, "events"), Limits: o.EventLimits, Logger: log})
	if err != nil {
		return err
	}
	defer runEvents(events, log)()
	record, err := trail.Open(trail.Options{DataDir: o.DataDir, Schema: schema, Router: router, Logger: log, Build: version()})
	if err != nil {
		return err
	}
	defer runAudit(record, log)()
	rule, err := users.NewRule()
	if err != nil {
		return err
	}
	stored := datastore.Options{
		Schema: schema, Backend: backend, Logger: log, Normalize: rule.Normalize, Recover: o.Recover, Events: events, Observer: record,
		Sealer: sealer,
	}
	if o.Startup {
		startup, err := bolt.Open(filepath.Join(o.DataDir, startupFile))
		if err != nil {
			return err
		}
		defer startup.Close()
		stored.Startup = startup
	}
	var store *datastore.Store
	stored.Recovery = func(u datastore.User) bool { return o.recovers(u, store) }
	if store, err = datastore.Open(stored); err != nil {
		return err
	}
	record.Use(store)
	s := &server{options: o, secrets: sealer, rule: rule, trail: record, urls: urls, log: log, quiet: quiet, sparing: slog.New(logging.Sparing(log.Handler())), router: router, schema: schema, store: store, registry: prometheus.NewRegistry()}
	s.handleReseal()
	keystore.Register(store, sealer)
	if err := s.assemble(); err != nil {
		return err
	}
	defer s.runLogging()()
	if err := s.store.Start(ctx, s.seed); err != nil {
		s.first.forget()
		keys.forget()
		return err
	}
	if err := record.Reconcile(ctx); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	setGarbage(gcPercent)
	s.first.announce()
	if err := s.announceCapabilities(); err != nil {
		return err
	}
	return s.serve(ctx, out)
}

// serve opens the listeners, says that it is ready, and runs all parts. They end
// in reverse order: no new requests, then the agent, then the store.
func (s *server) serve(ctx context.Context, out io.Writer) error {
	listeners, err := s.listen()
	if err != nil {
		return err
	}
	agentCtx, stopAgent := context.WithCancel(context.WithoutCancel(ctx))
	defer stopAgent()
	agentDone := make(chan error, 1)
	go func() { agentDone <- s.runAgent(agentCtx) }()

	g, gctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		g.Go(func() error { return l.run(gctx) })
	}
	g.Go(func() error { watchFiles(gctx, s.log, s.watched); return nil })
	g.Go(func() error { s.expiry.Run(gctx); return nil })
	if s.figures != nil {
		g.Go(func() error { return s.figures.Run(gctx) })
	}
	if s.endpoints != nil {
		g.Go(func() error { return s.endpoints.Run(gctx) })
	}
	g.Go(func() error {
		select {
		case err := <-agentDone:
			agentDone <- err
			if gctx.Err() == nil {
				return fmt.Errorf("agent ended: %w", err)
			}
			return err
		case <-gctx.Done():
			return nil
		}
	})
	if err := s.ready(out); err != nil {
		return err
	}
	g.Go(func() error { return s.attend(gctx) })
	err = g.Wait()
	stopAgent()
	err = errors.Join(err, <-agentDone)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *server) runAgent(ctx context.Context) error {
	if s.agent == nil {
		<-ctx.Done()
		return nil
	}
	return s.agent.Run(ctx)
}

// assemble makes the parts and connects them.
func (s *server) assemble() error {
	var fixed map[string]string
	var err error
	history.Register(s.store)
	s.addLogins()
	if s.options.Bare {
		if fixed, err = bareAdmin(s.options.DataDir); err != nil {
			return err
		}
	} else {
		if err := agent.CheckCoverage(s.store.Schema()); err != nil {
			return err
		}
		id, err := serverID(s.options.DataDir)
		if err != nil {
			return err
		}
		s.agent = agent.New(agent.Options{
			Store: s.store, Logger: s.log, VerifyPassword: users.Verify, Logins: s.logins, Secrets: s.secrets, DiscoveryDir: filepath.Join(s.options.DataDir, "discovery"),
			HomeFolder:       s.options.DataDir,
			StateDir:         filepath.Join(s.options.DataDir, "state"),
			CertificateFiles: s.certificateFiles,
			AuditFailure:     s.trail.Failure,
			ServerID:         id, ServerSocket: s.serverSocket(), StartServer: s.options.startAltoServer, Build: version(),
			Log: s.router, MetricResources: cmp.Or(s.options.MetricsResources, -1), // 0: none
		})
		s.store.AddParticipant(users.Guard{})
		s.addLogging()
		s.addCheck()
		s.store.AddParticipant(s.agent)
		s.store.AddStateProvider(s.agent)
		s.registry.MustRegister(s.agent)
	}
	if s.users, err = users.New(s.store, fixed); err != nil {
		return err
	}
	s.addExpiry()
	s.netconf = netconf.New(netconf.Options{Store: s.store, Logger: s.log, URLs: s.urls})
	s.addEndpoints()
	s.addMetrics()
	if s.restconf, err = s.newRestconf(); err != nil {
		return err
	}
	s.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		s.store, s.store.Events(), s.netconf, s.restconf, s.trail,
	)
	return s.addPrograms()
}

func newLogger(debug bool) *slog.Logger {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
