package datastore

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// accessControl is NACM over one Store. It is there where the schema implements
// ietf-netconf-acm.
type accessControl struct {
	schema   *yang.Schema
	policy   atomic.Pointer[nacm.Policy] // of running
	pointers []pointer
	recovery func(User) bool

	deniedOperations, deniedWrites, deniedNotifications atomic.Uint32
}

// granted is what a session may do under a policy.
type granted struct {
	policy *nacm.Policy
	access *nacm.Access
}

func newAccessControl(s *yang.Schema, recovery func(User) bool) *accessControl {
	m := s.Module(nacm.Module)
	if m == nil || !m.Implemented {
		return nil
	}
	c := &accessControl{schema: s, recovery: recovery, pointers: pointersOf(s)}
	_ = c.follow(tree.New(s.Root)) // there are no rules to be wrong
	return c
}

// follow takes the rules of a running. The error names rules that match nothing.
func (c *accessControl) follow(running *tree.Tree) error {
	if c == nil {
		return nil
	}
	p, err := nacm.Compile(c.schema, running)
	c.policy.Store(p)
	return err
}

// changed takes the rules of the newer of two runnings, if they differ.
func (c *accessControl) changed(old, now *tree.Tree) {
	if c.differs(old, now) {
		_ = c.follow(now) // check has found no error
	}
}

// differs tells whether two runnings have different rules.
func (c *accessControl) differs(old, now *tree.Tree) bool {
	return c != nil && nacm.Config(old) != nacm.Config(now)
}

// check refuses rules that a change has brought and that no node can match.
func (c *accessControl) check(ch Change) error {
	if !c.differs(ch.Old, ch.New) {
		return nil
	}
	_, err := nacm.Compile(c.schema, ch.New)
	return err
}

// Paths implements StateProvider.
func (c *accessControl) Paths() []string {
	top := "/" + nacm.Module + ":nacm/"
	return []string{top + "denied-operations", top + "denied-data-writes", top + "denied-notifications"}
}

// State implements StateProvider.
func (c *accessControl) State(_ context.Context, _ StateRequest, m *tree.Mut) error {
	w := NewWriter(m)
	w.In(nacm.Module+":nacm").Set("denied-operations", c.deniedOperations.Load()).
		Set("denied-data-writes", c.deniedWrites.Load()).Set("denied-notifications", c.deniedNotifications.Load())
	return w.Err()
}

// access is what the session may do now; nil for everything.
func (x *Session) access() *nacm.Access {
	c := x.store.access
	if c == nil {
		return nil
	}
	p := c.policy.Load()
	if g := x.granted.Load(); g != nil && g.policy == p {
		return g.access
	}
	g := &granted{p, c.under(p, x.user)}
	x.granted.Store(g)
	return g.access
}

// of is what a user may do now; nil for everything.
func (c *accessControl) of(u User) *nacm.Access {
	if c == nil {
		return nil
	}
	return c.under(c.policy.Load(), u)
}

func (c *accessControl) under(p *nacm.Policy, u User) *nacm.Access {
	if c.recovery != nil && c.recovery(u) { // a recovery session (RFC 8341 Section 3.3.3)
		return nil
	}
	return p.For(u.Name, u.Groups)
}

// Visible is what the session may read of t, a tree of the Store's schema.
func (x *Session) Visible(t *tree.Tree) *tree.Tree {
	left := x.access().Prune(t, nil)
	if left != t && t.Meter() != nil {
		return left.Metered(t.Meter())
	}
	return left
}

// Sees tells whether the session may read the node at p, which need not exist, and
// whether that holds for all that could be below it.
func (x *Session) Sees(p tree.Path) (itself, whole bool) { return x.access().Sees(p) }

// Calls tells whether the session may run an RPC, of which nothing is counted or on record.
// A nil rpc is no operation.
func (x *Session) Calls(rpc *yang.Node) bool { return rpc == nil || x.access().MayCall(rpc) }

// Acts likewise tells whether the session may run an action of the node at p, which need
// not exist.
func (x *Session) Acts(p tree.Path, action *yang.Node) bool {
	a := x.access()
	return a == nil || a.MayAct(p, action) && x.mayActOn(a, p)
}

// MayCall refuses an RPC that the session may not run with access-denied. What comes
// in through Call has been asked already.
func (x *Session) MayCall(rpc *yang.Node) error {
	if x.Calls(rpc) {
		return nil
	}
	x.store.access.deniedOperations.Add(1)
	e := rpcerr.NewProtocol(rpcerr.AccessDenied, "access control does not permit the operation %s", rpc.Name).At(rpc.Path())
	x.attempt(Called, rpc.Name, "").end(e)
	return e
}

// mayAct refuses an action likewise, whether or not the node at p exists.
func (x *Session) mayAct(p tree.Path, action *yang.Node) error {
	a := x.access()
	if x.Acts(p, action) {
		return nil
	}
	x.store.access.deniedOperations.Add(1)
	e := rpcerr.NewProtocol(rpcerr.AccessDenied, "access control does not permit the action %s here", action.Name)
	if seen := a.Seen(p); len(seen) > 0 {
		return e.At(seen.String())
	}
	return e
}

// blind refuses an edit of what the session may neither read nor change, whatever is there.
func (x *Session) blind(e *edit.Edit) error {
	err := x.access().Blind(e)
	if err != nil {
		x.store.access.deniedWrites.Add(1)
	}
	return err
}

// hidden tells which entries of lists in t the session may not read; nil for none. Those
// that t does not have are not hidden. Cost is that of Visible.
func (x *Session) hidden(t *tree.Tree) func(at tree.Path, list *yang.Node, key string) bool {
	if _, whole := x.access().Sees(nil); whole {
		return nil
	}
	return func(at tree.Path, list *yang.Node, key string) bool {
		in := func(t *tree.Tree) bool {
			n := t.Find(at)
			return n != nil && n.Entry(list, key) != nil
		}
		return in(t) && !in(x.Visible(t))
	}
}

// judge refuses a change that the session may not make.
func (x *Session) judge(from, to *tree.Tree) error {
	a := x.access()
	if a == nil || from == to {
		return nil
	}
	err := a.Judge(tree.Compare(from, to))
	if err != nil {
		x.store.access.deniedWrites.Add(1)
	}
	return err
}

// referred refuses a change to running that makes a leaf refer to what the session may
// not read, with the error of one that refers to nothing: otherwise names could be
// guessed. Cost is that of the change, and of Visible where it makes such leafs.
func (x *Session) referred(from, to *tree.Tree) error {
	if _, whole := x.access().Sees(nil); whole || from == to {
		return nil
	}
	v := x.store.validator
	made := v.Made(tree.Compare(from, to))
	if len(made) == 0 {
		return nil
	}
	return rpcerr.Join(v.Dangling(context.Background(), x.Visible(to), made))
}

// judged is to with err, and with what judge and referred say of the change of running
// from at.
func (x *Session) judged(at, to *tree.Tree, err error) (*tree.Tree, error) {
	if to, err = x.judgedDraft(at, to, err); to == nil {
		return nil, err
	}
	// Also where it is refused: a dry run goes on to tell of references that lead nowhere.
	return to, rpcerr.Join(once(append(rpcerr.All(err), rpcerr.All(x.referred(at, to))...)))
}

// judgedDraft is judged for a datastore that need not be valid.
func (x *Session) judgedDraft(at, to *tree.Tree, err error) (*tree.Tree, error) {
	if to == nil {
		return nil, x.told(err)
	}
	return to, rpcerr.Join(once(append(rpcerr.All(x.told(err)), rpcerr.All(x.judge(at, to))...)))
}

// once is all without repetitions: how many there are tells how much was wrong with what
// cannot be read.
func once(all []*rpcerr.Error) (out []*rpcerr.Error) {
	type text struct {
		tag                   rpcerr.Tag
		appTag, path, message string
	}
	said := map[text]bool{}
	for _, e := range all {
		if t := (text{e.Tag, e.AppTag, e.Path, e.Message}); !said[t] {
			said[t] = true
			out = append(out, e)
		}
	}
	return out
}

// told is err as the session may see it: an error about a node that it may not read
// says nothing of it, and least of all whether it is there.
func (x *Session) told(err error) error {
	a := x.access()
	if a == nil || err == nil {
		return err
	}
	var e *rpcerr.Error
	var l rpcerr.List
	if !errors.As(err, &l) && !errors.As(err, &e) {
		return err
	}
	all := rpcerr.All(err)
	out := make([]*rpcerr.Error, len(all))
	same := true
	for i, e := range all {
		out[i] = x.masked(a, e)
		same = same && out[i] == e
	}
	if said := once(out); !same || len(said) < len(all) {
		err = rpcerr.Join(said)
	}
	if !same {
		x.store.access.deniedWrites.Add(1)
	}
	return err
}

func (x *Session) masked(a *nacm.Access, e *rpcerr.Error) *rpcerr.Error {
	if e.Path == "" || e.Tag == rpcerr.AccessDenied {
		return e
	}
	p, err := tree.ParsePath(x.store.schema, e.Path)
	if err != nil {
		return e // of an operation, which has no rules
	}
	if itself, _ := a.Sees(p); itself {
		return e
	}
	at := ""
	if seen := a.Seen(p); len(seen) > 0 {
		at = seen.String()
	}
	return nacm.Denied(at)
}
