package yang

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/openconfig/goyang/pkg/yang"
)

// stmt is a YANG statement (RFC 7950 Section 6.3). A tree of them is immutable
// once its file is parsed.
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
	if line := tooDeep(clean); line > 0 {
		return nil, &Error{File: path, Line: line, Message: fmt.Sprintf("statements are nested more than %d deep", maxNesting)}
	}
	raw, err := yang.Parse(string(clean), path)
	if err != nil {
		return nil, parseErrors(path, err)
	}
	if len(raw) != 1 || raw[0].Keyword != "module" && raw[0].Keyword != "submodule" {
		return nil, &Error{File: path, Line: 1, Message: "expected exactly one module or submodule statement"}
	}
	f.top = f.convert(raw[0], nil)
	f.header()
	return f, nil
}

// tooDeep returns the line where braces nest too deep, quoted ones counted too, else 0.
func tooDeep(text []byte) int {
	depth, line := 0, 1
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '{':
			if depth++; depth > maxNesting {
				return line
			}
		case '}':
			depth--
		}
	}
	return 0
}

var parseErrorLine = regexp.MustCompile(`^(?:.*?):(\d+):\d+: *(.*)$`)

// parseErrors turns the parser's text into errors with line numbers.
func parseErrors(path string, err error) error {
	var errs []error
	for _, l := range strings.Split(err.Error(), "\n") {
		e := &Error{File: path, Message: strings.TrimPrefix(l, path+": ")}
		if m := parseErrorLine.FindStringSubmatch(strings.TrimPrefix(l, path)); m != nil {
			e.Line, _ = strconv.Atoi(m[1])
			e.Message = m[2]
		}
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// convert copies the parser's statement with what it lacks: parents, lines as
// numbers, local definitions.
func (f *sourceFile) convert(raw *yang.Statement, parent *stmt) *stmt {
	s := &stmt{kw: raw.Keyword, arg: raw.Argument, hasArg: raw.HasArgument, file: f, parent: parent, line: lineOf(raw.Location())}
	subs := raw.SubStatements()
	if len(subs) > 0 {
		s.subs = make([]*stmt, 0, len(subs))
	}
	for _, r := range subs {
		c := f.convert(r, s)
		s.subs = append(s.subs, c)
		if c.kw == "typedef" || c.kw == "grouping" {
			if s.defs == nil {
				s.defs = map[string]*stmt{}
			}
			if key := c.kw + " " + c.arg; s.defs[key] == nil {
				s.defs[key] = c
			}
		}
	}
	return s
}

// lineOf takes the line out of the parser's "file:line:column".
func lineOf(location string) int {
	location = location[:max(strings.LastIndexByte(location, ':'), 0)]
	n, _ := strconv.Atoi(location[strings.LastIndexByte(location, ':')+1:])
	return n
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
