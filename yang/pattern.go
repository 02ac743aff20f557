package yang

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"
	"sync"
)

// CompilePattern compiles a pattern statement's argument or that of re-match, an
// XML Schema regular expression (RFC 7950 Sections 9.4.5 and 10.2.1); invert
// makes it the pattern of what must not match. The error says where it is
// malformed, or why it cannot be run: expressions are matched by Go's regexp in
// linear time, within limits on their size after repetitions are written out.
func CompilePattern(text string, invert bool) (*Pattern, error) {
	c, err := compiled.get(text)
	if err != nil {
		return nil, err
	}
	return &Pattern{Text: text, Invert: invert, re: c.re, size: c.size}, nil
}

// PatternSize is the number of states of a pattern once its repetitions are
// written out, without compiling it: that takes about a microsecond and 70 octets
// for each.
func PatternSize(text string) (int, error) {
	e, err := parsePattern(text)
	if err != nil {
		return 0, fmt.Errorf("pattern %s: %w", quote(text), err)
	}
	return e.size(), nil
}

// Size is the number of states. A match takes at most about 10 ns for each state
// and character.
func (p *Pattern) Size() int { return p.size }

// MatchReader is Match for the characters that r gives until its first error.
func (p *Pattern) MatchReader(r io.RuneReader) bool { return p.re.MatchReader(r) != p.Invert }

// Match tells whether the whole of s satisfies the pattern, invert-match
// included. Cost is linear in s.
func (p *Pattern) Match(s string) bool { return p.re.MatchString(s) != p.Invert }

func (p *Pattern) violated() string {
	if p.Invert {
		return "matches a pattern that it must not match"
	}
	return "does not match the pattern"
}

// rule is what a string does that satisfies the pattern.
func (p *Pattern) rule() string {
	if p.Invert {
		return "does not match the pattern " + p.Text
	}
	return "matches the pattern " + p.Text
}

// patternCache keeps compiled expressions by their text: types share patterns,
// and re-match meets the same ones again and again.
type patternCache struct {
	mu   sync.Mutex
	m    map[string]compiledPattern
	size int // of all
}

type compiledPattern struct {
	re   *regexp.Regexp
	size int
}

// maxCachedStates bounds what expressions of clients can make the cache keep.
const maxCachedStates = 1 << 19

var compiled patternCache

func (c *patternCache) get(text string) (compiledPattern, error) {
	c.mu.Lock()
	p, ok := c.m[text]
	c.mu.Unlock()
	if ok {
		return p, nil
	}
	p, err := compilePattern(text)
	if err != nil {
		return p, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cost := p.size + len(text)
	if c.m == nil || c.size+cost > maxCachedStates {
		c.m, c.size = make(map[string]compiledPattern), 0
	}
	if _, ok := c.m[text]; !ok {
		c.m[text] = p
		c.size += cost
	}
	return p, nil
}

func compilePattern(text string) (c compiledPattern, err error) {
	e, err := parsePattern(text)
	if err != nil {
		return c, fmt.Errorf("pattern %s: %w", quote(text), err)
	}
	goText, err := e.goText()
	if err != nil {
		return c, fmt.Errorf("pattern %s: %w", quote(text), err)
	}
	re, err := regexp.Compile(goText)
	if err != nil {
		var s *syntax.Error
		if errors.As(err, &s) {
			err = errors.New(s.Code.String())
		}
		return c, fmt.Errorf("pattern %s cannot be run: %w", quote(text), err)
	}
	return compiledPattern{re, e.size()}, nil
}
