package southbound

import (
	"fmt"
	"net/http"

	"github.com/altoam/altoam/alto"
)

// state is what a Server has. It belongs to the manager that is listened to; its server
// and stack are safe for concurrent use.
type state struct {
	o      ServerOptions
	server *alto.Server
	stack  *alto.Stack

	snapshot  *alto.Snapshot
	settings  alto.Digest // zero before the first
	listen    alto.ListenConfig
	unbound   []Unbound
	resources map[string]held
	data      map[alto.Digest]*piece
}

// piece is data with the number of resources behind which it is.
type piece struct {
	alto.Data
	users int
}

func newState(o ServerOptions) *state {
	s := &state{o: o, snapshot: emptySnapshot(), server: alto.NewServer(o.Now), resources: make(map[string]held), data: make(map[alto.Digest]*piece)}
	var handler http.Handler = s.server
	if o.Handler != nil {
		handler = o.Handler(s.server)
	}
	s.stack = alto.NewStack(handler)
	s.stack.Admit = s.server.EnterConnection
	return s
}

// advance makes a step, or changes nothing and says why.
func (s *state) advance(x *step, fresh map[alto.Digest][]byte) *applied {
	n, err := s.prepare(x, fresh)
	if err != nil {
		return &applied{Error: err.Error(), Bound: s.bound()}
	}
	s.apply(x, n)
	return &applied{Bound: s.bound()}
}

// next is a step that is prepared.
type next struct {
	snapshot *alto.Snapshot
	settings alto.Digest
	listen   alto.ListenConfig
	client   func(id string) bool
	data     map[alto.Digest]alto.Data // fresh
	put      map[string]held
}

func (s *state) prepare(x *step, fresh map[alto.Digest][]byte) (n next, err error) {
	n = next{settings: s.settings, listen: s.listen, data: make(map[alto.Digest]alto.Data, len(fresh)), put: make(map[string]held, len(x.Put))}
	for digest, form := range fresh {
		if n.data[digest], err = alto.DecodeData(form); err != nil {
			return n, fmt.Errorf("data with digest %s: %w", digest, err)
		}
	}
	change := alto.Change{Remove: x.Remove}
	data := func(d alto.Digest) alto.Data {
		if piece := s.data[d]; piece != nil {
			return piece.Data
		}
		return n.data[d]
	}
	for _, p := range x.Put {
		for _, d := range p.Held.Data {
			if data(d) == nil {
				return n, fmt.Errorf("resource %q: there is no data with digest %s", p.Held.ID, d)
			}
		}
		r, err := alto.DecodeResource(p.Form, data)
		if err != nil {
			return n, err
		}
		change.Put = append(change.Put, r)
		n.put[r.ID] = p.Held
	}
	if x.Settings != nil {
		realised, err := s.o.Realise(x.Settings.Access)
		if err != nil {
			return n, err
		}
		x.Settings.ALTO.Apply(&realised.Config)
		change.Settings, n.listen = &realised.Config, realised.Listen
		n.client = realised.Client
		n.settings = x.Settings.Digest
	}
	n.snapshot, err = s.snapshot.With(change)
	return n, err
}

// apply cannot fail, but for addresses that cannot be bound.
func (s *state) apply(x *step, n next) {
	if x.Settings != nil {
		s.server.SetWindow(x.Settings.Window)
		s.server.SetMaxClients(x.Settings.MaxClients)
		for _, id := range s.server.Clients() {
			if n.client != nil && !n.client(id) {
				s.server.ForgetClients(id)
			}
		}
	}
	s.server.Publish(n.snapshot, x.Reconfigured...)
	if x.ServerReconfigured {
		s.server.ServerReconfigured()
	}
	s.snapshot, s.settings, s.listen = n.snapshot, n.settings, n.listen
	if x.Settings != nil || len(s.unbound) > 0 {
		s.bind()
	}
	s.keep(x.Remove, n)
}

// keep notes which resources there are and the data behind them. What is put counts
// before what goes, whose data it may have.
func (s *state) keep(remove []string, n next) {
	for _, r := range n.put {
		for _, d := range r.Data {
			if s.data[d] == nil {
				s.data[d] = &piece{Data: n.data[d]}
			}
			s.data[d].users++
		}
	}
	for id, r := range n.put {
		s.drop(id)
		s.resources[id] = r
	}
	for _, id := range remove {
		s.drop(id)
	}
}

// drop forgets a resource, and data that was behind it alone.
func (s *state) drop(id string) {
	for _, d := range s.resources[id].Data {
		if s.data[d].users--; s.data[d].users == 0 {
			delete(s.data, d)
		}
	}
	delete(s.resources, id)
}

// bind listens where it can, and notes where it cannot.
func (s *state) bind() {
	s.listen.Optional = make(map[string]bool)
	for _, l := range append([]alto.ListenConfig{s.listen}, s.listen.More...) {
		for _, addr := range l.Addrs {
			s.listen.Optional[addr] = true
		}
	}
	s.unbound = nil
	b, err := s.stack.Bind(s.listen)
	if err != nil { // an address that is listed twice
		s.unbound = append(s.unbound, Unbound{Error: err.Error()})
		return
	}
	for _, err := range b.Failed() {
		s.unbound = append(s.unbound, Unbound{err.Addr, err.Error()})
	}
	b.Apply()
}

// bound is where the server listens at this moment.
func (s *state) bound() bound {
	b := bound{Unbound: s.unbound}
	for _, addr := range s.stack.Addrs() {
		b.Addrs = append(b.Addrs, Address{addr, s.stack.Secure(addr)})
	}
	return b
}

// release stops listening; the settings are those of nobody then.
func (s *state) release() {
	s.listen, s.settings = alto.ListenConfig{}, alto.Digest{}
	s.bind()
}
