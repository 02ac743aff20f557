package query

import (
	"context"
	"errors"
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// EventFilter tells which notifications are wanted. It belongs to one goroutine.
type EventFilter interface {
	// Matches tells whether the filter selects something of a notification (RFC 5277
	// Section 3.6): t has it as its root, and at leads to the data node it belongs to.
	Matches(ctx context.Context, at tree.Path, t *tree.Tree) (bool, error)
}

// Matches implements EventFilter. An empty filter matches nothing.
func (f *Filter) Matches(_ context.Context, at tree.Path, t *tree.Tree) (bool, error) {
	return f.matches(f.top, at, t), nil
}

// matches tells whether one of the elements selects something of what at leads through
// and the notification at its end.
func (f *Filter) matches(elements []*element, at tree.Path, t *tree.Tree) bool {
	s := t.Schema()
	if len(at) > 0 {
		s = at[0].Schema
	}
	for _, e := range elements {
		switch {
		case !e.names(s) || e.isMatch():
		case e.isSelection():
			return true
		case len(at) > 0:
			if f.matchesStep(e.kids, at, t) {
				return true
			}
		case matchesAll(t.Root(), e.kids):
			rest := selecting(e.kids)
			m := tree.New(s).Mutate()
			f.selectInto(m, t.Root(), rest)
			if len(rest) == 0 || !m.Node().Empty() {
				return true
			}
		}
	}
	return false
}

// matchesStep is matches for the elements below the first step of at.
func (f *Filter) matchesStep(elements []*element, at tree.Path, t *tree.Tree) bool {
	step := at[0]
	selectsKey := false
	for _, e := range elements {
		i := slices.IndexFunc(step.Schema.Keys, e.names)
		if e.isMatch() && (i < 0 || i >= len(step.Keys) || !e.accepts(tree.NewLeaf(step.Schema.Keys[i], step.Keys[i]))) {
			return false
		}
		selectsKey = selectsKey || i >= 0 && !e.isMatch()
	}
	rest := selecting(elements)
	return len(rest) == 0 || selectsKey || f.matches(rest, at[1:], t)
}

// eventXPath is an expression about notifications.
type eventXPath struct {
	parsed   *yang.XPath
	model    *xpath.Model
	limits   xpath.Limits
	programs map[*yang.Node]*xpath.Program // by notification
}

// CompileEventXPath compiles an expression that is evaluated, and converted to a
// boolean, for each notification (RFC 5277 Section 3.6): the root above the
// notification is its context node, and there are no other data than the notification
// with the nodes around it and their keys. Errors are as those of CompileXPath.
func CompileEventXPath(text string, o yang.XPathOptions, model *xpath.Model, limits xpath.Limits) (EventFilter, error) {
	if o.MaxNodes == 0 {
		o.MaxNodes = maxParts
	}
	x, err := yang.ParseXPath(text, o)
	if err == nil {
		_, err = model.Compile(x, model.Schema().Root)
	}
	if err != nil {
		var e *rpcerr.Error
		if errors.As(err, &e) {
			return nil, err
		}
		return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "XPath filter: %v", err)
	}
	return &eventXPath{x, model, limits.Or(xpath.UserLimits), map[*yang.Node]*xpath.Program{}}, nil
}

// Matches implements EventFilter.
func (x *eventXPath) Matches(ctx context.Context, at tree.Path, t *tree.Tree) (bool, error) {
	p := x.programs[t.Schema()]
	if p == nil {
		var err error
		if p, err = x.model.CompileAround(x.parsed, t.Schema()); err != nil {
			return false, err
		}
		x.programs[t.Schema()] = p
	}
	env := xpath.NewEnv(x.model, around(x.model.Schema(), at))
	env.Explicit, env.Context, env.Limits = true, ctx, x.limits
	env.Operation(t, env.Locate(at))
	return p.Bool(env, env.Root())
}

// around is the tree of what at leads through.
func around(s *yang.Schema, at tree.Path) *tree.Tree {
	root := tree.New(s.Root).Mutate()
	m := root
	for _, st := range at {
		if st.Schema.Kind == yang.List {
			m, _ = m.AddEntry(st.Schema, st.Keys, tree.Position{})
		} else {
			m = m.Ensure(st.Schema)
		}
	}
	return root.Done()
}
