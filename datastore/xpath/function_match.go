package xpath

import (
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/altoam/altoam/yang"
)

// maxStates bounds the states of all patterns in one expression.
const maxStates = 1 << 17

// compileMatch compiles re-match() (RFC 7950 Section 10.2.1); a malformed pattern
// matches nothing.
func compileMatch(k *compiler, x *yang.CallExpr, args []code, in types) code {
	subject, pattern := textOf(k, args, 0, in), textOf(k, args, 1, in)
	text, ok := literalText(x.Args[1])
	if !ok {
		return boolCode(func(e *Env, f frame) bool {
			s := subject(e, f)
			p := e.pattern(pattern(e, f))
			return p != nil && e.match(p, s)
		})
	}
	no := boolCode(func(*Env, frame) bool { return false })
	size, err := yang.PatternSize(text)
	if k.states += size; err == nil && k.states > maxStates {
		k.err = fmt.Errorf("the patterns of re-match() need more than %d states once their repetitions are written out", maxStates)
		return no
	}
	var p *yang.Pattern
	if err == nil {
		p, err = yang.CompilePattern(text, false)
	}
	if err != nil {
		k.warn("re-match: %v", err)
		return no
	}
	return boolCode(func(e *Env, f frame) bool { return e.match(p, subject(e, f)) })
}

// literalText is the text of a literal.
func literalText(x yang.Expr) (string, bool) {
	switch x := x.(type) {
	case yang.LiteralExpr:
		return string(x), true
	case yang.NameExpr:
		return x.Text, true
	}
	return "", false
}

// visitsPerState is what compiling one state of a pattern is charged.
const visitsPerState = 20

// pattern compiles a pattern that the expression made, or returns nil. The last
// one is kept.
func (e *Env) pattern(text string) *yang.Pattern {
	if e.lastPattern != nil && e.lastPattern.Text == text {
		return e.lastPattern
	}
	size, err := yang.PatternSize(text)
	if !e.charge(len(text)+size*visitsPerState) || err != nil {
		return nil
	}
	p, err := yang.CompilePattern(text, false)
	if err != nil {
		return nil
	}
	e.lastPattern = p
	return p
}

// match charges 32 steps of a state over a character as one visit.
func (e *Env) match(p *yang.Pattern, s string) bool {
	const stepsPerVisit, atOnce = 32, 1 << 20
	steps := (len(s) + 1) * (p.Size() + 1)
	if steps <= atOnce {
		return e.charge(steps/stepsPerVisit) && p.Match(s)
	}
	return p.MatchReader(&metered{e, s, p.Size()/stepsPerVisit + 1}) && e.why == running
}

// metered reads a text whose characters are charged, up to where the evaluation ends.
type metered struct {
	e    *Env
	text string
	cost int
}

func (m *metered) ReadRune() (rune, int, error) {
	if m.text == "" || !m.e.charge(m.cost) {
		return 0, 0, io.EOF
	}
	r, n := utf8.DecodeRuneInString(m.text)
	m.text = m.text[n:]
	return r, n, nil
}
