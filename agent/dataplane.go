package agent

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/passwords"
	"github.com/altoam/altoam/southbound"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json"
)

// DataPlane is an ALTO server that an agent in another process manages: clients are told
// from each other and requests are logged there as they are in the agent itself.
type DataPlane struct {
	*southbound.Server
	router *logging.Router
}

// NewDataPlane returns a data plane for a schema with the modules of the agent's. Options
// are those of the agent; Build, Logger, Logins, Now and VerifyPassword are used.
func NewDataPlane(schema *yang.Schema, o Options) *DataPlane {
	p := &DataPlane{router: logging.NewRouter()}
	a := &Agent{
		schema: schema, nodes: nodesOf(schema), log: o.Logger,
		passwords: passwords.NewChecker(o.VerifyPassword, runtime.GOMAXPROCS(0)), logins: o.Logins, nonces: digest.NewServer(time.Now),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	forwarding := logging.NewForwarding(p.router, func(ctx context.Context, records []byte) error { return p.Push(ctx, records) })
	p.Server = southbound.NewServer(southbound.ServerOptions{
		Realise: a.realise, Logger: a.log, Now: o.Now, Build: o.Build,
		Handler: func(s *alto.Server) http.Handler { return logged(s, p.router) },
		Want: func(form []byte) {
			share, err := decodeShare(form)
			if err != nil {
				a.log.Error("what the agent wants of the log cannot be read", "error", err)
				return
			}
			forwarding.Use(share)
		},
	})
	return p
}

// Run is that of southbound.Server.
func (p *DataPlane) Run(ctx context.Context, ln net.Listener) error {
	logCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.router.Run(logCtx)
	}()
	err := p.Server.Run(ctx, ln)
	stop()
	<-ended
	return err
}

// realise makes what a southbound.Realise is to make of what reachedOf made.
func (a *Agent) realise(form []byte) (southbound.Realised, error) {
	b := tree.NewBuilder(a.schema.Root)
	if err := codec.DecodeJSON(bytes.NewReader(form), a.schema, a.schema.Root, b, codec.DecodeOptions{ConfigOnly: true}); err != nil {
		return southbound.Realised{}, err
	}
	t, err := b.Tree()
	if err != nil {
		return southbound.Realised{}, err
	}
	at, stores := certs.Root(t).Below("ietf-alto:alto", "alto-server"), a.storesOf(t)
	w := &world{server: a.nodes.serverIn(t)}
	w.listening = a.readListen(at, stores)
	if w.rules, err = a.readRules(at, true); err != nil {
		return southbound.Realised{}, err
	}
	w.access = a.readAccess(&access{rules: w.rules}, &change{listen: true}, at, w.listening, stores)
	clients := a.byKey(at.Node, "auth-client")
	return southbound.Realised{
		Config: *w.config(), Listen: w.listening.sockets,
		Client: func(id string) bool { return clients[id] != nil },
	}, nil
}

func encodeShare(s logging.Share) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // it is made of numbers
	}
	return text
}

func decodeShare(text []byte) (s logging.Share, err error) {
	err = json.Unmarshal(text, &s, json.RejectUnknownMembers(true))
	if keep := s.Keep; err == nil && (min(keep.IPv4, keep.IPv6) < 0 || keep.IPv4 > 32 || keep.IPv6 > 128) {
		err = errors.New("addresses have no such number of bits")
	}
	return s, err
}
