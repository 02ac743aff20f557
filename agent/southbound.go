package agent

import (
	"bytes"
	"cmp"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/logging"
	"github.com/altoam/altoam/southbound"
	"github.com/altoam/altoam/yang"
)

const southboundModule = "altoam-southbound"

// newSide connects the agent with the server that clients talk to, at first its own.
func newSide(a *Agent, from Options) *southbound.Side {
	log := from.Log
	o := southbound.Options{
		Build:  from.Build,
		Server: a.server, Stack: a.stack, Logger: a.log, Now: a.now, Retry: a.retry, Leftover: a.socket, Released: a.rebind, Yield: a.yield,
	}
	if log == nil {
		return southbound.NewSide(o)
	}
	o.Want = func() []byte { return encodeShare(log.Share()) }
	o.Pushed = func(text []byte) {
		list, err := logging.ParseForwarded(text)
		if err != nil {
			a.log.Error("the ALTO server's process hands over what is no log", "error", err)
		}
		log.Receive(list)
	}
	side := southbound.NewSide(o)
	log.OnUse(side.Wanted)
	return side
}

// publishWorld has clients see w.
func (a *Agent) publishWorld(w *world, reconfigured []string, server bool) {
	a.side.Publish(southbound.Step{
		Snapshot: w.snapshot, Window: w.window, MaxClients: int(a.number(w.root, maxClientsPath)), Access: w.reached, Revision: a.revision(),
		Reconfigured: reconfigured, ServerReconfigured: server, Of: w,
	}, w.process)
}

// own is where this process listens: nowhere while another one serves. Needs mu.
func (a *Agent) own(w *world) *listening {
	if w.process == nil || a.side.Status().Own {
		return w.listening
	}
	return &listening{scheme: w.listening.scheme}
}

// yield closes what this process listens on, where another one is to serve.
func (a *Agent) yield(leave func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.world.Load()
	if w.process == nil {
		return
	}
	nowhere := &listening{scheme: w.listening.scheme}
	b, refused := a.bind(nowhere, false)
	if refused != nil { // there is nothing to be refused
		a.log.Error("cannot stop listening", "error", refused)
		return
	}
	a.settle(nowhere, b)
	leave()
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
	check := southbound.CheckPlace
	if p.Start != nil {
		check = southbound.CheckSocket
	}
	if err := check(p.Socket); err != nil {
		return p, rpcerr.New(rpcerr.InvalidValue, path+"/socket", "the process cannot be managed over this socket: %v", err)
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
// certificates, with secrets in clear.
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
		err := codec.EncodeJSON(&b, a.secrets.Opened(pruned), codec.EncodeOptions{})
		return b.Bytes(), err
	}}
}

// config is what concerns no resource by itself.
func (w *world) config() *alto.Config {
	c := &alto.Config{
		BaseURI: w.listening.baseURI, ServerName: w.listening.serverName, Authenticate: w.access.authenticate,
		Challenges: w.access.challenges, Identify: w.access.rates.some(), Meta: w.meta, CostTypes: w.costTypes,
	}
	w.rules.settle(c)
	return c
}
