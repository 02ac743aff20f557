package xpath

import (
	"math"
	"strconv"
	"strings"
)

// text is the string-value of a node: the canonical value of a leaf, for other
// nodes that of all leafs below, one after the other (XPath 1.0 Section 5.2).
func (e *Env) text(c *Cursor) string {
	if c.Schema().IsLeafy() {
		s := c.node.Value().String()
		e.read(s)
		return s
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
		s := c.node.Value().String()
		b.WriteString(s)
		return e.read(s) && e.hold(len(s))
	}
	return e.eachChild(c, func(x *Cursor) (more, keep bool) { return e.charge(1) && e.appendText(b, x), false })
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
