package xpath

import "math"

// kind is one of the four types of XPath 1.0.
type kind uint8

const (
	kindNodes kind = iota
	kindBool
	kindNumber
	kindText
)

// frame is the context of a subexpression (XPath 1.0 Section 1): node, position
// and size. current() is in the Env.
type frame struct {
	at        *Cursor
	pos, size int
}

type (
	boolFunc   func(*Env, frame) bool
	numberFunc func(*Env, frame) float64
	textFunc   func(*Env, frame) string
)

// code is a compiled expression. The function of its kind is set.
type code struct {
	kind   kind
	bool   boolFunc
	number numberFunc
	text   textFunc
	set    *nodeset

	name       string // of a literal: see literal.name
	positional bool   // depends on position or size
}

func boolCode(f boolFunc) code     { return code{kind: kindBool, bool: f} }
func numberCode(f numberFunc) code { return code{kind: kindNumber, number: f} }
func textCode(f textFunc) code     { return code{kind: kindText, text: f} }
func nodesCode(n *nodeset) code    { return code{kind: kindNodes, set: n} }

// asBool converts as boolean() does (XPath 1.0 Section 4.3).
func (c code) asBool() boolFunc {
	switch c.kind {
	case kindBool:
		return c.bool
	case kindNumber:
		return func(e *Env, f frame) bool { return truth(c.number(e, f)) }
	case kindText:
		return func(e *Env, f frame) bool { return c.text(e, f) != "" }
	}
	return c.set.any
}

// asNumber converts as number() does (XPath 1.0 Section 4.4).
func (c code) asNumber() numberFunc {
	switch c.kind {
	case kindBool:
		return func(e *Env, f frame) float64 { return numberOfBool(c.bool(e, f)) }
	case kindNumber:
		return c.number
	}
	if c.kind == kindText {
		return func(e *Env, f frame) float64 { return numberOf(c.text(e, f)) }
	}
	return func(e *Env, f frame) float64 {
		if x := c.set.first(e, f); x != nil {
			return e.number(x)
		}
		return math.NaN()
	}
}

// asText converts as string() does (XPath 1.0 Section 4.2).
func (c code) asText() textFunc {
	switch c.kind {
	case kindBool:
		return func(e *Env, f frame) string { return formatBool(c.bool(e, f)) }
	case kindNumber:
		return func(e *Env, f frame) string { return formatNumber(c.number(e, f)) }
	case kindText:
		return c.text
	}
	return func(e *Env, f frame) string {
		if x := c.set.first(e, f); x != nil {
			return e.text(x)
		}
		return ""
	}
}
