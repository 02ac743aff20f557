package yang

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// stmt is a YANG statement (RFC 7950 Section 6.3). A tree of them is immutable
// once its file is parsed and checked.
type stmt struct {
	kw     string // with prefix for an extension
	arg    string
	hasArg bool
	file   *sourceFile
	line   int
	parent *stmt
	subs   []*stmt

	defs map[string]*stmt // typedefs and groupings directly below: "typedef NAME", "grouping NAME"
}

// sourceFile is a parsed module or submodule.
type sourceFile struct {
	path     string
	text     []byte
	top      *stmt // module or submodule
	name     string
	revision string // the newest, "" without any
	module   string // its name, for a submodule that of the module it belongs to
	prefix   string
	version  string           // yang-version: "1" or "1.1"
	imports  map[string]*stmt // by prefix
	resolver ModuleResolver   // the file's own prefix and its imports

	faults []*Error       // of the form of its statements
	bad    map[*stmt]bool // the statements that they are about
	lost   bool           // a statement that may define something was taken out
}

// fault makes an error at the statement.
func (s *stmt) fault(format string, args ...any) *Error {
	return &Error{File: s.file.path, Line: s.line, Message: fmt.Sprintf(format, args...)}
}

// one is the first substatement with the keyword, or nil.
func (s *stmt) one(kw string) *stmt {
	for _, c := range s.subs {
		if c.kw == kw {
			return c
		}
	}
	return nil
}

// all are the substatements with the keyword.
func (s *stmt) all(kw string) []*stmt {
	var r []*stmt
	for _, c := range s.subs {
		if c.kw == kw {
			r = append(r, c)
		}
	}
	return r
}

// value is the argument of the first substatement with the keyword, or "".
func (s *stmt) value(kw string) string {
	if c := s.one(kw); c != nil {
		return c.arg
	}
	return ""
}

// prose is the description of s as one line, or "".
func (s *stmt) prose() string { return strings.Join(strings.Fields(s.value("description")), " ") }

// extension splits the keyword of an extension's statement; ok is false for YANG's own.
func (s *stmt) extension() (prefix, name string, ok bool) { return strings.Cut(s.kw, ":") }

// Limits of a module's text. They keep a hostile text from exhausting the stack.
const (
	maxSourceBytes = 16 << 20
	maxNesting     = 500
)

// parseSource parses the text of a module or submodule. The error joins *Error.
func parseSource(path string, text []byte) (*sourceFile, error) {
	f := &sourceFile{path: path, text: text, imports: map[string]*stmt{}, version: "1"}
	if len(text) > maxSourceBytes {
		return nil, &Error{File: path, Message: fmt.Sprintf("the text has %d bytes, at most %d are allowed", len(text), maxSourceBytes)}
	}
	clean := bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	if !utf8.Valid(clean) {
		return nil, &Error{File: path, Message: "the text is not UTF-8"}
	}
	p := &reader{lexer: lexer{path: path, text: string(clean), line: 1}, file: f}
	p.next()
	tops := p.statements(nil, 0)
	faults := p.faults
	if len(tops) > 0 && tops[0].value("yang-version") == "1.1" {
		faults = append(faults, p.strict...)
	}
	switch {
	case len(faults) > 0:
	case len(tops) == 0 || tops[0].kw != "module" && tops[0].kw != "submodule":
		faults = []*Error{{File: path, Line: 1, Message: "expected a module or submodule statement"}}
	case len(tops) > 1:
		faults = []*Error{tops[1].fault("expected one module or submodule statement, found another after it")}
	}
	if len(faults) > 0 {
		return nil, joinErrors(faults)
	}
	f.top = tops[0]
	f.header()
	f.checkGrammar()
	return f, nil
}

// reader makes statements of tokens (RFC 7950 Section 6.3).
type reader struct {
	lexer
	file *sourceFile
}

// maxSyntaxErrors bounds what is reported of a text that is no YANG.
const maxSyntaxErrors = 10

// statements reads the statements below parent up to its closing brace, or to
// the end of the text.
func (p *reader) statements(parent *stmt, depth int) (list []*stmt) {
	for p.class != classEnd && p.class != classBroken && len(p.faults) < maxSyntaxErrors {
		switch {
		case p.class == classUnquoted:
			if s := p.statement(parent, depth); s != nil {
				list = append(list, s)
			}
		case p.value == "}" && p.class == classSymbol:
			if parent != nil {
				return list
			}
			p.fault(p.start, "unexpected }, there is no block to close")
			p.next()
		default:
			p.fault(p.start, "expected a keyword, found %s", p.found())
			p.recover(depth)
		}
	}
	return list
}

// found names the current token.
func (p *reader) found() string {
	switch p.class {
	case classEnd:
		return "the end of the text"
	case classQuoted:
		return "the string " + quote(p.value)
	}
	return quote(p.value)
}

// statement reads one statement, nil when that fails.
func (p *reader) statement(parent *stmt, depth int) *stmt {
	s := &stmt{kw: p.value, file: p.file, parent: parent, line: p.start}
	p.next()
	if p.class == classUnquoted || p.class == classQuoted {
		s.arg, s.hasArg = p.value, true
		p.next()
	}
	switch {
	case p.class == classBroken:
		return nil
	case p.class == classSymbol && p.value == ";":
		p.next()
	case p.class == classSymbol && p.value == "{":
		p.block(s, depth+1)
	default:
		p.fault(p.start, "expected ; or { after %s, found %s", s.title(), p.found())
		p.recover(depth)
		return nil
	}
	return s
}

// block reads the substatements of s.
func (p *reader) block(s *stmt, depth int) {
	if depth > maxNesting {
		p.fault(p.start, "statements are nested more than %d deep", maxNesting)
		p.class = classBroken
		return
	}
	p.next()
	s.subs = p.statements(s, depth)
	for _, c := range s.subs {
		if c.kw != "typedef" && c.kw != "grouping" {
			continue
		}
		if s.defs == nil {
			s.defs = map[string]*stmt{}
		}
		if key := c.kw + " " + c.arg; s.defs[key] == nil {
			s.defs[key] = c
		}
	}
	switch {
	case p.class == classSymbol && p.value == "}":
		p.next()
	case p.class == classEnd && len(p.faults) == 0:
		p.fault(p.start, "missing closing brace of %s, which line %d opens", s.title(), s.line)
	}
}

// recover skips the rest of a statement that cannot be read, its block included.
func (p *reader) recover(depth int) {
	open := 0
	for ; p.class != classEnd && p.class != classBroken; p.next() {
		if p.class != classSymbol {
			continue
		}
		switch p.value {
		case "{":
			open++
			continue
		case "}":
			if open == 0 && depth > 0 {
				return
			}
			open--
		}
		if open <= 0 {
			p.next()
			return
		}
	}
}

// header reads what other files need to know of this one. Faults in it are
// reported by the check of the statements.
func (f *sourceFile) header() {
	f.name, f.module = f.top.arg, f.top.arg
	for _, s := range f.top.subs {
		switch s.kw {
		case "yang-version":
			f.version = s.arg
		case "prefix":
			f.prefix = s.arg
		case "belongs-to":
			f.module, f.prefix = s.arg, s.value("prefix")
		case "revision":
			f.revision = max(f.revision, s.arg)
		case "import":
			if p := s.value("prefix"); f.imports[p] == nil {
				f.imports[p] = s
			}
		}
	}
	f.resolver = ModuleResolver{Module: f.module, Prefixes: map[string]string{}}
	for p, i := range f.imports {
		f.resolver.Prefixes[p] = i.arg
	}
	f.resolver.Prefixes[f.prefix] = f.module
}
