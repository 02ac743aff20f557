package xpath

import (
	"math"

	"github.com/altoam/altoam/yang"
)

// otherFunctions are those of XPath 1.0 Sections 4.3 and 4.4.
var otherFunctions = map[string]function{
	"boolean": {min: 1, max: 1, compile: func(_ *compiler, _ *yang.CallExpr, args []code, _ types) code {
		return boolCode(args[0].asBool())
	}},
	"not": {min: 1, max: 1, compile: func(_ *compiler, _ *yang.CallExpr, args []code, _ types) code {
		b := args[0].asBool()
		return boolCode(func(e *Env, f frame) bool { return !b(e, f) })
	}},
	"true":  {compile: constant(true)},
	"false": {compile: constant(false)},
	// A data tree has no xml:lang.
	"lang": {min: 1, max: 1, compile: constant(false)},
	"number": {max: 1, context: true, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		c := self(in)
		if len(args) > 0 {
			c = args[0]
		}
		k.readsBelow(c)
		return numberCode(c.asNumber())
	}},
	"sum": {min: 1, max: 1, nodes: 1, compile: func(k *compiler, _ *yang.CallExpr, args []code, _ types) code {
		k.readsBelow(args[0])
		return numberCode(func(e *Env, f frame) float64 {
			sum := 0.0
			args[0].set.each(e, f, func(c *Cursor) bool {
				sum += e.number(c)
				return e.why == running
			})
			return sum
		})
	}},
	"floor":   {min: 1, max: 1, compile: numeric(math.Floor)},
	"ceiling": {min: 1, max: 1, compile: numeric(math.Ceil)},
	"round":   {min: 1, max: 1, compile: numeric(round)},
}

func constant(v bool) func(*compiler, *yang.CallExpr, []code, types) code {
	return func(*compiler, *yang.CallExpr, []code, types) code {
		return boolCode(func(*Env, frame) bool { return v })
	}
}

func numeric(op func(float64) float64) func(*compiler, *yang.CallExpr, []code, types) code {
	return func(k *compiler, _ *yang.CallExpr, args []code, _ types) code {
		k.readsBelow(args[0])
		n := args[0].asNumber()
		return numberCode(func(e *Env, f frame) float64 { return op(n(e, f)) })
	}
}

// round rounds to the nearest integer, halves towards positive infinity.
func round(f float64) float64 {
	if f < 0 && f >= -0.5 {
		return math.Copysign(0, -1)
	}
	if whole := math.Floor(f); f-whole < 0.5 {
		return whole
	}
	return math.Ceil(f)
}
