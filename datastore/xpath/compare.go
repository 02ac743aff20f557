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
			for _, c := range l.set.collect(e, f) {
				if (e.number(c) == n) == eq {
					return true
				}
			}
			return false
		}
	case l.kind == kindNodes && eq:
		return func(e *Env, f frame) bool { return l.set.hasText(e, f, r.text(e, f)) }
	case l.kind == kindNodes:
		return func(e *Env, f frame) bool {
			text := r.text(e, f)
			for _, c := range l.set.collect(e, f) {
				if e.text(c) != text {
					return true
				}
			}
			return false
		}
	case l.kind == kindNumber || r.kind == kindNumber:
		a, b := l.asNumber(), r.asNumber()
		return func(e *Env, f frame) bool { return (a(e, f) == b(e, f)) == eq }
	}
	return func(e *Env, f frame) bool { return (l.text(e, f) == r.text(e, f)) == eq }
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
			return l.hasText(e, f, e.text(b[0]))
		}
		texts := make(map[string]bool, len(b))
		for _, c := range b {
			texts[e.text(c)] = true
		}
		for _, c := range l.collect(e, f) {
			if texts[e.text(c)] {
				return true
			}
		}
		return false
	}
}

// unequalSets tells whether the sets hold a pair of different string-values.
func unequalSets(l, r *nodeset) boolFunc {
	return func(e *Env, f frame) bool {
		a, b := l.collect(e, f), r.collect(e, f)
		if len(a) == 0 || len(b) == 0 {
			return false
		}
		first := e.text(a[0])
		for _, c := range b {
			if e.text(c) != first {
				return true
			}
		}
		for _, c := range a {
			if e.text(c) != first {
				return true
			}
		}
		return false
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
	for _, x := range c.set.collect(e, f) {
		n := e.number(x)
		switch {
		case math.IsNaN(n):
		case math.IsNaN(best):
			best = n
		default:
			best = better(best, n)
		}
	}
	return best
}
