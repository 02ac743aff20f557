package agent

import (
	"bytes"
	"cmp"
	"log/slog"
	"runtime"
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/digest"
	"github.com/altoam/altoam/passwords"
	"github.com/altoam/altoam/southbound"
	"github.com/altoam/altoam/yang"
)

const southboundModule = "altoam-southbound"

// newSide connects the agent with the server that clients talk to, at first its own.
func newSide(a *Agent) *southbound.Side {
	return southbound.NewSide(southbound.Options{
		Server: a.server, Stack: a.stack, Logger: a.log, Now: a.now, Retry: a.retry, Released: a.rebind,
	})
}

// publishWorld has clients see w.
func (a *Agent) publishWorld(w *world, reconfigured []string, server bool) {
	a.side.Publish(southbound.Step{
		Snapshot: w.snapshot, Window: w.window, MaxClients: int(a.number(w.root, maxClientsPath)), Access: w.reached, Revision: a.revision(),
		Reconfigured: reconfigured, ServerReconfigured: server, Of: w,
	}, w.process)
}

// own is what listens in this process: nothing while another one serves.
func (w *world) own() *listening {
	if w.process == nil {
		return w.listening
	}
	return &listening{scheme: w.listening.scheme}
}

// readSouthbound reads where the ALTO server is to run. The result is prev where that is
// the same.
func (a *Agent) readSouthbound(server *tree.Node, prev *southbound.Process) (*southbound.Process, *rpcerr.Error) {
	const path = serverPath + "/" + southboundModule + ":southbound/process"
	n := below(southboundOf(server), "process")
	if n == nil {
		return nil, nil
	}
	p := &southbound.Process{Socket: cmp.Or(n.Leaf("socket").String(), a.socket)}
	if p.Socket == "" {
		return nil, rpcerr.New(rpcerr.InvalidValue, path+"/socket", "this agent has no default, so that the socket must be named")
	}
	if start, set := n.Leaf("start").Bool(); start || !set {
		if p.Start = a.startServer; p.Start == nil {
			return nil, rpcerr.New(rpcerr.OperationNotSupported, path+"/start", "this agent cannot start an ALTO server, so that start must be false")
		}
	}
	if prev != nil && prev.Socket == p.Socket && (prev.Start == nil) == (p.Start == nil) {
		return prev, nil
	}
	return p, nil
}

// southboundOf returns the container southbound below alto-server, nil where there is
// none.
func southboundOf(server *tree.Node) *tree.Node {
	if server == nil {
		return nil
	}
	if s := server.Schema().Child(southboundModule, "southbound"); s != nil {
		return server.Child(s)
	}
	return nil
}

// reachedOf is how clients reach the server of a configuration and who they are, in the
// form that NewRealise reads: the configuration as RFC 7951 JSON without resources, data
// sources and what is neither of the ALTO server nor of the stores of keys and
// certificates.
func (a *Agent) reachedOf(t *tree.Tree) *southbound.Access {
	to := tree.New(a.schema.Root).Mutate()
	for _, store := range []*yang.Node{a.nodes.keystore, a.nodes.truststore} {
		if store != nil && t.Root().Child(store) != nil {
			to.Put(t.Root().Child(store), tree.Position{})
		}
	}
	if server := a.nodes.serverIn(t); server != nil {
		m := to.Ensure(a.nodes.alto).Ensure(a.nodes.server)
		for n := range server.Children() {
			if s := n.Schema(); s != a.nodes.child("resource") && s != a.nodes.child("data-source") {
				m.Append(n)
			}
		}
	}
	pruned := to.Done()
	return &southbound.Access{Form: func() ([]byte, error) {
		var b bytes.Buffer
		err := codec.EncodeJSON(&b, pruned, codec.EncodeOptions{})
		return b.Bytes(), err
	}}
}

// NewRealise returns what makes listeners and access control of the form that an agent
// hands over. It is for an ALTO server in a process of its own, with a schema that has the
// modules of the agent's. Options are those of the agent; Store is not used.
func NewRealise(schema *yang.Schema, o Options) southbound.Realise {
	a := &Agent{
		schema: schema, nodes: nodesOf(schema), log: o.Logger,
		passwords: passwords.NewChecker(o.VerifyPassword, runtime.GOMAXPROCS(0)), nonces: digest.NewServer(time.Now),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	return func(form []byte) (southbound.Realised, error) {
		b := tree.NewBuilder(schema.Root)
		if err := codec.DecodeJSON(bytes.NewReader(form), schema, schema.Root, b, codec.DecodeOptions{ConfigOnly: true}); err != nil {
			return southbound.Realised{}, err
		}
		t, err := b.Tree()
		if err != nil {
			return southbound.Realised{}, err
		}
		at, stores := certs.Root(t).Below("ietf-alto:alto", "alto-server"), certs.StoresOf(t)
		w := &world{server: a.nodes.serverIn(t)}
		w.listening = a.readListen(at, stores)
		if w.rules, err = a.readRules(at, true); err != nil {
			return southbound.Realised{}, err
		}
		w.access = a.readAccess(&access{rules: w.rules}, &change{listen: true}, at, w.listening, stores)
		return southbound.Realised{Config: *w.config(), Listen: w.listening.sockets}, nil
	}
}

// config is what concerns no resource by itself.
func (w *world) config() *alto.Config {
	c := &alto.Config{
		BaseURI: w.listening.baseURI, ServerName: w.listening.serverName, Authenticate: w.access.authenticate,
		Challenges: w.access.challenges, Meta: w.meta, CostTypes: w.costTypes,
	}
	w.rules.settle(c)
	return c
}
