package yang

import (
	"errors"
	"fmt"
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
	re, err := compiled.get(text)
	if err != nil {
		return nil, err
	}
	return &Pattern{Text: text, Invert: invert, re: re}, nil
}

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
	mu sync.Mutex
	m  map[string]*regexp.Regexp
}

// maxCachedPatterns bounds what expressions of clients can make the cache keep.
const maxCachedPatterns = 1024

var compiled patternCache

func (c *patternCache) get(text string) (*regexp.Regexp, error) {
	c.mu.Lock()
	re := c.m[text]
	c.mu.Unlock()
	if re != nil {
		return re, nil
	}
	re, err := compilePattern(text)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxCachedPatterns {
		c.m = make(map[string]*regexp.Regexp)
	}
	c.m[text] = re
	return re, nil
}

func compilePattern(text string) (*regexp.Regexp, error) {
	e, err := parsePattern(text)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", quote(text), err)
	}
	goText, err := e.goText()
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", quote(text), err)
	}
	re, err := regexp.Compile(goText)
	if err != nil {
		var s *syntax.Error
		if errors.As(err, &s) {
			err = errors.New(s.Code.String())
		}
		return nil, fmt.Errorf("pattern %s cannot be run: %w", quote(text), err)
	}
	return re, nil
}
