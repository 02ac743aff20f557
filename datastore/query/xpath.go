package query

import (
	"context"
	"errors"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// XPath is a compiled XPath filter (RFC 6241 Section 8.9).
type XPath struct {
	// Depth is how many levels of each node selected are shown, 0 for all
	// (max-depth, RFC 8526 Section 4).
	Depth int
	// Limits bound the evaluation; zero fields are those of xpath.UserLimits.
	Limits xpath.Limits

	program *xpath.Program
	model   *xpath.Model
}

// AppNoNodeSet is the error-app-tag of an expression that gives no node-set
// (RFC 5717 Section 2.4.1.1).
const AppNoNodeSet = "not-a-node-set"

// maxParts bounds the parts of a filter's expression, and so the memory and time
// of its compilation.
const maxParts = 1000

// CompileXPath compiles a filter. What does not parse, or is no node-set, is an
// invalid-value that says where and why. o.MaxNodes is 1000 unless it is given.
func CompileXPath(text string, o yang.XPathOptions, model *xpath.Model) (*XPath, error) {
	if o.MaxNodes == 0 {
		o.MaxNodes = maxParts
	}
	x, err := yang.ParseXPath(text, o)
	if err == nil {
		var p *xpath.Program
		p, err = model.Compile(x, model.Schema().Root)
		if err == nil && !p.IsNodes() {
			return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "XPath filter: %q gives no node-set", text).WithApp(AppNoNodeSet)
		}
		if err == nil {
			return &XPath{program: p, model: model}, nil
		}
	}
	var e *rpcerr.Error
	if errors.As(err, &e) {
		return nil, err
	}
	return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "XPath filter: %v", err)
}

// ModulePrefixes is the context of an expression that is data itself, as the filter
// of a subscription is (stream-xpath-filter in RFC 8639 Section 4): prefixes are the
// names of the modules of s, and those declared around it in XML, which win; declared
// is nil in JSON. A name without a prefix matches in every module.
func ModulePrefixes(s *yang.Schema, declared yang.Resolver) yang.XPathOptions {
	return yang.XPathOptions{Default: yang.AnyModule, Resolve: func(prefix string) (string, bool) {
		if declared != nil {
			if module, ok := declared.ModuleOf(prefix); ok {
				return module, true
			}
		}
		return prefix, s.Module(prefix) != nil
	}}
}

// Apply returns the nodes of t that the filter selects, whole, with their
// ancestors and the keys of entries on the way. Defaults are seen and selected
// as the mode has them, for it comes before the filter (RFC 6243 Section 4.5.1).
// An expression that takes more than the Limits is a resource-denied or too-big;
// the end of ctx interrupts it.
func (x *XPath) Apply(ctx context.Context, t *tree.Tree, mode Mode) (*tree.Tree, error) {
	if mode == Trim {
		t, mode = Defaults(t, t, Trim, x.model), Explicit
	}
	env := xpath.NewEnv(x.model, t)
	env.Explicit, env.Context, env.Limits = mode == Explicit, ctx, x.Limits.Or(xpath.UserLimits)
	d := newDefaulter(t, mode, x.model)
	m := t.Blank().Mutate()
	var whole selected
	everything := false
	err := x.program.Each(env, env.Root(), func(c *xpath.Cursor) bool {
		if everything = c.Parent() == nil; everything || m.Meter().Full() {
			return false
		}
		if x.Depth == 0 && !whole.next(c) {
			return true
		}
		if n := d.selected(c); n != nil {
			putTo(into(m, c.Parent()), n, x.Depth)
		}
		return true
	})
	switch {
	case err != nil:
		return nil, ofRequest(err)
	case everything:
		return Depth(Defaults(t, t, mode, x.model), nil, x.Depth), nil
	}
	return m.Done(), nil
}

// ofRequest is the error of an evaluation as one of the request, not of the root.
func ofRequest(err error) error {
	var e *rpcerr.Error
	if errors.As(err, &e) {
		e = e.At("")
		e.Type = rpcerr.Protocol
		return e
	}
	return err
}

// selected is the last node that was selected whole, with its ancestors.
type selected []*tree.Node

// next tells whether c is outside of the last node, and is the last node then.
func (l *selected) next(c *xpath.Cursor) bool {
	for a := c; a != nil; a = a.Parent() {
		if l.is(a) {
			return false
		}
	}
	*l = (*l)[:0]
	for ; c != nil; c = c.Parent() {
		*l = append(*l, c.Node())
	}
	return true
}

// is tells whether c is the last node. Nodes can stand in several places.
func (l selected) is(c *xpath.Cursor) bool {
	for _, n := range l {
		if c == nil || c.Node() != n {
			return false
		}
		c = c.Parent()
	}
	return c == nil && len(l) > 0
}

// into opens the ancestors of a node in out, c the nearest.
func into(out *tree.Mut, c *xpath.Cursor) *tree.Mut {
	if c.Parent() == nil {
		return out
	}
	parent := into(out, c.Parent())
	n := c.Node()
	if s := n.Schema(); s.Kind == yang.List {
		if e := parent.Entry(s, n.Key()); e != nil {
			return e
		}
		if len(s.Keys) == 0 {
			parent.Append(n) // entries without keys cannot be told apart: shown whole
			return parent.Entry(s, n.Key())
		}
	} else if e := parent.Child(s); e != nil {
		return e
	}
	return open(parent, n)
}
