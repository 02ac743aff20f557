package xpath

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/altoam/altoam/yang"
)

// stringFunctions are those of XPath 1.0 Section 4.2.
var stringFunctions = map[string]function{
	"string": {max: 1, context: true, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		return textCode(textOf(k, args, 0, in))
	}},
	"concat": {min: 2, max: -1, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		parts := make([]textFunc, len(args))
		for i := range args {
			parts[i] = textOf(k, args, i, in)
		}
		return textCode(func(e *Env, f frame) string {
			var b strings.Builder
			for _, p := range parts {
				s := p(e, f)
				if !e.charge(len(s) / 64) {
					break
				}
				b.WriteString(s)
			}
			return b.String()
		})
	}},
	"starts-with": {min: 2, max: 2, compile: twoTexts(func(a, b textFunc) code {
		return boolCode(func(e *Env, f frame) bool { return strings.HasPrefix(a(e, f), b(e, f)) })
	})},
	"contains": {min: 2, max: 2, compile: twoTexts(func(a, b textFunc) code {
		return boolCode(func(e *Env, f frame) bool { return strings.Contains(a(e, f), b(e, f)) })
	})},
	"substring-before": {min: 2, max: 2, compile: twoTexts(func(a, b textFunc) code {
		return textCode(func(e *Env, f frame) string {
			before, _, found := strings.Cut(a(e, f), b(e, f))
			if !found {
				return ""
			}
			return before
		})
	})},
	"substring-after": {min: 2, max: 2, compile: twoTexts(func(a, b textFunc) code {
		return textCode(func(e *Env, f frame) string {
			_, after, _ := strings.Cut(a(e, f), b(e, f))
			return after
		})
	})},
	"substring": {min: 2, max: 3, compile: compileSubstring},
	"string-length": {max: 1, context: true, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		text := textOf(k, args, 0, in)
		return numberCode(func(e *Env, f frame) float64 { return float64(utf8.RuneCountInString(text(e, f))) })
	}},
	"normalize-space": {max: 1, context: true, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		text := textOf(k, args, 0, in)
		return textCode(func(e *Env, f frame) string {
			return strings.Join(strings.FieldsFunc(text(e, f), func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " ")
		})
	}},
	"translate": {min: 3, max: 3, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		text, from, to := textOf(k, args, 0, in), textOf(k, args, 1, in), textOf(k, args, 2, in)
		return textCode(func(e *Env, f frame) string { return translate(text(e, f), from(e, f), to(e, f)) })
	}},
}

func twoTexts(make func(a, b textFunc) code) func(*compiler, *yang.CallExpr, []code, types) code {
	return func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		return make(textOf(k, args, 0, in), textOf(k, args, 1, in))
	}
}

func compileSubstring(k *compiler, _ *yang.CallExpr, args []code, in types) code {
	text := textOf(k, args, 0, in)
	k.readsBelow(args[1])
	from := args[1].asNumber()
	count := func(*Env, frame) float64 { return math.Inf(1) }
	if len(args) == 3 {
		k.readsBelow(args[2])
		count = args[2].asNumber()
	}
	return textCode(func(e *Env, f frame) string {
		start := round(from(e, f))
		return substring(text(e, f), start, start+round(count(e, f)))
	})
}

// substring keeps the characters at the positions p with start <= p < end, from 1.
func substring(s string, start, end float64) string {
	var b strings.Builder
	p := 0.0
	for _, r := range s {
		if p++; p >= start && p < end {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// translate replaces characters in from by those at the same place in to, and
// drops those that have none.
func translate(s, from, to string) string {
	replace := map[rune]rune{}
	target := []rune(to)
	i := 0
	for _, r := range from {
		if _, ok := replace[r]; !ok {
			replace[r] = -1
			if i < len(target) {
				replace[r] = target[i]
			}
		}
		i++
	}
	return strings.Map(func(r rune) rune {
		if t, ok := replace[r]; ok {
			return t
		}
		return r
	}, s)
}
