package xpath

import (
	"math"
	"strconv"
	"strings"

	"github.com/altoam/altoam/yang"
)

// text is the string-value of a node: the canonical value of a leaf, for other
// nodes that of all leafs below, one after the other (XPath 1.0 Section 5.2).
func (e *Env) text(c *Cursor) string {
	if c.Schema().IsLeafy() {
		return c.node.Value().String()
	}
	var b strings.Builder
	e.appendText(&b, c)
	return b.String()
}

// number is number() of the string-value.
func (e *Env) number(c *Cursor) float64 {
	v := c.node.Value()
	if n, ok := v.Int(); ok {
		return float64(n)
	}
	if n, ok := v.Uint(); ok {
		return float64(n)
	}
	return numberOf(e.text(c))
}

func (e *Env) appendText(b *strings.Builder, c *Cursor) bool {
	if c.Schema().IsLeafy() {
		b.WriteString(c.node.Value().String())
		return true
	}
	return e.children(c, func(x *Cursor) bool { return e.charge(1) && e.appendText(b, x) })
}

// children calls f for the children of c in document order, text nodes included,
// until it returns false. The cursors are of the arena and are given back, so f
// must not keep them.
func (e *Env) children(c *Cursor, f func(*Cursor) bool) bool {
	return e.eachChild(c, func(x *Cursor) (bool, bool) { return f(x), false })
}

// eachChild is children for an f that also tells whether it keeps the cursor.
func (e *Env) eachChild(c *Cursor, f func(*Cursor) (more, keep bool)) bool {
	if c.text {
		return true
	}
	s := c.Schema()
	if s.IsLeafy() {
		if c.node.Value().String() == "" {
			return true
		}
		x := e.arena.cursor(c.node, c)
		x.text, x.virtual = true, c.virtual
		more, _ := f(x)
		return more
	}
	for _, d := range s.Data {
		if !e.offerAll(c, d, f) {
			return false
		}
	}
	if e.op != nil && same(e.op.parent, c) {
		more, _ := f(e.op)
		return more
	}
	return true
}

// offerAll calls f for the instances of d below c.
func (e *Env) offerAll(c *Cursor, d *yang.Node, f func(*Cursor) (more, keep bool)) bool {
	masked := d == e.mask.schema && same(c, e.mask.parent)
	if d.Kind != yang.List && d.Kind != yang.LeafList || masked {
		n, virtual := e.child(c, d)
		if n == nil {
			return true
		}
		m := e.arena.mark()
		x := e.arena.cursor(n, c)
		x.virtual = virtual
		more, keep := f(x)
		if !keep {
			e.arena.release(m)
		}
		return more
	}
	if c.node.Has(d) {
		for n := range c.node.Entries(d) {
			m := e.arena.mark()
			more, keep := f(e.arena.cursor(n, c))
			if !keep {
				e.arena.release(m)
			}
			if !more {
				return false
			}
		}
		return true
	}
	for _, n := range e.absent(c, d) {
		x := e.arena.cursor(n, c)
		x.virtual = true
		if more, _ := f(x); !more {
			return false
		}
	}
	return true
}

// numberOf converts a string as number() does (XPath 1.0 Section 4.4).
func numberOf(s string) float64 {
	s = strings.Trim(s, " \t\r\n")
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(s, 64) // infinite when too large, as IEEE 754 has it
	return f
}

// formatNumber converts a number as string() does (XPath 1.0 Section 4.2).
func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func truth(f float64) bool { return f != 0 && !math.IsNaN(f) }

func formatBool(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func numberOfBool(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
