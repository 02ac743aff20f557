package yang

import (
	"fmt"
	"slices"
	"strings"
)

// grammarText says which substatements a statement may have (RFC 7950 Section 14):
// once "!", at most once "?", any number "*". A leading "^" marks those that YANG
// 1 does not have (RFC 7950 Section 1.1); a name with "$" stands for the line of that name.
const grammarText = `
$meta: description? reference?
$doc: status? $meta
$defs: typedef* grouping*
$data: container* leaf* leaf-list* list* choice* ^anydata* anyxml* uses*
$inner: $defs $data ^action* ^notification*
$head: organization? contact? $meta import* include* revision*
$body: extension* feature* identity* $defs $data augment* rpc* notification* deviation*
$error: error-message? error-app-tag? $meta
module: yang-version? namespace! prefix! $head $body
submodule: yang-version? belongs-to! $head $body
import: prefix! revision-date? ^description? ^reference?
include: revision-date? ^description? ^reference?
belongs-to: prefix!
revision: $meta
extension: argument? $doc
argument: yin-element?
identity: ^if-feature* base* $doc
feature: if-feature* $doc
typedef: type! units? default? $doc
type: range? fraction-digits? length? pattern* enum* bit* path? require-instance? base* type*
range: $error
length: $error
pattern: ^modifier? $error
enum: ^if-feature* value? $doc
bit: ^if-feature* position? $doc
must: $error
when: $meta
grouping: $doc $inner
container: when? if-feature* must* presence? config? $doc $inner
leaf: when? if-feature* type! units? must* default? config? mandatory? $doc
leaf-list: when? if-feature* type! units? must* ^default* config? min-elements? max-elements? ordered-by? $doc
list: when? if-feature* must* key? unique* config? min-elements? max-elements? ordered-by? $doc $inner
choice: when? if-feature* default? config? mandatory? $doc container* leaf* leaf-list* list* ^choice* ^anydata* anyxml* case*
case: when? if-feature* $doc $data
anydata: when? if-feature* must* config? mandatory? $doc
anyxml: when? if-feature* must* config? mandatory? $doc
uses: when? if-feature* $doc refine* augment*
refine: ^if-feature* must* presence? default* config? mandatory? min-elements? max-elements? $meta
augment: when? if-feature* $doc $data case* ^action* ^notification*
rpc: if-feature* $doc $defs input? output?
action: if-feature* $doc $defs input? output?
input: ^must* $defs $data
output: ^must* $defs $data
notification: if-feature* ^must* $doc $defs $data
deviation: $meta deviate*
deviate: type? units? must* unique* default* config? mandatory? min-elements? max-elements?
`

// plainStatements have no substatements but extensions.
const plainStatements = `yang-version namespace prefix organization contact description reference units default
revision-date yin-element base if-feature fraction-digits modifier path require-instance value position status config
mandatory presence ordered-by error-message error-app-tag min-elements max-elements key unique`

var plain = func() map[string]bool {
	m := map[string]bool{}
	for _, kw := range strings.Fields(plainStatements) {
		m[kw] = true
	}
	return m
}()

// cardinality is how often a substatement may stand.
type cardinality struct {
	min, max int // max 0: any number
	v11      bool
}

// grammar maps a keyword to its substatements.
var grammar = func() map[string]map[string]cardinality {
	g := readGrammar(grammarText)
	for name := range plain {
		g[name] = nil
	}
	return g
}()

func readGrammar(text string) map[string]map[string]cardinality {
	lines := map[string]string{}
	var order []string
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		name, rest, _ := strings.Cut(l, ": ")
		lines[name] = rest
		order = append(order, name)
	}
	g := map[string]map[string]cardinality{}
	var fill func(into map[string]cardinality, text string)
	fill = func(into map[string]cardinality, text string) {
		for _, w := range strings.Fields(text) {
			if w[0] == '$' {
				fill(into, lines[w])
				continue
			}
			c := cardinality{v11: w[0] == '^'}
			switch w[len(w)-1] {
			case '!':
				c.min, c.max = 1, 1
			case '?':
				c.max = 1
			}
			into[strings.Trim(w, "^!?*")] = c
		}
	}
	for _, name := range order {
		if name[0] != '$' {
			g[name] = map[string]cardinality{}
			fill(g[name], lines[name])
		}
	}
	return g
}

// checkGrammar checks keywords, cardinalities and arguments of all statements
// and records what is wrong in faults and bad. Statements that cannot stand
// where they are, or not once more, are taken out: what follows need not expect
// them.
func (f *sourceFile) checkGrammar() {
	if f.version != "1" && f.version != "1.1" {
		f.at(f.top.one("yang-version"), "yang-version is %q, expected 1 or 1.1", f.version)
	}
	f.checkOrder(f.top)
	f.checkStatement(f.top)
}

// at records a fault of the statement's own form.
func (f *sourceFile) at(s *stmt, format string, args ...any) {
	if f.bad == nil {
		f.bad = map[*stmt]bool{}
	}
	f.bad[s] = true
	f.faults = append(f.faults, s.fault(format, args...))
}

// checkStatement checks one statement and those below it.
func (f *sourceFile) checkStatement(s *stmt) {
	f.checkArgument(s)
	allowed := grammar[s.kw]
	seen := map[string]int{}
	s.subs = slices.DeleteFunc(s.subs, func(c *stmt) bool {
		if _, _, ok := c.extension(); ok {
			f.checkExtensionBody(c)
			return false
		}
		card, ok := allowed[c.kw]
		switch {
		case !ok:
			f.at(c, "unexpected statement: %s", unexpected(c, s))
			f.lost = f.lost || grammar[c.kw] != nil || !plain[c.kw]
			return true
		case card.v11 && s.file.version == "1":
			f.at(c, "%q is not allowed in %q in YANG version 1, only in 1.1", c.kw, s.kw)
		}
		seen[c.kw]++
		if card.max == 1 && seen[c.kw] == 2 {
			f.at(c, "more than one %q in %s, expected at most one", c.kw, s.title())
		}
		f.checkStatement(c)
		return card.max == 1 && seen[c.kw] > 1
	})
	for kw, card := range allowed {
		if card.min > 0 && seen[kw] == 0 {
			f.at(s, "missing %q in %s", kw, s.title())
		}
	}
	f.checkNotEmpty(s)
}

// unexpected says why c cannot stand in s.
func unexpected(c, s *stmt) string {
	if _, known := grammar[c.kw]; !known {
		return fmt.Sprintf("%q is not a YANG keyword", c.kw)
	}
	return fmt.Sprintf("%q is not allowed in %q", c.kw, s.kw)
}

// checkExtensionBody checks the YANG statements below an extension's statement,
// whose own rules are the extension's.
func (f *sourceFile) checkExtensionBody(s *stmt) {
	for _, c := range s.subs {
		if _, _, ok := c.extension(); ok {
			f.checkExtensionBody(c)
		} else if _, known := grammar[c.kw]; known {
			f.checkStatement(c)
		} else {
			f.at(c, "unexpected statement: %q is not a YANG keyword", c.kw)
		}
	}
}

// title names the statement in messages: `leaf "x"`.
func (s *stmt) title() string {
	if !s.hasArg {
		return s.kw
	}
	return fmt.Sprintf("%s %q", s.kw, s.arg)
}

// atLeastOne are statements that must define something.
var atLeastOne = map[string]bool{"list": true, "augment": true, "input": true, "output": true}

func (f *sourceFile) checkNotEmpty(s *stmt) {
	if s.kw == "deviation" && s.one("deviate") == nil {
		f.at(s, "missing \"deviate\" in %s", s.title())
	}
	if !atLeastOne[s.kw] {
		return
	}
	for _, c := range s.subs {
		if isDefinition[c.kw] {
			return
		}
	}
	f.at(s, "%s defines no node, expected at least one", s.title())
}

// isDefinition tells the statements that put nodes into the schema tree.
var isDefinition = map[string]bool{
	"container": true, "leaf": true, "leaf-list": true, "list": true, "choice": true, "case": true,
	"anydata": true, "anyxml": true, "uses": true, "action": true, "notification": true, "rpc": true,
}

// section is the place of a statement in a module: header, linkage, meta,
// revisions, body come in this order (RFC 7950 Section 14, module-stmt).
func section(kw string) int {
	switch kw {
	case "yang-version", "namespace", "prefix", "belongs-to":
		return 1
	case "import", "include":
		return 2
	case "organization", "contact", "description", "reference":
		return 3
	case "revision":
		return 4
	}
	return 5
}

func (f *sourceFile) checkOrder(top *stmt) {
	last := 0
	for _, c := range top.subs {
		if _, _, ok := c.extension(); ok {
			continue
		}
		if n := section(c.kw); n < last {
			f.at(c, "%q stands too late: the order is header, import and include, meta statements, revisions, body", c.kw)
		} else {
			last = n
		}
	}
}
