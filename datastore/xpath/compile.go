package xpath

import (
	"fmt"
	"math"

	"github.com/altoam/altoam/yang"
)

// compiler turns one expression into code.
type compiler struct {
	model    *Model
	ctx      *yang.Node
	op       *yang.Node // the input, output or notification that ctx is in or is
	context  types
	deps     map[*yang.Node]bool
	unknown  bool
	warnings []string
	states   int      // of the patterns of re-match
	err      error    // found while a function was compiled
	marked   []uint32 // by yang.Node.ID: see fresh
	round    uint32
}

func newCompiler(m *Model, ctx *yang.Node) *compiler {
	k := &compiler{model: m, ctx: ctx, deps: map[*yang.Node]bool{}, context: types{unknown: ctx == nil}}
	if ctx != nil {
		k.context.nodes = []*yang.Node{ctx}
		k.op = operation(ctx)
	}
	return k
}

// operation is the input, output or notification that n is or stands in, or nil.
func operation(n *yang.Node) *yang.Node {
	for ; n != nil; n = n.Parent {
		switch n.Kind {
		case yang.Input, yang.Output, yang.Notification:
			return n
		}
	}
	return nil
}

func (k *compiler) program(text string, c code) *Program {
	d := dependencies{seen: k.deps}
	return &Program{
		text: text, model: k.model, code: c,
		deps: d.sorted(), unknown: k.unknown, warnings: k.warnings,
	}
}

// reads records schema nodes that the result depends on.
func (k *compiler) reads(t types) {
	k.unknown = k.unknown || t.unknown
	for _, n := range t.nodes {
		k.deps[n] = true
	}
}

// readsBelow records that string-values of c's nodes are read.
func (k *compiler) readsBelow(c code) {
	if c.kind != kindNodes {
		return
	}
	k.reads(types{nodes: k.below(c.set.types)})
}

func (k *compiler) warn(format string, args ...any) {
	k.warnings = append(k.warnings, fmt.Sprintf(format, args...))
}

// expr compiles x for context nodes of the types in.
func (k *compiler) expr(x yang.Expr, in types) (code, error) {
	switch x := x.(type) {
	case yang.NumberExpr:
		return numberCode(func(*Env, frame) float64 { return float64(x) }), nil
	case yang.LiteralExpr:
		return textCode(func(*Env, frame) string { return string(x) }), nil
	case yang.NameExpr:
		c := textCode(func(*Env, frame) string { return x.Text })
		c.name = x.Name
		return c, nil
	case yang.VariableExpr:
		return code{}, fmt.Errorf("there is no variable $%s: YANG expressions have none", string(x))
	case *yang.NegateExpr:
		return k.negate(x, in)
	case *yang.BinaryExpr:
		return k.binary(x, in)
	case *yang.CallExpr:
		return k.call(x, in)
	case *yang.PathExpr:
		return k.path(x, in)
	}
	return code{}, fmt.Errorf("unknown expression %T", x)
}

func (k *compiler) negate(x *yang.NegateExpr, in types) (code, error) {
	c, err := k.expr(x.X, in)
	if err != nil {
		return code{}, err
	}
	k.readsBelow(c)
	number := c.asNumber()
	return numberCode(func(e *Env, f frame) float64 { return -number(e, f) }).like(c), nil
}

// like makes c positional where an operand is.
func (c code) like(operands ...code) code {
	for _, o := range operands {
		c.positional = c.positional || o.positional
	}
	return c
}

func (k *compiler) binary(x *yang.BinaryExpr, in types) (code, error) {
	l, err := k.expr(x.L, in)
	if err != nil {
		return code{}, err
	}
	r, err := k.expr(x.R, in)
	if err != nil {
		return code{}, err
	}
	switch x.Op {
	case yang.OpOr:
		a, b := l.asBool(), r.asBool()
		return boolCode(func(e *Env, f frame) bool { return a(e, f) || b(e, f) }).like(l, r), nil
	case yang.OpAnd:
		a, b := l.asBool(), r.asBool()
		return boolCode(func(e *Env, f frame) bool { return a(e, f) && b(e, f) }).like(l, r), nil
	case yang.OpUnion:
		return k.union(l, r)
	}
	k.readsBelow(l)
	k.readsBelow(r)
	switch x.Op {
	case yang.OpEq, yang.OpNe:
		return boolCode(equality(x.Op == yang.OpEq, l, r)).like(l, r), nil
	case yang.OpLt, yang.OpLe, yang.OpGt, yang.OpGe:
		return boolCode(relation(x.Op, l, r)).like(l, r), nil
	}
	a, b := l.asNumber(), r.asNumber()
	var f numberFunc
	switch x.Op {
	case yang.OpAdd:
		f = func(e *Env, f frame) float64 { return a(e, f) + b(e, f) }
	case yang.OpSub:
		f = func(e *Env, f frame) float64 { return a(e, f) - b(e, f) }
	case yang.OpMul:
		f = func(e *Env, f frame) float64 { return a(e, f) * b(e, f) }
	case yang.OpDiv:
		f = func(e *Env, f frame) float64 { return a(e, f) / b(e, f) }
	case yang.OpMod:
		f = func(e *Env, f frame) float64 { return math.Mod(a(e, f), b(e, f)) }
	default:
		return code{}, fmt.Errorf("unknown operator %d", x.Op)
	}
	return numberCode(f).like(l, r), nil
}

// union compiles "l | r".
func (k *compiler) union(l, r code) (code, error) {
	if l.kind != kindNodes || r.kind != kindNodes {
		return code{}, fmt.Errorf(`both sides of "|" must be node-sets`)
	}
	return nodesCode(&nodeset{
		types: l.set.types.union(r.set.types),
		walk: func(e *Env, f frame, out *sink) bool {
			return l.set.walk(e, f, out) && r.set.walk(e, f, out)
		},
	}).like(l, r), nil
}
