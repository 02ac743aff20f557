package yang

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// tokenClass is what a token of a module's text is (RFC 7950 Section 6.1.2).
type tokenClass uint8

const (
	classEnd      tokenClass = iota
	classUnquoted            // a keyword or an unquoted string
	classQuoted              // a quoted string, concatenated already
	classSymbol              // ";", "{" or "}"
	classBroken              // cannot be read; the fault is recorded
)

// lexer splits the text of a module into tokens.
type lexer struct {
	path string
	text string // with LF for CRLF
	pos  int
	line int
	// bol is where the line starts, to find the column of a quote.
	bol int
	// faults are wrong in every version, strict ones in YANG 1.1 only.
	faults, strict []*Error

	class tokenClass // of the current token
	value string
	start int // line of the current token
}

func (l *lexer) fault(line int, format string, args ...any) {
	l.faults = append(l.faults, &Error{File: l.path, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (l *lexer) strictly(line int, format string, args ...any) {
	l.strict = append(l.strict, &Error{File: l.path, Line: line, Message: fmt.Sprintf(format, args...)})
}

// next reads a token into class, value and start.
func (l *lexer) next() {
	l.value = ""
	if !l.space() {
		l.class, l.start = classBroken, l.line
		return
	}
	l.start = l.line
	if l.pos == len(l.text) {
		l.class = classEnd
		return
	}
	switch c := l.text[l.pos]; c {
	case ';', '{', '}':
		l.class, l.value = classSymbol, l.text[l.pos:l.pos+1]
		l.pos++
	case '"', '\'':
		l.class = classQuoted
		l.quoted()
	default:
		l.class = classUnquoted
		l.unquoted()
	}
}

// space skips white space and comments; false when a comment does not end.
func (l *lexer) space() bool {
	for l.pos < len(l.text) {
		switch rest := l.text[l.pos:]; {
		case rest[0] == '\n':
			l.pos++
			l.line++
			l.bol = l.pos
		case rest[0] == ' ' || rest[0] == '\t':
			l.pos++
		case strings.HasPrefix(rest, "//"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.text)
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				l.fault(l.line, "the comment that starts here is not closed, expected */")
				l.pos = len(l.text)
				return false
			}
			l.skip(n + 4)
		default:
			return true
		}
	}
	return true
}

// skip moves over n octets and counts their lines.
func (l *lexer) skip(n int) {
	part := l.text[l.pos : l.pos+n]
	if i := strings.LastIndexByte(part, '\n'); i >= 0 {
		l.line += strings.Count(part, "\n")
		l.bol = l.pos + i + 1
	}
	l.pos += n
}

// unquoted reads an unquoted string (RFC 7950 Section 6.1.3).
func (l *lexer) unquoted() {
	rest := l.text[l.pos:]
	n, inside := 0, false
scan:
	for ; n < len(rest); n++ {
		switch rest[n] {
		case ' ', '\t', '\n', ';', '{', '}':
			break scan
		case '\r':
			l.fault(l.line, "a carriage return stands without a line feed")
		case '"', '\'':
			inside = true
		case '/':
			if n > 0 && n+1 < len(rest) && (rest[n+1] == '/' || rest[n+1] == '*') {
				break scan
			}
		case '*':
			if n+1 < len(rest) && rest[n+1] == '/' {
				l.fault(l.line, "*/ stands in a string without quotes, expected quotes around it")
				n++
			}
		}
	}
	l.value = rest[:n]
	l.pos += n
	if inside {
		l.strictly(l.line, "%s has a quote inside, expected quotes around it", quote(l.value))
	}
}

// quoted reads a quoted string and those that "+" adds to it.
func (l *lexer) quoted() {
	var parts []string
	for {
		s, ok := l.part()
		if !ok {
			l.class = classBroken
			return
		}
		parts = append(parts, s)
		before := *l
		if !l.space() {
			l.class = classBroken
			return
		}
		if l.pos == len(l.text) || l.text[l.pos] != '+' {
			l.pos, l.line, l.bol = before.pos, before.line, before.bol
			break
		}
		plus := l.line
		l.pos++
		if !l.space() || l.pos == len(l.text) || l.text[l.pos] != '"' && l.text[l.pos] != '\'' {
			l.fault(plus, "expected a string in quotes after +")
			l.class = classBroken
			return
		}
	}
	l.value = strings.Join(parts, "")
}

// part reads one string in quotes.
func (l *lexer) part() (string, bool) {
	mark, line, column := l.text[l.pos], l.line, columnOf(l.text[l.bol:l.pos])
	rest := l.text[l.pos+1:]
	for n := 0; n < len(rest); n++ {
		switch {
		case rest[n] == mark:
			l.skip(n + 2)
			if mark == '\'' {
				return rest[:n], true
			}
			return l.unescape(unindent(rest[:n], column+1), line), true
		case rest[n] == '\\' && mark == '"':
			n++
		}
	}
	l.fault(line, "the string that starts here is not closed, expected %c", mark)
	l.pos = len(l.text)
	return "", false
}

// tab is how many columns a tab stands for (RFC 7950 Section 6.1.3).
const tab = 8

// columnOf is the column, from 0, of what follows on a line.
func columnOf(before string) int {
	return utf8.RuneCountInString(before) + (tab-1)*strings.Count(before, "\t")
}

// unindent takes white space off both ends of the lines: at most as many columns
// as indent at the front, at the end all of it (RFC 7950 Section 6.1.3).
func unindent(s string, indent int) string {
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if i > 0 {
			line = trimIndent(line, indent)
		}
		if i < len(lines)-1 {
			line = strings.TrimRight(line, " \t")
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

func trimIndent(line string, indent int) string {
	for i := range len(line) {
		switch {
		case indent <= 0:
			return strings.Repeat(" ", -indent) + line[i:] // of a tab cut in two
		case line[i] == ' ':
			indent--
		case line[i] == '\t':
			indent -= tab
		default:
			return line[i:]
		}
	}
	return strings.Repeat(" ", max(-indent, 0))
}

// unescape puts in what the escapes stand for. YANG 1 leaves others as they are.
func (l *lexer) unescape(s string, line int) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\n' {
			line++
		}
		if c != '\\' || i+1 == len(s) {
			b.WriteByte(c)
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '"', '\\':
			b.WriteByte(s[i])
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			l.strictly(line, `there is no escape \%c in a string in double quotes, expected \n, \t, \" or \\`, r)
			b.WriteByte('\\')
			b.WriteString(s[i : i+n])
			i += n - 1
			if r == '\n' {
				line++
			}
		}
	}
	return b.String()
}
