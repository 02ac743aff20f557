package xpath

import (
	"bytes"
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
				if !e.read(s) || !e.hold(len(s)) {
					return ""
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
		return boolCode(func(e *Env, f frame) bool {
			s := a(e, f)
			return e.read(s) && strings.Contains(s, b(e, f))
		})
	})},
	"substring-before": {min: 2, max: 2, compile: twoTexts(func(a, b textFunc) code {
		return textCode(func(e *Env, f frame) string {
			s := a(e, f)
			e.read(s)
			before, _, found := strings.Cut(s, b(e, f))
			if !found {
				return ""
			}
			return before
		})
	})},
	"substring-after": {min: 2, max: 2, compile: twoTexts(func(a, b textFunc) code {
		return textCode(func(e *Env, f frame) string {
			s := a(e, f)
			e.read(s)
			_, after, _ := strings.Cut(s, b(e, f))
			return after
		})
	})},
	"substring": {min: 2, max: 3, compile: compileSubstring},
	"string-length": {max: 1, context: true, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		text := textOf(k, args, 0, in)
		return numberCode(func(e *Env, f frame) float64 {
			s := text(e, f)
			e.read(s)
			return float64(utf8.RuneCountInString(s))
		})
	}},
	"normalize-space": {max: 1, context: true, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		text := textOf(k, args, 0, in)
		return textCode(func(e *Env, f frame) string {
			return e.made(normalize(text(e, f)))
		})
	}},
	"translate": {min: 3, max: 3, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		text, from, to := textOf(k, args, 0, in), textOf(k, args, 1, in), textOf(k, args, 2, in)
		return textCode(func(e *Env, f frame) string {
			s, a, b := text(e, f), from(e, f), to(e, f)
			if !e.charge((len(s) + len(a) + len(b)) / 16) {
				return ""
			}
			return e.made(translate(s, a, b))
		})
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
	var count numberFunc
	if len(args) == 3 {
		k.readsBelow(args[2])
		count = args[2].asNumber()
	}
	return textCode(func(e *Env, f frame) string {
		s := text(e, f)
		start, end := round(from(e, f)), math.Inf(1)
		if count != nil {
			end = start + round(count(e, f))
		}
		if !e.read(s) {
			return ""
		}
		return substring(s, start, end)
	})
}

// substring keeps the characters at the positions p with start <= p < end, from 1.
// It is part of s.
func substring(s string, start, end float64) string {
	from, p := -1, 0.0
	for i := range s {
		p++
		switch {
		case p >= start && p < end:
			if from < 0 {
				from = i
			}
		case from >= 0:
			return s[from:i]
		}
	}
	if from < 0 {
		return ""
	}
	return s[from:]
}

// normalize replaces white space by one blank and drops it at both ends.
func normalize(s string) string {
	isSpace := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch {
		case !isSpace(s[i]):
			b = append(b, s[i])
		case len(b) > 0 && b[len(b)-1] != ' ':
			b = append(b, ' ')
		}
	}
	return string(bytes.TrimSuffix(b, []byte(" ")))
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
