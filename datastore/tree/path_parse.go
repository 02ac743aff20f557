package tree

import (
	"slices"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/yang"
)

// ParsePath reads an instance-identifier with module names (RFC 7951 Section
// 6.11) and checks it against the schema: every node exists, key values are of
// the keys' types. A list step may leave out all predicates, which means all
// entries, but not some; the form that Path.String writes for values with both
// kinds of quotes is read too. "/" is the empty path. Errors are invalid-value
// and name the step.
func ParsePath(s *yang.Schema, text string) (Path, error) {
	p := pathParser{schema: s, text: text}
	path, err := p.parse()
	if err != nil {
		return nil, err
	}
	return path, nil
}

// ParseKeys reads the key predicates of one entry of list, as in the attribute
// yang:key (RFC 7950 Section 7.8.6). Prefixes, in names and in values, are those
// of r; a name without prefix is of the list's module.
func ParseKeys(list *yang.Node, text string, r yang.Resolver) ([]yang.Value, error) {
	p := pathParser{prefixes: r, text: text}
	p.space()
	vals, err := p.keys(list)
	if err == nil && p.at < len(text) {
		err = p.errorf("expected key predicates and nothing else")
	}
	if err != nil {
		return nil, err
	}
	return vals, nil
}

// pathParser reads text from at on.
type pathParser struct {
	schema   *yang.Schema
	prefixes yang.Resolver // nil: prefixes are module names
	text     string
	at       int
}

func (p *pathParser) parse() (Path, *rpcerr.Error) {
	if p.text == "/" {
		return Path{}, nil
	}
	var path Path
	parent := p.schema.Root
	for first := true; first || p.at < len(p.text); first = false {
		if !p.take("/") {
			return nil, p.errorf("expected '/'")
		}
		st, err := p.step(parent)
		if err != nil {
			return nil, err
		}
		path = append(path, st)
		parent = st.Schema
	}
	return path, nil
}

func (p *pathParser) step(parent *yang.Node) (Step, *rpcerr.Error) {
	s, err := p.child(parent)
	if err != nil {
		return Step{}, err
	}
	st := Step{Schema: s}
	if p.at >= len(p.text) || p.text[p.at] != '[' {
		return st, nil
	}
	switch {
	case s.Kind == yang.LeafList:
		v, err := p.entryValue(s)
		st.Keys = []yang.Value{v}
		return st, err
	case s.Kind != yang.List:
		return st, p.errorf("%s takes no predicate", s.QName())
	case len(s.Keys) == 0:
		st.Index, err = p.position()
		return st, err
	}
	st.Keys, err = p.keys(s)
	return st, err
}

// child reads a node name below parent.
func (p *pathParser) child(parent *yang.Node) (*yang.Node, *rpcerr.Error) {
	module, name, err := p.name()
	if err != nil {
		return nil, err
	}
	if p.prefixes != nil && module != "" {
		if m, ok := p.prefixes.ModuleOf(module); ok {
			module = m
		}
	}
	if module == "" {
		if parent.Module == nil {
			return nil, p.errorf("the first node needs its module name: MODULE:%s", name)
		}
		module = parent.Module.Name
	}
	s := parent.Child(module, name)
	if s == nil || !s.IsData() {
		return nil, p.errorf("no data node %s:%s below %s", module, name, parent.Path())
	}
	return s, nil
}

// name reads an identifier with an optional module.
func (p *pathParser) name() (module, name string, err *rpcerr.Error) {
	if name = p.identifier(); name != "" && p.take(":") {
		module, name = name, p.identifier()
	}
	if name == "" {
		return "", "", p.errorf("expected a node name")
	}
	return module, name, nil
}

func (p *pathParser) identifier() string {
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		letter := c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (p.at == start || c != '-' && c != '.' && (c < '0' || c > '9')) {
			break
		}
	}
	return p.text[start:p.at]
}

// keys reads one predicate for each key of s, in any order.
func (p *pathParser) keys(s *yang.Node) ([]yang.Value, *rpcerr.Error) {
	vals := make([]yang.Value, len(s.Keys))
	for p.take("[") {
		p.space()
		k, err := p.child(s)
		if err != nil {
			return nil, err
		}
		i := slices.Index(s.Keys, k)
		if i < 0 || !vals[i].IsZero() {
			return nil, p.errorf("%s is no key of %s, or is given twice", k.Name, s.QName())
		}
		if vals[i], err = p.value(k); err != nil {
			return nil, err
		}
		if p.prefixes != nil {
			p.space()
		}
	}
	for i, v := range vals {
		if v.IsZero() {
			return nil, p.errorf("%s needs a predicate for the key %s", s.QName(), s.Keys[i].Name)
		}
	}
	return vals, nil
}

// value reads the rest of a predicate: "= literal ]", a value of s.
func (p *pathParser) value(s *yang.Node) (yang.Value, *rpcerr.Error) {
	p.space()
	if !p.take("=") {
		return yang.Value{}, p.errorf("expected '='")
	}
	p.space()
	text, err := p.literal()
	if err != nil {
		return yang.Value{}, err
	}
	p.space()
	if !p.take("]") {
		return yang.Value{}, p.errorf("expected ']'")
	}
	r := p.prefixes
	if r == nil {
		r = yang.JSONResolver{Schema: p.schema, Default: s.Module.Name}
	}
	v, e := s.Type.Parse(text, r)
	if e != nil {
		return yang.Value{}, p.errorf("%s: %v", s.QName(), e)
	}
	return v, nil
}

// literal reads a quoted string or the concat() of some.
func (p *pathParser) literal() (string, *rpcerr.Error) {
	if !p.take("concat(") {
		return p.quoted()
	}
	var text string
	for {
		p.space()
		part, err := p.quoted()
		if err != nil {
			return "", err
		}
		text += part
		p.space()
		if p.take(")") {
			return text, nil
		}
		if !p.take(",") {
			return "", p.errorf("expected ',' or ')' in concat()")
		}
	}
}

func (p *pathParser) quoted() (string, *rpcerr.Error) {
	for _, quote := range []string{"'", `"`} {
		if p.take(quote) {
			if i := strings.Index(p.text[p.at:], quote); i >= 0 {
				text := p.text[p.at : p.at+i]
				p.at += i + 1
				return text, nil
			}
			return "", p.errorf("the closing %s is missing", quote)
		}
	}
	return "", p.errorf("expected a quoted string")
}

// entryValue reads "[. = literal]".
func (p *pathParser) entryValue(s *yang.Node) (yang.Value, *rpcerr.Error) {
	p.take("[")
	p.space()
	if !p.take(".") {
		return yang.Value{}, p.errorf("expected '.': the predicate of a leaf-list is its value")
	}
	return p.value(s)
}

// position reads "[n]".
func (p *pathParser) position() (int, *rpcerr.Error) {
	p.take("[")
	p.space()
	start := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	p.space()
	if err != nil || n < 1 || p.text[start] == '0' || !p.take("]") {
		return 0, p.errorf("expected a position from 1: the list has no keys")
	}
	return n, nil
}

func (p *pathParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *pathParser) take(token string) bool {
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *pathParser) errorf(format string, args ...any) *rpcerr.Error {
	e := rpcerr.New(rpcerr.InvalidValue, "", format, args...)
	e.Message = "instance-identifier " + strconv.Quote(clip(p.text)) + ", at byte " + strconv.Itoa(p.at) + ": " + e.Message
	return e
}

// clip shortens a text from outside for a message.
func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
