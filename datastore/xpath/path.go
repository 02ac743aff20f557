package xpath

import (
	"fmt"

	"github.com/altoam/altoam/yang"
)

// path compiles a location path or a filter expression.
func (k *compiler) path(x *yang.PathExpr, in types) (code, error) {
	start := oneNode(in, func(_ *Env, f frame) *Cursor { return f.at })
	var c code
	switch {
	case x.Base != nil:
		base, err := k.expr(x.Base, in)
		if err != nil {
			return code{}, err
		}
		if base.kind != kindNodes {
			return code{}, fmt.Errorf("what stands before a predicate or a path must be a node-set")
		}
		if start, err = k.filter(base.set, x.Preds); err != nil {
			return code{}, err
		}
		c = c.like(base)
	case x.Absolute:
		start = oneNode(k.root(), func(_ *Env, f frame) *Cursor { return f.at.top() })
		k.reads(start.types)
	}
	set, err := k.steps(start, x)
	if err != nil {
		return code{}, err
	}
	c.kind, c.set = kindNodes, set
	return c, nil
}

// root are the types of the root of the accessible tree.
func (k *compiler) root() types {
	n := k.model.schema.Root
	for s := k.ctx; s != nil; s = s.Parent {
		if s.Kind == yang.Structure {
			n = s
		}
	}
	return types{nodes: []*yang.Node{n}}
}

// filter compiles the predicates of a filter expression: positions count in the
// whole set.
func (k *compiler) filter(base *nodeset, preds []yang.Expr) (nodeset, error) {
	if len(preds) == 0 {
		return *base, nil
	}
	compiled, err := k.predicates(preds, base.types)
	if err != nil {
		return nodeset{}, err
	}
	set := nodeset{types: base.types, shape: shape{ordered: true, unique: true, one: base.one, flat: base.flat}}
	set.walk = func(e *Env, f frame, out *sink) bool {
		for _, c := range selectAll(e, base.collect(e, f), compiled) {
			if !out.take(e, c) {
				return false
			}
		}
		return true
	}
	return set, nil
}

// predicate is one compiled predicate.
type predicate struct {
	test       boolFunc
	positional bool
}

func (k *compiler) predicates(l []yang.Expr, in types) ([]predicate, error) {
	var out []predicate
	for _, x := range l {
		p, err := k.predicate(x, in)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// predicate compiles [x]; a number is a position (XPath 1.0 Section 2.4).
func (k *compiler) predicate(x yang.Expr, in types) (predicate, error) {
	c, err := k.expr(x, in)
	if err != nil {
		return predicate{}, err
	}
	if c.kind == kindNumber {
		return predicate{positional: true, test: func(e *Env, f frame) bool { return c.number(e, f) == float64(f.pos) }}, nil
	}
	if c.kind == kindText {
		k.readsBelow(c)
	}
	return predicate{test: c.asBool(), positional: c.positional}, nil
}

// selectAll applies predicates to l, in axis order, in place.
func selectAll(e *Env, l []*Cursor, preds []predicate) []*Cursor {
	for _, p := range preds {
		size := len(l)
		out := l[:0]
		for i, c := range l {
			if p.holds(e, frame{c, i + 1, size}) {
				out = append(out, c)
			}
		}
		l = out
	}
	return l
}

func (p predicate) holds(e *Env, f frame) bool {
	m := e.mark()
	ok := e.charge(1) && p.test(e, f)
	e.release(m)
	return ok && e.why == running
}

// steps compiles the steps of x, which start from the nodes of start.
func (k *compiler) steps(start nodeset, x *yang.PathExpr) (*nodeset, error) {
	set := &start
	var run []*step // since the last point where nodes are made distinct
	shape, at := start.shape, start.types
	for _, s := range shorten(x.Steps) {
		st, err := k.step(s, at)
		if err != nil {
			return nil, err
		}
		run = append(run, st)
		shape, at = st.reshape(shape), st.out
		if !shape.unique {
			set = joined(set, run, shape, at)
			run = nil
			shape.unique, shape.ordered = true, true
		}
	}
	if len(run) == 0 {
		return set, nil
	}
	return joined(set, run, shape, at), nil
}

// joined is the node-set that steps lead to from the nodes of set.
func joined(set *nodeset, run []*step, s shape, at types) *nodeset {
	w := walker(collector)
	for i := len(run) - 1; i >= 0; i-- {
		st, next := run[i], w
		w = func(e *Env, c *Cursor, out *sink) bool { return st.walk(e, c, next, out) }
	}
	out := &nodeset{types: at, shape: s}
	if set.one {
		out.walk = func(e *Env, f frame, out *sink) bool {
			c := set.first(e, f)
			return c == nil || w(e, c, out)
		}
		return out
	}
	out.walk = func(e *Env, f frame, out *sink) bool {
		for _, c := range set.collect(e, f) {
			if !w(e, c, out) {
				return false
			}
		}
		return true
	}
	return out
}

// shorten writes descendant-or-self::node()/child::x as descendant::x where the
// predicates of x do not count positions.
func shorten(l []yang.Step) []yang.Step {
	out := make([]yang.Step, 0, len(l))
	for _, s := range l {
		if n := len(out); n > 0 && s.Axis == yang.AxisChild && isAnyDepth(&out[n-1]) && !anyPositional(s.Preds) {
			s.Axis = yang.AxisDescendant
			out[n-1] = s
			continue
		}
		out = append(out, s)
	}
	return out
}

func isAnyDepth(s *yang.Step) bool {
	return s.Axis == yang.AxisDescendantOrSelf && s.Test == yang.TestNode && len(s.Preds) == 0
}

// anyPositional tells whether one of the predicates might count positions.
func anyPositional(l []yang.Expr) bool {
	for _, x := range l {
		if mayCount(x) {
			return true
		}
	}
	return false
}

// mayCount tells whether x may be a number or read the position.
func mayCount(x yang.Expr) bool {
	switch x := x.(type) {
	case *yang.BinaryExpr:
		return x.Op >= yang.OpAdd && x.Op != yang.OpUnion || readsPosition(x.L) || readsPosition(x.R)
	case *yang.PathExpr:
		return readsPosition(x)
	case yang.LiteralExpr, yang.NameExpr:
		return false
	}
	return true
}

// readsPosition tells whether x calls position() or last() for its own context.
func readsPosition(x yang.Expr) bool {
	switch x := x.(type) {
	case *yang.NegateExpr:
		return readsPosition(x.X)
	case *yang.BinaryExpr:
		return readsPosition(x.L) || readsPosition(x.R)
	case *yang.PathExpr:
		return x.Base != nil && readsPosition(x.Base)
	case *yang.CallExpr:
		if x.Name == "position" || x.Name == "last" {
			return true
		}
		for _, a := range x.Args {
			if readsPosition(a) {
				return true
			}
		}
	}
	return false
}
