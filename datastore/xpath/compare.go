package xpath

import (
	"math"

	"github.com/altoam/altoam/yang"
)

// equality compiles "=", or "!=" when eq is false (XPath 1.0 Section 3.4).
func equality(eq bool, l, r code) boolFunc {
	if r.kind == kindNodes && l.kind != kindNodes {
		l, r = r, l
	}
	switch {
	case l.kind == kindNodes && r.kind == kindNodes:
		if !eq {
			return unequalSets(l.set, r.set)
		}
		return equalSets(l.set, r.set)
	case l.kind == kindBool || r.kind == kindBool:
		a, b := l.asBool(), r.asBool()
		return func(e *Env, f frame) bool { return (a(e, f) == b(e, f)) == eq }
	case l.kind == kindNodes && r.kind == kindNumber:
		return func(e *Env, f frame) bool {
			n := r.number(e, f)
			if l.set.one {
				c := l.set.first(e, f)
				return c != nil && (e.number(c) == n) == eq
			}
			return l.set.has(e, f, func(c *Cursor) bool { return (e.number(c) == n) == eq })
		}
	case l.kind == kindNodes && eq:
		return func(e *Env, f frame) bool { return l.set.hasText(e, f, literal{r.text(e, f), r.name}) }
	case l.kind == kindNodes:
		return func(e *Env, f frame) bool {
			want := literal{r.text(e, f), r.name}
			return l.set.has(e, f, func(c *Cursor) bool { return !want.is(e, c) })
		}
	case l.kind == kindNumber || r.kind == kindNumber:
		a, b := l.asNumber(), r.asNumber()
		return func(e *Env, f frame) bool { return (a(e, f) == b(e, f)) == eq }
	}
	return func(e *Env, f frame) bool {
		a, b := l.text(e, f), r.text(e, f)
		return e.read(a) && (a == b) == eq
	}
}

// equalSets tells whether the sets share a string-value. Cost is the sum of their
// sizes.
func equalSets(l, r *nodeset) boolFunc {
	if l.one {
		l, r = r, l
	}
	return func(e *Env, f frame) bool {
		b := r.collect(e, f)
		switch len(b) {
		case 0:
			return false
		case 1:
			return l.hasText(e, f, literal{text: e.text(b[0])})
		}
		e.hold(len(b) * mapEntry)
		texts := make(map[string]bool, len(b))
		for _, c := range b {
			if e.why != running {
				return false
			}
			texts[e.text(c)] = true
		}
		return l.has(e, f, func(c *Cursor) bool { return texts[e.text(c)] })
	}
}

// unequalSets tells whether the sets hold a pair of different string-values.
func unequalSets(l, r *nodeset) boolFunc {
	return func(e *Env, f frame) bool {
		a, b := l.first(e, f), r.first(e, f)
		if a == nil || b == nil {
			return false
		}
		first := e.text(a)
		other := func(c *Cursor) bool { return e.text(c) != first }
		return r.has(e, f, other) || l.has(e, f, other)
	}
}

// relation compiles "<", "<=", ">" and ">=" (XPath 1.0 Section 3.4).
func relation(op yang.Op, l, r code) boolFunc {
	if op == yang.OpGt || op == yang.OpGe {
		l, r = r, l
	}
	less := func(a, b float64) bool { return a < b }
	if op == yang.OpLe || op == yang.OpGe {
		less = func(a, b float64) bool { return a <= b }
	}
	switch {
	case l.kind == kindBool && r.kind == kindNodes, l.kind == kindNodes && r.kind == kindBool:
		a, b := l.asBool(), r.asBool()
		return func(e *Env, f frame) bool { return less(numberOfBool(a(e, f)), numberOfBool(b(e, f))) }
	case l.kind != kindNodes && r.kind != kindNodes:
		a, b := l.asNumber(), r.asNumber()
		return func(e *Env, f frame) bool { return less(a(e, f), b(e, f)) }
	}
	return func(e *Env, f frame) bool { return less(l.extreme(e, f, math.Min), r.extreme(e, f, math.Max)) }
}

// extreme is the smallest or greatest number among the nodes, NaN when none is a
// number; for other kinds the number.
func (c code) extreme(e *Env, f frame, better func(a, b float64) float64) float64 {
	if c.kind != kindNodes {
		return c.asNumber()(e, f)
	}
	if c.set.one {
		if x := c.set.first(e, f); x != nil {
			return e.number(x)
		}
		return math.NaN()
	}
	best := math.NaN()
	c.set.some(e, f, func(x *Cursor) bool {
		n := e.number(x)
		switch {
		case math.IsNaN(n):
		case math.IsNaN(best):
			best = n
		default:
			best = better(best, n)
		}
		return e.why == running
	})
	return best
}
