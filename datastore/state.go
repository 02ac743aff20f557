package datastore

import (
	"context"
	"fmt"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// StateProvider produces a part of operational when it is read, never before.
type StateProvider interface {
	// Paths are the data paths, without keys, of the subtrees it produces:
	// "/ietf-netconf-monitoring:netconf-state". A path may lead through lists of
	// configuration. Paths that the schema does not have are passed over.
	Paths() []string
	// State adds its subtrees to m, the root of operational, which holds
	// running already. It may be called by several goroutines at once. Once the
	// Meter of m is full nobody looks at it: who adds many entries stops then.
	State(ctx context.Context, req StateRequest, m *tree.Mut) error
}

// StateRequest says what is wanted of a StateProvider.
type StateRequest struct {
	// Running is the configuration that m started as.
	Running *tree.Tree
	// Under are the paths that are read; list steps without keys mean all
	// entries. Empty means everything. Producing more does no harm.
	Under []tree.Path
}

// Wants tells whether a node at p, or something below or above it, is read.
func (r StateRequest) Wants(p tree.Path) bool {
	if len(r.Under) == 0 {
		return true
	}
	for _, u := range r.Under {
		if meet(u, p) {
			return true
		}
	}
	return false
}

// meet tells whether one path leads to the other's node.
func meet(a, b tree.Path) bool {
	for i := range min(len(a), len(b)) {
		if a[i].Schema != b[i].Schema {
			return false
		}
		if len(a[i].Keys) > 0 && len(b[i].Keys) > 0 && tree.KeyOf(a[i].Keys...) != tree.KeyOf(b[i].Keys...) {
			return false
		}
	}
	return true
}

// provider is a StateProvider with its paths resolved.
type provider struct {
	StateProvider
	at []tree.Path
}

// AddStateProvider adds p. Only before Start.
func (s *Store) AddStateProvider(p StateProvider) {
	pr := provider{StateProvider: p}
	for _, text := range p.Paths() {
		if n := s.schema.Find(text); n != nil {
			pr.at = append(pr.at, schemaPath(n))
		}
	}
	if len(pr.at) > 0 {
		s.providers = append(s.providers, pr)
	}
}

func schemaPath(n *yang.Node) tree.Path {
	if n.Kind == yang.Root {
		return nil
	}
	return append(schemaPath(n.DataParent), tree.Step{Schema: n})
}

func (p provider) touches(r StateRequest) bool {
	for _, at := range p.at {
		if r.Wants(at) {
			return true
		}
	}
	return false
}

// Selection limits what Read has to produce.
type Selection struct {
	// Under are the subtrees wanted, list steps without keys meaning all
	// entries; empty means everything. What lies elsewhere may still be there.
	Under []tree.Path
	// Alone tells that nothing but the one node Under is looked at, which has keys in
	// each list step: of what it is in there may be no more than the keys.
	Alone bool
}

// Read returns what the session may read of a datastore as one immutable tree. Configuration datastores cost
// nothing; operational is running with origin intended, joined with what the
// StateProviders for the selection produce now (RFC 8342 Section 5.3).
func (x *Session) Read(ctx context.Context, ds Datastore, sel Selection) (_ *tree.Tree, err error) {
	if o := x.store.observer; o != nil && o.Wants(Looked) {
		defer func() { x.looked(ds, sel, err) }()
	}
	if ds == Operational {
		return x.operational(ctx, sel)
	}
	t, err := x.store.read(ctx, ds, sel)
	if err != nil {
		return nil, err
	}
	return x.access().Prune(t, sel.Under), nil
}

// read is Read for one who may read everything.
func (s *Store) read(ctx context.Context, ds Datastore, sel Selection) (*tree.Tree, error) {
	if ds == Operational {
		return s.operational(ctx, sel, nil)
	}
	if err := s.known(ds); err != nil {
		return nil, err
	}
	return s.current(ds), nil
}

// operational is read for Operational, with what is made counted by the meter: once that
// is full the tree lacks something.
func (s *Store) operational(ctx context.Context, sel Selection, meter *tree.Meter) (*tree.Tree, error) {
	running := s.running.Load().Tree
	req := StateRequest{Running: running, Under: sel.Under}
	base := running
	if sel.Alone {
		base = running.Only(sel.Under[0])
	}
	m := base.Metered(meter).Mutate()
	for c := range base.Root().Children() {
		m.Put(c.WithOrigin(tree.OriginIntended), tree.Position{})
	}
	for _, p := range s.providers {
		if !p.touches(req) || meter.Full() {
			continue
		}
		if err := p.State(ctx, req, m); err != nil {
			return nil, &rpcerr.Error{
				Tag: rpcerr.OperationFailed, Err: fmt.Errorf("state of %v: %w", p.Paths(), err),
				Message: "operational state could not be produced",
			}
		}
	}
	return m.Done(), nil
}
