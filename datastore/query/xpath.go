package query

import (
	"errors"
	"fmt"

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

	program *xpath.Program
	model   *xpath.Model
}

// CompileXPath compiles a filter. What does not parse, or is no node-set, is an
// invalid-value that says where and why.
func CompileXPath(text string, o yang.XPathOptions, model *xpath.Model) (*XPath, error) {
	x, err := yang.ParseXPath(text, o)
	if err == nil {
		var p *xpath.Program
		p, err = model.Compile(x, model.Schema().Root)
		if err == nil && !p.IsNodes() {
			err = fmt.Errorf("%q gives no node-set", text)
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

// Apply returns the nodes of t that the filter selects, whole, with their
// ancestors and the keys of entries on the way. Defaults are seen and selected
// as the mode has them, for it comes before the filter (RFC 6243 Section 4.5.1).
func (x *XPath) Apply(t *tree.Tree, mode Mode) (*tree.Tree, error) {
	if mode == Trim {
		t, mode = Defaults(t, t, Trim, x.model), Explicit
	}
	env := xpath.NewEnv(x.model, t)
	env.Explicit = mode == Explicit
	found, err := x.program.Nodes(env, env.Root())
	if err != nil {
		return nil, err
	}
	d := newDefaulter(t, mode, x.model)
	m := tree.New(t.Schema()).Mutate()
	for _, c := range found {
		c = leafOf(c)
		if c.Parent() == nil { // the root: everything
			return Depth(Defaults(t, t, mode, x.model), nil, x.Depth), nil
		}
		if n := d.selected(c); n != nil {
			putTo(into(m, c.Parent()), n, x.Depth)
		}
	}
	return m.Done(), nil
}

// leafOf is the node itself, or the leaf of a text node.
func leafOf(c *xpath.Cursor) *xpath.Cursor {
	for c.Parent() != nil && c.Parent().Node() == c.Node() {
		c = c.Parent()
	}
	return c
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
