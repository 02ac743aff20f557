package yang

import (
	"strconv"
	"strings"
	"sync"
)

// maxECMAText bounds the text that ECMA gives.
const maxECMAText = 4 << 10

// ECMA is the pattern, anchored, as an expression of ECMA-262 with the flag u, the
// dialect of JSON Schema 2020-12 (Section 6.4 of its core); invert-match is not part of it. It
// matches the same strings; where a Unicode category is named, it is that of the
// engine's version of Unicode. Expressions without categories run in Go and
// Python as they are. ok is false where that would take more than 4 KiB, or where a
// class of the pattern has no characters.
func (p *Pattern) ECMA() (text string, ok bool) {
	e, err := parsePattern(p.Text)
	if err != nil {
		return "", false
	}
	w := ecmaWriter{}
	w.b.WriteString("^")
	w.top(e)
	w.b.WriteString("$")
	if w.failed || w.b.Len() > maxECMAText {
		return "", false
	}
	return w.b.String(), true
}

type ecmaWriter struct {
	b      strings.Builder
	failed bool
}

// top writes e, grouped where it has alternatives.
func (w *ecmaWriter) top(e *patternExpr) {
	if e.kind == patternChoice && len(e.subs) == 1 {
		w.expr(e.subs[0])
		return
	}
	w.expr(e)
}

func (w *ecmaWriter) expr(e *patternExpr) {
	if w.failed = w.failed || w.b.Len() > maxECMAText; w.failed {
		return
	}
	switch e.kind {
	case patternOneOf:
		w.set(e.set)
	case patternSequence:
		for _, s := range e.subs {
			w.expr(s)
		}
	case patternChoice:
		w.b.WriteString("(?:")
		for i, s := range e.subs {
			if i > 0 {
				w.b.WriteByte('|')
			}
			w.expr(s)
		}
		w.b.WriteByte(')')
	case patternRepeat:
		w.repeat(e)
	}
}

// repeat writes an atom, which is a class or a group, with its quantifier.
func (w *ecmaWriter) repeat(e *patternExpr) {
	w.expr(e.subs[0])
	switch {
	case e.min == 0 && e.max == 1:
		w.b.WriteByte('?')
	case e.min == 0 && e.max < 0:
		w.b.WriteByte('*')
	case e.min == 1 && e.max < 0:
		w.b.WriteByte('+')
	case e.max < 0:
		w.b.WriteString("{" + strconv.Itoa(e.min) + ",}")
	case e.min == e.max:
		w.b.WriteString("{" + strconv.Itoa(e.min) + "}")
	default:
		w.b.WriteString("{" + strconv.Itoa(e.min) + "," + strconv.Itoa(e.max) + "}")
	}
}

// set writes a class, negated where that is shorter.
func (w *ecmaWriter) set(s runeSet) {
	s = s.finish(false)
	if len(s) == 0 {
		w.failed = true
		return
	}
	if len(s) == 1 && s[0].first == s[0].last {
		w.b.WriteString(ecmaRune(s[0].first, `^$\.*+?()[]{}|`))
		return
	}
	not := s.negate()
	if len(not) == 0 {
		w.b.WriteString(`[\s\S]`)
		return
	}
	text, negated := ecmaClass(s), ecmaClass(not)
	if len(negated) < len(text) {
		text = "^" + negated
	}
	w.b.WriteString("[" + text + "]")
}

// manyRanges is when a set is looked at for Unicode categories in it.
const manyRanges = 16

func ecmaClass(s runeSet) string {
	var b strings.Builder
	if len(s) > manyRanges {
		for _, c := range categorySets() {
			if s.covers(c.set) {
				b.WriteString(`\p{` + c.name + "}")
				s = s.subtract(c.set)
			}
		}
	}
	for _, r := range s {
		first, last := betweenSurrogates(r)
		if first > last {
			continue
		}
		b.WriteString(ecmaRune(first, `^\[]-`))
		if last > first+1 {
			b.WriteByte('-')
		}
		if last > first {
			b.WriteString(ecmaRune(last, `^\[]-`))
		}
	}
	return b.String()
}

// covers tells whether all of o is in s; both are finished.
func (s runeSet) covers(o runeSet) bool {
	i := 0
	for _, r := range o {
		for i < len(s) && s[i].last < r.first {
			i++
		}
		if i == len(s) || s[i].first > r.first || s[i].last < r.last {
			return false
		}
	}
	return true
}

// betweenSurrogates shrinks a range that starts or ends with a surrogate: no string has
// one.
func betweenSurrogates(r runeRange) (first, last rune) {
	first, last = r.first, r.last
	if first >= 0xd800 && first <= 0xdfff {
		first = 0xe000
	}
	if last >= 0xd800 && last <= 0xdfff {
		last = 0xd7ff
	}
	return first, last
}

func ecmaRune(r rune, special string) string {
	switch {
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return `\x` + string("0123456789abcdef"[r>>4]) + string("0123456789abcdef"[r&15])
	case strings.ContainsRune(special, r):
		return `\` + string(r)
	}
	return string(r)
}

type category struct {
	name string
	set  runeSet
}

// categorySets are the Unicode categories, the wide ones first.
var categorySets = sync.OnceValue(func() []category {
	var wide, narrow []category
	for name := range strings.FieldsSeq(categoryNames) {
		set, _ := property(name)
		if len(name) == 1 {
			wide = append(wide, category{name, set})
		} else if name != "Cs" && name != "Cn" {
			narrow = append(narrow, category{name, set})
		}
	}
	return append(wide, narrow...)
})
