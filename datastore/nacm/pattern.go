package nacm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// pattern is a node-instance-identifier: an instance-identifier that may leave out key
// predicates, and may lead to an action or notification (RFC 8341 Section 3.5.2).
// Without steps it is the root.
type pattern []patternStep

// patternStep is one step. What keys has is in the order of the list's keys, one
// value for a leaf-list; nil where there is no predicate.
type patternStep struct {
	schema *yang.Node
	keys   []keyTest
}

// keyTest is what a key has to be. Neither set: anything.
type keyTest struct {
	value yang.Value
	user  bool // the name of the user
}

func (k keyTest) open() bool { return k.value.IsZero() && !k.user }

// exact is the key of the entries that the step matches, where it names all keys.
func (s patternStep) exact() (key string, ok bool) {
	vals := make([]yang.Value, len(s.keys))
	for i, k := range s.keys {
		if vals[i] = k.value; k.open() {
			return "", false
		}
	}
	return tree.KeyOf(vals...), len(vals) > 0 && s.schema.Kind == yang.List
}

// matches tells whether the step matches an entry with these keys.
func (s patternStep) matches(keys []yang.Value) bool {
	for i, k := range s.keys {
		if !k.open() && (i >= len(keys) || k.value != keys[i]) {
			return false
		}
	}
	return true
}

// of puts in the name of the user; ok is false where a key cannot have that value.
func (p pattern) of(user string) (out pattern, ok bool) {
	out = p
	for i, st := range p {
		for j, k := range st.keys {
			if !k.user {
				continue
			}
			v, err := keyNode(st.schema, j).Type.Parse(user, nil)
			if err != nil {
				return nil, false
			}
			if &out[0] == &p[0] {
				out = slices.Clone(p)
			}
			out[i].keys = slices.Clone(out[i].keys)
			out[i].keys[j] = keyTest{value: v}
		}
	}
	return out, true
}

// keyNode is the leaf that the predicate j of an entry of s is about.
func keyNode(s *yang.Node, j int) *yang.Node {
	if s.Kind == yang.LeafList {
		return s
	}
	return s.Keys[j]
}

// parsePattern reads text. A prefix is the name of a module or, where no module has
// that name, the prefix that one module has for itself; a name without prefix is of the
// module of the node above. The error names the step.
func parsePattern(s *yang.Schema, text string) (pattern, error) {
	if strings.TrimSpace(text) == "/" {
		return nil, nil
	}
	p := patternParser{schema: s, rest: strings.TrimSpace(text)}
	var out pattern
	above := s.Root
	for p.rest != "" {
		if !p.take("/") {
			return nil, fmt.Errorf("expected '/' before %.60q", p.rest)
		}
		st, err := p.step(above)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
		above = st.schema
	}
	if out == nil {
		return nil, fmt.Errorf("expected a path that starts with '/'")
	}
	return out, nil
}

type patternParser struct {
	schema *yang.Schema
	rest   string
}

func (p *patternParser) take(text string) bool {
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *patternParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// name reads [PREFIX:]NAME.
func (p *patternParser) name() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return r != ':' && r != '_' && r != '-' && r != '.' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
	if end < 0 {
		end = len(p.rest)
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	return name
}

// child is the node that name means below above, nil for none.
func (p *patternParser) child(above *yang.Node, name string) *yang.Node {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		if above.Module == nil {
			return nil
		}
		return above.Child(above.Module.Name, name)
	}
	if p.schema.Module(prefix) != nil {
		return above.Child(prefix, local)
	}
	var found *yang.Node
	for _, m := range p.schema.Modules {
		if m.Prefix != prefix || !m.Implemented {
			continue
		}
		if c := above.Child(m.Name, local); c != nil {
			if found != nil && found != c {
				return nil
			}
			found = c
		}
	}
	return found
}

func (p *patternParser) step(above *yang.Node) (st patternStep, err error) {
	name := p.name()
	if st.schema = p.child(above, name); st.schema == nil {
		return st, fmt.Errorf("%.60q names no node below %s", name, above.Path())
	}
	for p.take("[") {
		if err := p.predicate(&st); err != nil {
			return st, fmt.Errorf("%s: %w", st.schema.Path(), err)
		}
	}
	return st, nil
}

// predicate reads what is behind "[".
func (p *patternParser) predicate(st *patternStep) error {
	s := st.schema
	at := -1
	p.space()
	switch name := p.name(); {
	case s.Kind == yang.LeafList && name == ".":
		at = 0
	case s.Kind == yang.List && name != "":
		at = slices.Index(s.Keys, p.child(s, name))
	}
	if at < 0 {
		return fmt.Errorf("a predicate must give the value of a key")
	}
	if st.keys == nil {
		st.keys = make([]keyTest, max(1, len(s.Keys)))
	}
	p.space()
	if !p.take("=") || !st.keys[at].open() {
		return fmt.Errorf("a predicate must be one NAME=VALUE for a key")
	}
	p.space()
	if p.take("$USER") {
		st.keys[at].user = true
	} else {
		text, err := p.literal()
		if err != nil {
			return err
		}
		k := keyNode(s, at)
		if st.keys[at].value, err = k.Type.Parse(text, yang.JSONResolver{Schema: p.schema, Default: k.Module.Name}); err != nil {
			return err
		}
	}
	if p.space(); !p.take("]") {
		return fmt.Errorf("expected ']' before %.60q", p.rest)
	}
	return nil
}

func (p *patternParser) literal() (string, error) {
	if p.rest != "" && (p.rest[0] == '\'' || p.rest[0] == '"') {
		if end := strings.IndexByte(p.rest[1:], p.rest[0]); end >= 0 {
			text := p.rest[1 : end+1]
			p.rest = p.rest[end+2:]
			return text, nil
		}
	}
	return "", fmt.Errorf("expected a value in quotes, or $USER, before %.60q", p.rest)
}
