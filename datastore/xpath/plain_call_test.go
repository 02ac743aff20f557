package xpath_test

import (
	"math"
	"strings"

	"github.com/altoam/altoam/yang"
)

// call evaluates the functions of XPath 1.0 Section 4.
func (e plainEval) call(x *yang.CallExpr) any {
	var args []any
	for _, a := range x.Args {
		args = append(args, e.eval(a))
	}
	var first any = []*plain{e.at} // of functions that take the context node by default
	if len(args) > 0 {
		first = args[0]
	}
	text := func(i int) string { return plainText(args[i]) }
	switch x.Name {
	case "last":
		return float64(e.size)
	case "position":
		return float64(e.pos)
	case "count":
		return float64(len(first.([]*plain)))
	case "id":
		return []*plain{}
	case "local-name", "name":
		if l := first.([]*plain); len(l) > 0 {
			return l[0].name
		}
		return ""
	case "string":
		return plainText(first)
	case "concat":
		out := ""
		for i := range args {
			out += text(i)
		}
		return out
	case "starts-with":
		return strings.HasPrefix(text(0), text(1))
	case "contains":
		return strings.Contains(text(0), text(1))
	case "substring-before":
		if i := strings.Index(text(0), text(1)); i >= 0 {
			return text(0)[:i]
		}
		return ""
	case "substring-after":
		if i := strings.Index(text(0), text(1)); i >= 0 {
			return text(0)[i+len(text(1)):]
		}
		return ""
	case "substring":
		return plainSubstring(text(0), args[1:])
	case "string-length":
		return float64(len([]rune(plainText(first))))
	case "normalize-space":
		return strings.Join(strings.Fields(plainText(first)), " ")
	case "translate":
		return plainTranslate(text(0), []rune(text(1)), []rune(text(2)))
	case "boolean":
		return plainBool(first)
	case "not":
		return !plainBool(first)
	case "true":
		return true
	case "false", "lang":
		return false
	case "number":
		return plainNumber(first)
	case "sum":
		sum := 0.0
		for _, p := range first.([]*plain) {
			sum += plainNumber(p.value())
		}
		return sum
	case "floor":
		return math.Floor(plainNumber(first))
	case "ceiling":
		return math.Ceil(plainNumber(first))
	case "round":
		return plainRound(plainNumber(first))
	}
	panic(errPlain) // a function of YANG
}

func plainRound(f float64) float64 {
	if f != f || math.IsInf(f, 0) || f == 0 {
		return f
	}
	if f < 0 && f >= -0.5 {
		return math.Copysign(0, -1)
	}
	below, above := math.Floor(f), math.Ceil(f)
	if f-below < above-f {
		return below
	}
	return above // the nearer one, or of two the one closer to positive infinity
}

func plainSubstring(s string, args []any) string {
	from := plainRound(plainNumber(args[0]))
	out := ""
	for i, r := range []rune(s) {
		pos := float64(i + 1)
		if pos >= from && (len(args) == 1 || pos < from+plainRound(plainNumber(args[1]))) {
			out += string(r)
		}
	}
	return out
}

func plainTranslate(s string, from, to []rune) string {
	out := ""
next:
	for _, r := range s {
		for i, f := range from {
			if r != f {
				continue
			}
			if i < len(to) {
				out += string(to[i])
			}
			continue next
		}
		out += string(r)
	}
	return out
}
