package yang

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// argument is the syntax of a statement's argument (RFC 7950 Section 14).
type argument struct {
	want string // for messages
	ok   func(string) bool
}

var (
	argNone       = argument{"no argument", nil}
	argString     = argument{"a string", func(string) bool { return true }}
	argIdentifier = argument{"an identifier", isIdentifier}
	argReference  = argument{"an identifier with or without a prefix", isReference}
	argBool       = argument{`"true" or "false"`, oneOf("true", "false")}
	argDate       = argument{"a date YYYY-MM-DD", isDate}
	argURI        = argument{"a URI", uri.MatchString}
	argUnsigned   = argument{"a non-negative integer", isUnsigned}
	argInteger    = argument{"an integer", func(s string) bool { return isUnsigned(strings.TrimPrefix(s, "-")) }}
	argMax        = argument{`"unbounded" or a positive integer`, func(s string) bool { return s == "unbounded" || s != "0" && isUnsigned(s) }}
	argDigits     = argument{"a number from 1 to 18", func(s string) bool {
		n, err := strconv.Atoi(s)
		return err == nil && isUnsigned(s) && n >= 1 && n <= 18
	}}
	argStatus     = argument{`"current", "deprecated" or "obsolete"`, oneOf("current", "deprecated", "obsolete")}
	argOrder      = argument{`"system" or "user"`, oneOf("system", "user")}
	argModifier   = argument{`"invert-match"`, oneOf("invert-match")}
	argDeviate    = argument{`"not-supported", "add", "replace" or "delete"`, oneOf("not-supported", "add", "replace", "delete")}
	argAbsolute   = argument{"an absolute schema node identifier: /PREFIX:NAME/...", func(s string) bool { return strings.HasPrefix(s, "/") && isNodePath(s[1:]) }}
	argDescendant = argument{"a descendant schema node identifier: NAME/...", isNodePath}
	argNames      = argument{"names separated by spaces", allFields(isReference)}
	argPaths      = argument{"descendant schema node identifiers separated by spaces", allFields(isNodePath)}
)

// arguments gives the syntax of each statement's argument; those that are
// missing here take any string.
var arguments = map[string]argument{
	"input": argNone, "output": argNone,
	"module": argIdentifier, "submodule": argIdentifier, "import": argIdentifier, "include": argIdentifier,
	"belongs-to": argIdentifier, "prefix": argIdentifier, "extension": argIdentifier, "argument": argIdentifier,
	"identity": argIdentifier, "feature": argIdentifier, "typedef": argIdentifier, "grouping": argIdentifier,
	"container": argIdentifier, "leaf": argIdentifier, "leaf-list": argIdentifier, "list": argIdentifier,
	"choice": argIdentifier, "case": argIdentifier, "anydata": argIdentifier, "anyxml": argIdentifier,
	"rpc": argIdentifier, "action": argIdentifier, "notification": argIdentifier, "bit": argIdentifier,
	"base": argReference, "type": argReference, "uses": argReference,
	"config": argBool, "mandatory": argBool, "require-instance": argBool, "yin-element": argBool,
	"revision": argDate, "revision-date": argDate, "namespace": argURI,
	"min-elements": argUnsigned, "position": argUnsigned, "value": argInteger, "max-elements": argMax,
	"fraction-digits": argDigits, "status": argStatus, "ordered-by": argOrder, "modifier": argModifier,
	"deviate": argDeviate, "deviation": argAbsolute, "refine": argDescendant,
	"key": argNames, "unique": argPaths,
}

// checkArgument checks presence and syntax of the argument.
func (f *sourceFile) checkArgument(s *stmt) {
	a, ok := arguments[s.kw]
	if !ok {
		a = argString
	}
	if s.kw == "augment" {
		a = argAbsolute
		if s.parent.kw == "uses" {
			a = argDescendant
		}
	}
	switch {
	case a.ok == nil && s.hasArg:
		f.at(s, "%q takes no argument, got %q", s.kw, s.arg)
	case a.ok != nil && !s.hasArg:
		f.at(s, "%q needs an argument: %s", s.kw, a.want)
	case a.ok != nil && !a.ok(s.arg):
		f.at(s, "%q is %q, expected %s", s.kw, s.arg, a.want)
	}
	if s.file.version == "1" && a.want == argIdentifier.want && len(s.arg) >= 3 && strings.EqualFold(s.arg[:3], "xml") {
		f.at(s, "%q is %q: identifiers cannot start with xml in YANG version 1", s.kw, s.arg)
	}
	if s.kw == "enum" && (s.arg == "" || strings.TrimSpace(s.arg) != s.arg) {
		f.at(s, "enum %q: expected a name that is not empty and has no space at its ends", s.arg)
	}
	if i := strings.IndexFunc(s.arg, notYangChar); i >= 0 && s.file.version == "1.1" {
		f.at(s, "%q has the character %q, which YANG 1.1 does not allow", s.kw, []rune(s.arg[i:])[0])
	}
}

// notYangChar tells the characters that a module cannot hold (RFC 7950 Section 14, yang-char).
func notYangChar(r rune) bool {
	if r < 0x20 {
		return r != '\t' && r != '\n' && r != '\r'
	}
	return r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE
}

// uri is a scheme and what may follow it (RFC 3986 Appendix A).
var uri = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$`)

func oneOf(words ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(words, s) }
}

func allFields(ok func(string) bool) func(string) bool {
	return func(s string) bool {
		if strings.Trim(s, xmlSpace) != s {
			return false
		}
		words := strings.Fields(s)
		for _, w := range words {
			if !ok(w) {
				return false
			}
		}
		return len(words) > 0
	}
}

// isIdentifier tells whether s is an identifier (RFC 7950 Section 6.2).
func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '.')) {
			return false
		}
	}
	return s != ""
}

// isReference tells whether s is an identifier with an optional prefix.
func isReference(s string) bool {
	prefix, name, ok := strings.Cut(s, ":")
	if !ok {
		return isIdentifier(s)
	}
	return isIdentifier(prefix) && isIdentifier(name)
}

// isNodePath tells whether s is a descendant schema node identifier.
func isNodePath(s string) bool {
	for _, step := range strings.Split(s, "/") {
		if !isReference(step) {
			return false
		}
	}
	return true
}

func isUnsigned(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s == "0" || s != "" && s[0] != '0'
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
