package validate_test

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// statement is a YANG statement of a random module.
type statement struct {
	kind, name  string // kind "presence" is a container with presence
	parent      *statement
	kids        []*statement
	args        []string // further statements
	base        string   // of a leaf: the type of its values
	keys        []string
	demanding   bool // may require instances: what it stands in can be left out
	defaultCase bool
	place       int // in document order
	key         bool
}

// evenly draws numbers below limit, all about as often; rapid.IntRange prefers small ones.
func evenly(limit int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) int {
		n := 0
		for range bits.Len(uint(limit-1)) + 3 {
			n *= 2
			if rapid.Bool().Draw(t, "") {
				n++
			}
		}
		return n % limit
	})
}

// randomModule draws modules.
type randomModule struct {
	t     *rapid.T
	nodes []*statement // in document order, choices and cases too
}

func (g *randomModule) n(label string, limit int) int {
	return evenly(limit).Draw(g.t, label)
}

// chance is true with that many percent, and false when shrunk.
func (g *randomModule) chance(label string, percent int) bool {
	return evenly(100).Draw(g.t, label) >= 100-percent
}

// drawModule returns the text of a valid module m.
func drawModule(t *rapid.T) string {
	g := &randomModule{t: t}
	root := &statement{kind: "module"}
	g.below(root, 0)
	for _, s := range g.nodes {
		g.types(s)
	}
	for _, s := range g.nodes {
		g.rules(s)
	}
	var b strings.Builder
	b.WriteString("module m { yang-version 1.1; namespace urn:m; prefix m;\n")
	for _, k := range root.kids {
		k.write(&b, 1)
	}
	return b.String() + "}"
}

func (s *statement) write(b *strings.Builder, indent int) {
	pad := strings.Repeat("  ", indent)
	kind := s.kind
	if kind == "presence" {
		kind = "container"
	}
	fmt.Fprintf(b, "%s%s %s {", pad, kind, s.name)
	if s.kind == "presence" {
		b.WriteString(" presence p;")
	}
	if len(s.keys) > 0 {
		fmt.Fprintf(b, " key %q;", strings.Join(s.keys, " "))
	}
	for _, a := range s.args {
		b.WriteString(" " + a)
	}
	if len(s.kids) > 0 {
		b.WriteString("\n")
		for _, k := range s.kids {
			k.write(b, indent+1)
		}
		b.WriteString(pad)
	}
	b.WriteString("}\n")
}

func (g *randomModule) add(p *statement, kind string) *statement {
	s := &statement{kind: kind, name: fmt.Sprintf("n%d", len(g.nodes)), parent: p, place: len(g.nodes)}
	s.demanding = p.demanding || kind == "list" || kind == "presence" || kind == "case"
	if kind == "case" && p.defaultCase || p.kind == "module" {
		s.demanding = kind == "list" || kind == "presence"
	}
	g.nodes = append(g.nodes, s)
	p.kids = append(p.kids, s)
	return s
}

// below adds children to p.
func (g *randomModule) below(p *statement, depth int) {
	kinds := []string{"leaf", "leaf", "leaf", "leaf", "leaf-list", "anydata", "container", "container", "list", "list", "list", "choice", "choice", "presence"}
	if depth >= 3 {
		kinds = kinds[:6]
	}
	least, more := 1, 2
	if depth == 0 {
		least, more = 3, 4
	}
	for range least + g.n("children", more) {
		s := g.add(p, kinds[g.n("kind", len(kinds))])
		switch s.kind {
		case "list":
			for range 1 + g.n("keys", 5)/4 {
				k := g.add(s, "leaf")
				k.key = true
				s.keys = append(s.keys, k.name)
			}
			g.below(s, depth+1)
		case "container", "presence":
			g.below(s, depth+1)
		case "choice":
			s.defaultCase = g.chance("default case", 40)
			for i := range 2 + g.n("cases", 2) {
				c := g.add(s, "case")
				c.defaultCase = s.defaultCase && i == 0
				if c.defaultCase {
					s.args = append(s.args, "default "+c.name+";")
				}
				g.below(c, depth+1)
			}
		}
	}
}

// data is the nearest data node from s up, nil for the root.
func (s *statement) data() *statement {
	for s.kind == "choice" || s.kind == "case" {
		s = s.parent
	}
	if s.kind == "module" {
		return nil
	}
	return s
}

// line are the data nodes from the root down to s.
func (s *statement) line() (l []*statement) {
	for s = s.data(); s != nil; s = s.parent.data() {
		l = append(l, s)
	}
	slices.Reverse(l)
	return l
}

// domain are the texts that leafs of a base have; "a" is valid for no number.
var domain = map[string][]string{
	"string": {"a", "b", "c"}, "uint8": {"1", "2", "3"}, "boolean": {"true", "false"},
	"enumeration": {"a", "b", "c"}, "union": {"a", "1", "true"},
}

func (g *randomModule) types(s *statement) {
	if s.kind != "leaf" && s.kind != "leaf-list" {
		return
	}
	plain := []string{"string", "string", "uint8", "boolean", "enumeration"}
	text := ""
	draw := g.n("type", 100)
	switch {
	case draw >= 70 && g.leafref(s, &text, &s.base):
	case draw >= 60 && !s.key:
		s.base, text = "instance-identifier", "type instance-identifier;"
	case draw >= 50 && !s.key:
		var first, second, base string
		if !g.leafref(s, &first, &base) {
			first = "type boolean;"
		}
		switch rest := []string{"type uint8;", "", "type instance-identifier;", "type string { length 1; }"}[g.n("member", 4)]; {
		case rest != "":
			second = rest
		case !g.leafref(s, &second, &base):
			second = "type uint8;"
		}
		s.base, text = "union", "type union { "+first+" "+second+" }"
	default:
		s.base = plain[g.n("base", len(plain))]
		text = "type " + s.base + ";"
		if s.base == "enumeration" {
			text = "type enumeration { enum a; enum b; enum c; }"
		}
	}
	s.args = append(s.args, text)
}

// leafref draws a leafref to what stands earlier; false when there is nothing.
func (g *randomModule) leafref(s *statement, text, base *string) bool {
	var l []*statement
	for _, x := range g.nodes {
		if x.base == "" || x.base == "union" || x.base == "instance-identifier" || x == s {
			continue
		}
		l = append(l, x)
		if x.key {
			l = append(l, x, x)
		}
	}
	if len(l) == 0 {
		return false
	}
	target := l[g.n("target", len(l))]
	*base = target.base
	*text = fmt.Sprintf("type leafref { path %q; }", g.path(s, target, true))
	if g.chance("optional", 5) {
		*text = strings.TrimSuffix(*text, "}") + "require-instance false; }"
	}
	return true
}

// path draws a path from the data node at s to the one at target, with predicates.
func (g *randomModule) path(s, target *statement, leafref bool) string {
	from, to := s.line(), target.line()
	b := ""
	if g.chance("absolute", 40) {
		from = nil
	} else {
		same := 0
		for same < len(from) && same < len(to) && from[same] == to[same] && (same+1 < len(to) || !leafref) {
			same++
		}
		b = strings.Repeat("/..", len(from)-same)
		to = to[same:]
	}
	for _, x := range to {
		b += "/" + x.name
		if x.kind == "list" && (x != target.data() || !leafref) && g.chance("predicate", 25) {
			b += g.predicate(s, x, leafref)
		}
	}
	if from != nil {
		if b = strings.TrimPrefix(b, "/"); b == "" {
			b = "self::node()"
		}
	} else if b == "" {
		b = "/self::node()"
	}
	return b
}

// predicate compares a key of list with a leaf at a simple path or a constant.
func (g *randomModule) predicate(s, list *statement, leafref bool) string {
	key := list.keys[0]
	var l []*statement
	for _, x := range g.nodes {
		if x.place < s.place && x.kind == "leaf" && !slices.ContainsFunc(x.line(), func(a *statement) bool {
			return a.kind == "list" && !slices.Contains(s.line(), a)
		}) {
			l = append(l, x)
		}
	}
	if s.data() == nil || s.data() != s || len(l) == 0 || !leafref && g.chance("constant", 50) {
		if leafref {
			return ""
		}
		return "[" + key + "='" + []string{"a", "b", "1"}[g.n("constant", 3)] + "']"
	}
	x := l[g.n("compared", len(l))]
	from, to := s.line(), x.line()
	same := 0
	for same < len(from)-1 && same < len(to)-1 && from[same] == to[same] {
		same++
	}
	b := "current()" + strings.Repeat("/..", len(from)-same)
	for _, a := range to[same:] {
		b += "/" + a.name
	}
	return "[" + key + "=" + b + "]"
}
