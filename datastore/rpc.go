package datastore

import (
	"context"
	"fmt"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Call is an invocation of an RPC or action.
type Call struct {
	Session *Session
	Node    *yang.Node // the RPC or action
	Path    tree.Path  // of the data node an action belongs to
	Input   *tree.Tree // validated, below the node's input
}

// Handler carries out a Call and returns its output, nil for none. The output is
// below the node's output.
type Handler func(ctx context.Context, c Call) (*tree.Tree, error)

// HandleRPC registers the handler of an RPC. It panics when the schema has no
// such RPC or it is taken. Only before Start.
func (s *Store) HandleRPC(module, name string, h Handler) {
	n := s.schema.RPC(module, name)
	if n == nil {
		panic("no RPC " + module + ":" + name)
	}
	s.handle(n, h)
}

// HandleAction registers the handler of the action at a data path without keys.
// It panics when the schema has no such action or it is taken. Only before Start.
func (s *Store) HandleAction(path string, h Handler) {
	n := s.schema.Find(path)
	if n == nil || n.Kind != yang.Action {
		panic("no action " + path)
	}
	s.handle(n, h)
}

func (s *Store) handle(n *yang.Node, h Handler) {
	if s.handlers[n] != nil {
		panic("two handlers for " + n.Path())
	}
	s.handlers[n] = h
}

// Handles tells whether an RPC or action has a handler.
func (s *Store) Handles(n *yang.Node) bool { return s.handlers[n] != nil }

// Call invokes an RPC.
func (x *Session) Call(ctx context.Context, rpc *yang.Node, input *tree.Tree) (*tree.Tree, error) {
	if err := x.MayCall(rpc); err != nil {
		return nil, err
	}
	return x.call(ctx, Call{Session: x, Node: rpc, Input: input})
}

// CallAction invokes the action on the data node at path (RFC 7950 Section
// 7.15), which must exist in operational. A container without presence does when
// its parent does (RFC 7950 Section 7.5.1).
func (x *Session) CallAction(ctx context.Context, path tree.Path, action *yang.Node, input *tree.Tree) (*tree.Tree, error) {
	if err := x.mayAct(path, action); err != nil {
		x.acted(path, action, err)
		return nil, err
	}
	needed := path
	for len(needed) > 0 && implied(needed.Schema()) {
		needed = needed.Parent()
	}
	if len(needed) > 0 {
		t, err := x.Read(ctx, Operational, Selection{Under: []tree.Path{needed}})
		if err == nil && t.Find(needed) == nil {
			err = rpcerr.New(rpcerr.DataMissing, needed.String(),
				"action %s needs this node, which does not exist", action.Name).WithReason(rpcerr.NoSuchResource)
		}
		if err != nil {
			x.acted(path, action, err)
			return nil, err
		}
	}
	return x.call(ctx, Call{Session: x, Node: action, Path: path, Input: input})
}

// implied tells whether s exists whenever its parent does.
func implied(s *yang.Node) bool {
	return s.Kind == yang.Container && !s.Presence && s.Case == nil && len(s.Whens) == 0
}

// acted tells the observer of an action.
func (x *Session) acted(path tree.Path, action *yang.Node, err error) {
	a := x.attempt(Acted, action.Name, "")
	a.Path = path
	a.end(err)
}

func (x *Session) call(ctx context.Context, c Call) (_ *tree.Tree, err error) {
	s := x.store
	defer func() {
		if c.Node.Kind == yang.Action {
			x.acted(c.Path, c.Node, err)
			return
		}
		x.attempt(Called, c.Node.Name, "").end(err)
	}()
	if errs := s.validator.InputAt(ctx, c.Node, c.Path, c.Input, x.Visible(s.running.Load().Tree)); len(errs) > 0 {
		return nil, rpcerr.Join(errs)
	}
	h := s.handlers[c.Node]
	if h == nil {
		return nil, &rpcerr.Error{
			Type: rpcerr.Protocol, Tag: rpcerr.OperationNotSupported,
			Message: fmt.Sprintf("%s is in the schema, but nothing in this agent carries it out", c.Node.Path()),
		}
	}
	return h(ctx, c)
}
