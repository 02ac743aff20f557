// Package listeners opens what /ietf-netconf-server:netconf-server and
// /ietf-restconf-server:restconf-server ask for: addresses to listen on and clients to
// call (RFC 8071), for NETCONF with SSH (RFC 6242) and TLS (RFC 7589), for RESTCONF with
// HTTPS (RFC 8040 Section 2) and HTTP/3. It follows running without a restart.
//
// An endpoint that a change does not touch keeps its sockets and sessions. One that is
// changed serves new connections as configured, and its sessions stay. The sessions of
// one that is removed end a moment later, so that the session that removed it still
// gets its reply; requests that are being answered then are finished.
package listeners

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/passwords"
	"github.com/altoam/altoam/secrets"
)

// Options are what Listeners need.
type Options struct {
	// Handle serves one session of NETCONF.
	Handle func(context.Context, *transport.Conn)
	// HTTP makes a server of RESTCONF with its handler and limits, for one endpoint, which
	// may then change it. Its handler finds in the context of a request what the endpoint
	// knows of the client: see CertificateUser and PasswordUser.
	HTTP func() *http.Server
	// Admit bounds the connections of clients of RESTCONF; nil for any number.
	Admit Admission
	// Users decide about clients of SSH that an endpoint does not know itself.
	Users transport.Authenticator
	// Verify tells whether hash is a crypt hash of password.
	Verify func(hash, password string) bool
	// Knows tells, without taking time, whether Users let somebody in by that password
	// before. Nil knows nothing.
	Knows func(user, password string) bool
	// Logins decides about passwords of clients of SSH, and hears of those with keys and
	// certificates; the handler of HTTP knows of the others. Nil for none.
	Logins *logins.Lockout
	// Secrets opens private keys; nil for those in clear only.
	Secrets *secrets.Sealer
	// Limits of each endpoint; Keepalive where none is configured.
	Limits transport.SSHLimits
	Logger *slog.Logger // nil for none
}

// Listeners is a datastore.Participant. Run serves what has been applied.
type Listeners struct {
	o         Options
	protocols []*protocol
	log       *slog.Logger
	passwords *passwords.Checker
	pace      pace

	mu        sync.Mutex
	ctx       context.Context // that of Run; nil before
	started   sync.WaitGroup
	endpoints map[string]*endpoint // by path
	sockets   map[string]*socket   // by key of the bind
	waiting   map[string]*bind     // those that could not be bound at the start
	callers   map[string]*caller   // by path
	// ending ends with ctx.
	ending context.Context
	finish context.CancelFunc
}

// pace is how long things take that nobody configures.
type pace struct {
	reply          time.Duration // for which sessions of what was removed go on
	bind           time.Duration // between attempts to bind
	first, longest time.Duration // back-off of calls
	drain          time.Duration // for which requests go on at the end of Run
}

// New makes Listeners without anything to serve.
func New(o Options) *Listeners {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if o.Admit == nil {
		o.Admit = func(net.Addr, func()) (func(), bool) { return func() {}, true }
	}
	l := &Listeners{
		o: o, log: log, passwords: passwords.NewChecker(o.Verify, runtime.NumCPU()/2),
		protocols: management,
		pace:      pace{reply: time.Second, bind: 5 * time.Second, first: time.Second, longest: time.Minute, drain: 5 * time.Second},
		endpoints: map[string]*endpoint{}, sockets: map[string]*socket{}, waiting: map[string]*bind{}, callers: map[string]*caller{},
	}
	l.ending, l.finish = context.WithCancel(context.Background())
	return l
}

// NewMetrics makes Listeners of the server of metrics alone, which altoam-metrics
// configures: o.HTTP makes one whose handler serves them. It is asked only for those whom
// an endpoint knows: see Metrics.
func NewMetrics(o Options) *Listeners {
	l := New(o)
	l.protocols = figures
	return l
}

// Name implements datastore.Participant.
func (*Listeners) Name() string { return "listeners" }

// Run serves until ctx ends, and returns after all sessions have ended. Call it once.
func (l *Listeners) Run(ctx context.Context) error {
	l.mu.Lock()
	l.ctx = ctx
	for _, e := range l.endpoints {
		l.serve(e)
	}
	for _, s := range l.sockets {
		l.accept(s)
	}
	for _, c := range l.callers {
		l.call(c)
	}
	l.mu.Unlock()

	tick := time.NewTicker(l.pace.bind)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			l.bindWaiting(ctx)
		}
	}
	l.finish()
	l.closeSockets("tcp")
	l.started.Wait()
	l.closeSockets("udp") // connections of QUIC need theirs up to their end
	return nil
}

func (l *Listeners) closeSockets(network string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sockets {
		if s.network == network {
			s.Close()
		}
	}
}

// Addresses are those that are listened on.
func (l *Listeners) Addresses() (all []net.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sockets {
		all = append(all, s.Addr())
	}
	return all
}

// prepared is a change that can be made.
type prepared struct {
	l         *Listeners
	endpoints map[string]*endpoint
	callers   map[string]*caller
	fresh     map[string]*socket // bound for this change
	waiting   map[string]*bind
	notes     []string
}

// Prepare implements datastore.Participant: it reads what has changed and binds the
// addresses that are new. At a restart what cannot be had is left out with a record in
// the log, and addresses are tried again.
func (l *Listeners) Prepare(ctx context.Context, c datastore.Change) (datastore.Prepared, error) {
	if !l.touched(c) {
		return unchanged{}, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &reader{l: l, change: c}
	p := &prepared{l: l, fresh: map[string]*socket{}, waiting: map[string]*bind{}}
	var err error
	if p.endpoints, err = r.listen(l.endpoints); err == nil {
		p.callers, err = r.callHome(l.callers)
	}
	if err == nil {
		err = l.bind(ctx, p, c.Resumed)
	}
	if err != nil {
		p.Abort()
		return nil, err
	}
	p.notes = r.notes
	return p, nil
}

// touched tells whether a change can concern one of its listeners or callers.
func (l *Listeners) touched(c datastore.Change) bool {
	names := []string{"ietf-keystore:keystore", "ietf-truststore:truststore"}
	for _, x := range l.protocols {
		names = append(names, x.root)
	}
	for _, name := range names {
		if p := certs.Root(c.New).Below(name).Path; len(p) > 0 && c.Diff.Touches(p) {
			return true
		}
	}
	return false
}

// unchanged is a change that does not concern Listeners.
type unchanged struct{}

func (unchanged) Apply() {}
func (unchanged) Abort() {}

// Abort implements datastore.Prepared.
func (p *prepared) Abort() {
	for _, s := range p.fresh {
		s.Close()
	}
}

// Apply implements datastore.Prepared.
func (p *prepared) Apply() {
	l := p.l
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range p.notes {
		l.log.Warn("server configuration", "note", n)
	}
	l.swapEndpoints(p)
	l.swapCallers(p.callers)
}

// running tells whether things can be started. Needs mu.
func (l *Listeners) running() bool { return l.ctx != nil && l.ctx.Err() == nil }

// after runs f in a while, or when Run ends. Needs mu.
func (l *Listeners) after(wait time.Duration, f func()) {
	if !l.running() {
		f()
		return
	}
	ctx := l.ctx
	l.started.Go(func() {
		pause(ctx, wait)
		f()
	})
}

// pause waits, and tells whether ctx lasted.
func pause(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// uses are the paths that something was read from.
type uses []tree.Path

func (u uses) touched(d *tree.Diff) bool {
	for _, p := range u {
		if d.Touches(p) {
			return true
		}
	}
	return false
}
