package yang

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// patternExpr is an expression in the grammar of XML Schema Part 2 Appendix F.
// Where its rule for Char and its prose disagree, the rule holds: a brace that
// belongs to no quantifier is a literal.
type patternExpr struct {
	kind patternKind
	set  runeSet        // oneOf
	subs []*patternExpr // sequence, choice; repeat has one
	// repeat; max is unbounded when negative
	min, max int
}

type patternKind uint8

const (
	patternOneOf patternKind = iota
	patternSequence
	patternChoice
	patternRepeat
)

const (
	maxPatternText  = 64 << 10
	maxPatternDepth = 100
)

type patternParser struct {
	text  string
	pos   int
	depth int
}

func parsePattern(text string) (*patternExpr, error) {
	if len(text) > maxPatternText {
		return nil, fmt.Errorf("longer than %d octets", maxPatternText)
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("no valid UTF-8")
	}
	p := &patternParser{text: text}
	e, err := p.choice()
	if err == nil && p.pos < len(text) {
		err = p.errorf(`")" without "("`)
	}
	return e, err
}

func (p *patternParser) errorf(format string, args ...any) error {
	at := utf8.RuneCountInString(p.text[:p.pos]) + 1
	return fmt.Errorf("at character %d: %s", at, fmt.Sprintf(format, args...))
}

// peek is the next character, -1 at the end.
func (p *patternParser) peek() rune {
	if p.pos >= len(p.text) {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	return r
}

func (p *patternParser) next() rune {
	r, size := utf8.DecodeRuneInString(p.text[p.pos:])
	p.pos += size
	return r
}

func (p *patternParser) take(s string) bool {
	if strings.HasPrefix(p.text[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

func (p *patternParser) choice() (*patternExpr, error) {
	if p.depth++; p.depth > maxPatternDepth {
		return nil, p.errorf("parentheses nest deeper than %d", maxPatternDepth)
	}
	defer func() { p.depth-- }()
	e := &patternExpr{kind: patternChoice}
	for {
		s, err := p.sequence()
		if err != nil {
			return nil, err
		}
		e.subs = append(e.subs, s)
		if !p.take("|") {
			return e, nil
		}
	}
}

func (p *patternParser) sequence() (*patternExpr, error) {
	e := &patternExpr{kind: patternSequence}
	for r := p.peek(); r >= 0 && r != '|' && r != ')'; r = p.peek() {
		atom, err := p.atom()
		if err != nil {
			return nil, err
		}
		if atom, err = p.quantified(atom); err != nil {
			return nil, err
		}
		e.subs = append(e.subs, atom)
	}
	return e, nil
}

func (p *patternParser) atom() (*patternExpr, error) {
	switch r := p.peek(); r {
	case '?', '*', '+':
		return nil, p.errorf("%q has nothing to repeat; a literal %c is written \\%c", r, r, r)
	case '{':
		if next := p.text[p.pos+1:]; next != "" && isDigits(next[:1]) {
			return nil, p.errorf(`"{" has nothing to repeat; a literal { is written \{`)
		}
	case ']':
		return nil, p.errorf(`"]" without "["; a literal ] is written \]`)
	case '(':
		p.pos++
		if p.take("?") {
			p.pos--
			return nil, p.errorf(`"(?" is no XML Schema regular expression`)
		}
		e, err := p.choice()
		if err == nil && !p.take(")") {
			err = p.errorf(`expected ")"`)
		}
		return e, err
	case '[':
		p.pos++
		set, err := p.class()
		return &patternExpr{set: set}, err
	case '.':
		p.pos++
		return &patternExpr{set: notLineEnd}, nil
	case '\\':
		set, _, err := p.escape()
		return &patternExpr{set: set}, err
	}
	return &patternExpr{set: single(p.next())}, nil
}

// quantified reads the quantifier after an atom, if there is one.
func (p *patternParser) quantified(atom *patternExpr) (*patternExpr, error) {
	e := &patternExpr{kind: patternRepeat, subs: []*patternExpr{atom}, max: -1}
	switch p.peek() {
	case '?':
		e.max = 1
	case '*':
	case '+':
		e.min = 1
	case '{':
		return e, p.counts(e)
	default:
		return atom, nil
	}
	p.pos++
	if r := p.peek(); r == '?' || r == '*' || r == '+' || r == '{' {
		return nil, p.errorf("%q after a quantifier: XML Schema knows neither lazy nor repeated quantifiers", r)
	}
	return e, nil
}

// counts reads {n}, {n,} or {n,m}.
func (p *patternParser) counts(e *patternExpr) error {
	inside, _, closed := strings.Cut(p.text[p.pos+1:], "}")
	low, high, comma := strings.Cut(inside, ",")
	if !closed || !isDigits(low) || comma && high != "" && !isDigits(high) {
		return p.errorf(`expected {n}, {n,} or {n,m}; a literal { is written \{`)
	}
	var err, err2 error
	e.min, err = strconv.Atoi(low)
	switch {
	case !comma:
		e.max = e.min
	case high != "":
		e.max, err2 = strconv.Atoi(high)
	}
	switch {
	case err != nil || err2 != nil || e.min > maxPatternSize || e.max > maxPatternSize:
		return p.errorf("{%s} repeats more often than %d times", inside, maxPatternSize)
	case e.max >= 0 && e.min > e.max:
		return p.errorf("{%s} has its bounds the wrong way round", inside)
	}
	p.pos += len(inside) + 2
	if r := p.peek(); r == '?' || r == '*' || r == '+' || r == '{' {
		return p.errorf("%q after a quantifier: XML Schema knows neither lazy nor repeated quantifiers", r)
	}
	return nil
}
