package yang

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// XPathError says where an expression is wrong.
type XPathError struct {
	Text     string // the expression
	Position int    // of the wrong character, counted in characters from 1
	Message  string // what is wrong there, or what was expected
}

func (e *XPathError) Error() string {
	return fmt.Sprintf("XPath %s: at character %d: %s", quote(e.Text), e.Position, e.Message)
}

// xpathTokenKind is what a token is after the rules of XPath 1.0 Section 3.7
// have told names and "*" from operators.
type xpathTokenKind uint8

const (
	tokenEnd      xpathTokenKind = iota
	tokenSymbol                  // ( ) [ ] . .. @ , $
	tokenOperator                // and or mod div * / // | + - = != < <= > >=
	tokenName                    // name test: "a", "p:a", "*", "p:*"
	tokenFunction                // name before "("
	tokenNodeType                // comment, text, processing-instruction, node before "("
	tokenAxis                    // name before "::", which it includes
	tokenLiteral
	tokenNumber
)

type xpathToken struct {
	kind xpathTokenKind
	// text is the symbol or operator, the local name, the axis's name, the
	// literal without quotes, or the number as written.
	text   string
	prefix string // of a name, or of a literal that is written like one and could be resolved
	module string // of a prefixed name, once resolved
	pos    int
}

func (t xpathToken) is(kind xpathTokenKind, text string) bool {
	return t.kind == kind && t.text == text
}

// String names the token in messages.
func (t xpathToken) String() string {
	switch {
	case t.kind == tokenEnd:
		return "the end"
	case t.kind == tokenLiteral:
		return "a literal"
	case t.prefix != "":
		return strconv.Quote(t.prefix + ":" + t.text)
	}
	return strconv.Quote(t.text)
}

type xpathLexer struct {
	text   string
	pos    int
	tokens []xpathToken
}

const (
	// maxXPathText bounds the octets of an expression.
	maxXPathText = 64 << 10
)

func xpathErrorAt(text string, offset int, format string, args ...any) *XPathError {
	return &XPathError{Text: text, Position: utf8.RuneCountInString(text[:offset]) + 1, Message: fmt.Sprintf(format, args...)}
}

// lexXPath splits text into tokens, the last of which is tokenEnd.
func lexXPath(text string) ([]xpathToken, error) {
	if len(text) > maxXPathText {
		return nil, &XPathError{Text: text, Position: 1, Message: fmt.Sprintf("the expression is longer than %d octets", maxXPathText)}
	}
	l := &xpathLexer{text: text}
	for {
		l.space()
		if l.pos == len(text) {
			return append(l.tokens, xpathToken{pos: l.pos}), nil
		}
		t, err := l.token()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
	}
}

func (l *xpathLexer) space() {
	for l.pos < len(l.text) && strings.IndexByte(xmlSpace, l.text[l.pos]) >= 0 {
		l.pos++
	}
}

func (l *xpathLexer) rest() string { return l.text[l.pos:] }

func (l *xpathLexer) token() (xpathToken, error) {
	t := xpathToken{pos: l.pos}
	rest := l.rest()
	c := rest[0]
	switch {
	case c == '"' || c == '\'':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			return t, xpathErrorAt(l.text, l.pos, "the literal has no closing quote")
		}
		t.kind, t.text = tokenLiteral, rest[1:1+end]
		l.pos += end + 2
		return t, nil
	case c >= '0' && c <= '9' || c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		t.kind, t.text = tokenNumber, scanNumber(rest)
		l.pos += len(t.text)
		return t, nil
	}
	if s := symbolAt(rest); s != "" {
		t.kind, t.text = tokenSymbol, s
		l.pos += len(s)
		switch {
		case s == "*" && !l.operatorNext():
			t.kind = tokenName
		case strings.Contains(" * / // | + - = != < <= > >= ", " "+s+" "):
			t.kind = tokenOperator
		}
		return t, nil
	}
	return l.name(t)
}

func scanNumber(s string) string {
	i := 0
	digits := func() {
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
	}
	digits()
	if i < len(s) && s[i] == '.' {
		i++
		digits()
	}
	return s[:i]
}

// symbolAt is the symbol at the start of s, "" for none; the longest wins.
func symbolAt(s string) string {
	if len(s) >= 2 {
		switch s[:2] {
		case "..", "//", "!=", "<=", ">=":
			return s[:2]
		}
	}
	if strings.IndexByte("()[].@,$/|+-=<>*", s[0]) >= 0 {
		return s[:1]
	}
	return ""
}

// operatorNext applies the first rule of XPath 1.0 Section 3.7: after a token
// that ends an operand, "*" and names are operators.
func (l *xpathLexer) operatorNext() bool {
	if len(l.tokens) == 0 {
		return false
	}
	switch last := l.tokens[len(l.tokens)-1]; last.kind {
	case tokenOperator, tokenAxis:
		return false
	case tokenSymbol:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".."
	}
	return true
}

func (l *xpathLexer) name(t xpathToken) (xpathToken, error) {
	t.text = scanNCName(l.rest())
	if t.text == "" {
		r, _ := utf8.DecodeRuneInString(l.rest())
		return t, xpathErrorAt(l.text, l.pos, "%q starts no token of XPath", r)
	}
	l.pos += len(t.text)
	if l.operatorNext() {
		switch t.text {
		case "and", "or", "mod", "div":
			t.kind = tokenOperator
			return t, nil
		}
		return t, xpathErrorAt(l.text, t.pos, "expected an operator, found %q", t.text)
	}
	t.kind = tokenName
	if rest := l.rest(); strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "::") {
		local := scanNCName(rest[1:])
		if local == "" && strings.HasPrefix(rest, ":*") {
			local = "*"
		}
		if local == "" {
			return t, xpathErrorAt(l.text, l.pos+1, "expected a name after %q", t.text+":")
		}
		t.prefix, t.text = t.text, local
		l.pos += 1 + len(local)
	}
	l.space()
	switch rest := l.rest(); {
	case t.text == "*":
	case strings.HasPrefix(rest, "(") && t.prefix == "" && isNodeType(t.text):
		t.kind = tokenNodeType
	case strings.HasPrefix(rest, "("):
		t.kind = tokenFunction
	case strings.HasPrefix(rest, "::"):
		t.kind = tokenAxis
		l.pos += 2
	}
	return t, nil
}

func isNodeType(name string) bool {
	switch name {
	case "comment", "text", "processing-instruction", "node":
		return true
	}
	return false
}

// scanNCName is the NCName at the start of s (Namespaces in XML Section 2), ""
// for none.
func scanNCName(s string) string {
	if n := scanIdentifier(s); n == len(s) || n > 0 && s[n] < utf8.RuneSelf {
		return s[:n]
	}
	for i, r := range s {
		set := nameCharSet()
		if i == 0 {
			set = nameStartSet()
		}
		if r == ':' || !set.contains(r) {
			return s[:i]
		}
	}
	return s
}
