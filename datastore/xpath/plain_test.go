package xpath_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// plain is a node of the data model of XPath 1.0 Section 5. With plainEval it is a
// second evaluation of parsed expressions, which follows the sentences of the
// recommendation one by one and knows nothing of cost.
type plain struct {
	name   string // "" for the root and text
	text   string // of a text node
	isText bool
	parent *plain
	kids   []*plain
	place  int    // in document order
	path   string // of the data node
}

// newPlain copies an accessible tree to its nodes in document order.
func newPlain(e *xpath.Env) (all []*plain) {
	var add func(c *xpath.Cursor, parent *plain) *plain
	add = func(c *xpath.Cursor, parent *plain) *plain {
		p := &plain{parent: parent, place: len(all), path: c.Path().String()}
		all = append(all, p)
		s := c.Schema()
		if parent != nil {
			p.name = s.Name
		}
		if s.IsLeafy() {
			if text := c.Node().Value().String(); text != "" {
				p.kids = []*plain{{text: text, isText: true, parent: p, place: len(all), path: p.path}}
				all = append(all, p.kids...)
			}
			return p
		}
		for _, d := range s.Data {
			for k := range e.Instances(c, d) {
				p.kids = append(p.kids, add(k, p))
			}
		}
		return p
	}
	add(e.Root(), nil)
	return all
}

// value is the string-value.
func (p *plain) value() string {
	text := p.text
	for _, k := range p.kids {
		text += k.value()
	}
	return text
}

func (p *plain) isAbove(q *plain) bool {
	for q = q.parent; q != nil; q = q.parent {
		if p == q {
			return true
		}
	}
	return false
}

// plainEval evaluates in a context (XPath 1.0 Section 1).
type plainEval struct {
	all       []*plain
	at        *plain
	pos, size int
	left      *int // steps before it panics with errPlain; nil for no limit
}

// errPlain is what the plain evaluation panics with when it gives up.
var errPlain = errors.New("takes too long")

// atRoot is the context of a whole expression.
func atRoot(all []*plain) plainEval { return plainEval{all: all, at: all[0], pos: 1, size: 1} }

// in is the context of a predicate.
func (e plainEval) in(at *plain, pos, size int) plainEval {
	e.at, e.pos, e.size = at, pos, size
	return e
}

// axis are the nodes of the axis in axis order (XPath 1.0 Section 2.2).
func (e plainEval) axis(a yang.Axis) (l []*plain) {
	if e.left != nil {
		if *e.left -= len(e.all); *e.left < 0 {
			panic(errPlain)
		}
	}
	at := e.at
	for _, p := range e.all {
		ok := false
		switch a {
		case yang.AxisChild:
			ok = p.parent == at
		case yang.AxisParent:
			ok = at.parent == p
		case yang.AxisSelf:
			ok = p == at
		case yang.AxisDescendant:
			ok = at.isAbove(p)
		case yang.AxisDescendantOrSelf:
			ok = at == p || at.isAbove(p)
		case yang.AxisAncestor:
			ok = p.isAbove(at)
		case yang.AxisAncestorOrSelf:
			ok = p == at || p.isAbove(at)
		case yang.AxisFollowing:
			ok = p.place > at.place && !at.isAbove(p)
		case yang.AxisPreceding:
			ok = p.place < at.place && !p.isAbove(at)
		case yang.AxisFollowingSibling:
			ok = at.parent != nil && p.parent == at.parent && p.place > at.place
		case yang.AxisPrecedingSibling:
			ok = at.parent != nil && p.parent == at.parent && p.place < at.place
		}
		if ok {
			l = append(l, p)
		}
	}
	switch a {
	case yang.AxisAncestor, yang.AxisAncestorOrSelf, yang.AxisPreceding, yang.AxisPrecedingSibling:
		slices.Reverse(l)
	}
	return l
}

func (p *plain) passes(s *yang.Step) bool {
	switch s.Test {
	case yang.TestNode:
		return true
	case yang.TestText:
		return p.isText
	case yang.TestAny:
		return p.name != ""
	case yang.TestName:
		return p.name == s.Name
	}
	return false
}

// filter applies predicates to l, which is in axis order (XPath 1.0 Section 2.4).
func (e plainEval) filter(l []*plain, preds []yang.Expr) []*plain {
	for _, x := range preds {
		var out []*plain
		for i, p := range l {
			switch v := e.in(p, i+1, len(l)).eval(x).(type) {
			case float64:
				if v == float64(i+1) {
					out = append(out, p)
				}
			default:
				if plainBool(v) {
					out = append(out, p)
				}
			}
		}
		l = out
	}
	return l
}

// inOrder is the set of the nodes in l in document order.
func inOrder(l []*plain) []*plain {
	l = slices.Clone(l)
	slices.SortFunc(l, func(a, b *plain) int { return a.place - b.place })
	return slices.Compact(l)
}

func (e plainEval) path(x *yang.PathExpr) []*plain {
	l := []*plain{e.at}
	switch {
	case x.Base != nil:
		l = inOrder(e.filter(e.eval(x.Base).([]*plain), x.Preds))
	case x.Absolute:
		l = e.all[:1]
	}
	for i := range x.Steps {
		s := &x.Steps[i]
		var out []*plain
		for _, p := range l {
			var found []*plain
			for _, q := range e.in(p, 0, 0).axis(s.Axis) {
				if q.passes(s) {
					found = append(found, q)
				}
			}
			out = append(out, e.filter(found, s.Preds)...)
		}
		l = inOrder(out)
	}
	return l
}

// eval returns a []*plain, bool, float64 or string.
func (e plainEval) eval(x yang.Expr) any {
	switch x := x.(type) {
	case yang.NumberExpr:
		return float64(x)
	case yang.LiteralExpr:
		return string(x)
	case *yang.NegateExpr:
		return -plainNumber(e.eval(x.X))
	case *yang.PathExpr:
		return e.path(x)
	case *yang.CallExpr:
		return e.call(x)
	case *yang.BinaryExpr:
		return e.binary(x)
	}
	panic(errPlain)
}

func (e plainEval) binary(x *yang.BinaryExpr) any {
	l, r := e.eval(x.L), e.eval(x.R)
	a, b := plainNumber(l), plainNumber(r)
	switch x.Op {
	case yang.OpOr:
		return plainBool(l) || plainBool(r)
	case yang.OpAnd:
		return plainBool(l) && plainBool(r)
	case yang.OpAdd:
		return a + b
	case yang.OpSub:
		return a - b
	case yang.OpMul:
		return a * b
	case yang.OpDiv:
		return a / b
	case yang.OpMod:
		return math.Mod(a, b)
	case yang.OpUnion:
		return inOrder(append(slices.Clone(l.([]*plain)), r.([]*plain)...))
	}
	return compare(x.Op, l, r)
}

// compare compares as XPath 1.0 Section 3.4 says, case by case.
func compare(op yang.Op, l, r any) bool {
	lset, lIsSet := l.([]*plain)
	rset, rIsSet := r.([]*plain)
	_, lIsBool := l.(bool)
	_, rIsBool := r.(bool)
	switch {
	case lIsSet && rIsBool:
		return compare(op, plainBool(l), r)
	case rIsSet && lIsBool:
		return compare(op, l, plainBool(r))
	case lIsSet:
		return slices.ContainsFunc(lset, func(p *plain) bool { return compare(op, p.value(), r) })
	case rIsSet:
		return slices.ContainsFunc(rset, func(p *plain) bool { return compare(op, l, p.value()) })
	}
	_, lIsNumber := l.(float64)
	_, rIsNumber := r.(float64)
	a, b := plainNumber(l), plainNumber(r)
	switch {
	case op == yang.OpLt:
		return a < b
	case op == yang.OpLe:
		return a <= b
	case op == yang.OpGt:
		return a > b
	case op == yang.OpGe:
		return a >= b
	}
	equal := false
	switch {
	case lIsBool || rIsBool:
		equal = plainBool(l) == plainBool(r)
	case lIsNumber || rIsNumber:
		equal = a == b
	default:
		equal = l.(string) == r.(string)
	}
	return equal == (op == yang.OpEq)
}

func plainBool(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return !(v == 0 || v != v)
	case string:
		return len(v) > 0
	}
	return len(v.([]*plain)) > 0
}

// plainNumber is number(): what is not written like a Number with an optional minus
// sign is NaN (XPath 1.0 Section 4.4).
func plainNumber(v any) float64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		v = strings.Trim(v, " \t\r\n")
		digits, dots := 0, 0
		for i, c := range v {
			switch {
			case c >= '0' && c <= '9':
				digits++
			case c == '.' && dots == 0:
				dots++
			case c == '-' && i == 0:
			default:
				return math.NaN()
			}
		}
		if digits == 0 {
			return math.NaN()
		}
		f, _, err := big.ParseFloat(strings.TrimSuffix(v, "."), 10, 2000, big.ToNearestEven)
		if err != nil {
			return math.NaN()
		}
		out, _ := f.Float64()
		return out
	}
	return plainNumber(plainText(v))
}

// plainText is string() (XPath 1.0 Section 4.2).
func plainText(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "true"
		}
		return "false"
	case string:
		return v
	case []*plain:
		if len(v) == 0 {
			return ""
		}
		return v[0].value()
	}
	f := v.(float64)
	switch {
	case f != f:
		return "NaN"
	case f == 0:
		return "0"
	case f > math.MaxFloat64:
		return "Infinity"
	case f < -math.MaxFloat64:
		return "-Infinity"
	}
	// As many digits as tell it from all other numbers, and no exponent.
	for digits := 0; ; digits++ {
		text := new(big.Float).SetFloat64(f).Text('f', digits)
		if plainNumber(text) == f {
			return text
		}
	}
}
