package yang

import (
	"fmt"
	"strconv"
	"strings"
)

// parseInstance reads an instance-identifier (RFC 7950 Section 9.13, RFC 7951
// Section 6.11): every node must be a data node of the schema, list entries
// have a predicate for each key, leaf-list entries one for the value, entries of
// lists without keys a position. Keys are written in key order with canonical values.
func (t *Type) parseInstance(text string, r Resolver, from notation) (Value, *failure) {
	if t.schema == nil || t.schema.Root == nil {
		return Value{}, t.fail(text, "cannot be looked up without a schema")
	}
	if r == nil {
		r, from = JSONResolver{Schema: t.schema}, notationJSON
	}
	p := instanceParser{text: text, rest: text, resolver: r, inherit: from == notationJSON, node: t.schema.Root}
	if why := p.run(); why != "" {
		return Value{}, t.fail(text, why)
	}
	if canonical := p.out.String(); canonical != text {
		text = canonical
	}
	return Value{typ: t, str: text}, nil
}

type instanceParser struct {
	text, rest string
	resolver   Resolver
	inherit    bool // names without prefix are of the parent's module
	node       *Node
	out        strings.Builder
}

// run returns why the text is no instance-identifier, "" when it is one.
func (p *instanceParser) run() string {
	if p.rest == "" {
		return "is empty"
	}
	for p.rest != "" {
		if !p.take("/") {
			return p.expect(`"/"`)
		}
		parent := p.node
		child, why := p.name(parent)
		if why != "" {
			return why
		}
		if !child.IsData() {
			return "names " + child.QName() + ", which is no data node"
		}
		p.node = child
		p.out.WriteString("/" + nameBelow(child, parent))
		if why := p.predicates(); why != "" {
			return why
		}
	}
	return ""
}

// nameBelow is the node's name, with its module where that is not the parent's.
func nameBelow(n, parent *Node) string {
	if n.Module == parent.Module {
		return n.Name
	}
	return n.QName()
}

// name reads a node name and finds it below parent.
func (p *instanceParser) name(parent *Node) (*Node, string) {
	prefix, local := "", p.identifier()
	if local == "" {
		return nil, p.expect("a node name")
	}
	if p.take(":") {
		if prefix, local = local, p.identifier(); local == "" {
			return nil, p.expect("a node name")
		}
	}
	module, ok := "", false
	if prefix == "" && p.inherit && parent.Module != nil {
		module, ok = parent.Module.Name, true
	} else if prefix != "" || notationOf(p.resolver) == notationModule {
		module, ok = p.resolver.ModuleOf(prefix)
	}
	switch {
	case !ok && prefix == "":
		return nil, "has the name " + quote(local) + " without a prefix"
	case !ok:
		return nil, noModule(prefix)
	}
	child := parent.Child(module, local)
	if child == nil {
		return nil, fmt.Sprintf("names %s:%s, which the schema does not have below %s", module, local, parent.Path())
	}
	return child, ""
}

func (p *instanceParser) identifier() string {
	n := scanIdentifier(p.rest)
	id := p.rest[:n]
	p.rest = p.rest[n:]
	return id
}

func (p *instanceParser) take(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	p.rest = rest
	return ok
}

func (p *instanceParser) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

func (p *instanceParser) expect(what string) string {
	return fmt.Sprintf("is no instance-identifier at character %d, where %s must stand", len(p.text)-len(p.rest)+1, what)
}

// predicates reads and writes the predicates of p.node.
func (p *instanceParser) predicates() string {
	n := p.node
	switch {
	case n.Kind == LeafList:
		return p.valuePredicate()
	case n.Kind == List && len(n.Keys) == 0:
		return p.position()
	case n.Kind == List:
		return p.keyPredicates()
	case strings.HasPrefix(p.rest, "["):
		return "has a predicate on " + n.QName() + ", which is neither a list nor a leaf-list"
	}
	return ""
}

func (p *instanceParser) valuePredicate() string {
	n := p.node
	if !p.take("[") {
		return "names leaf-list " + n.QName() + " without a [.='value'] predicate"
	}
	p.space()
	if !p.take(".") {
		return p.expect(`"."`)
	}
	v, why := p.equals(n)
	if why == "" {
		p.out.WriteString("[.=" + v + "]")
	}
	return why
}

func (p *instanceParser) position() string {
	if !p.take("[") {
		return "names list " + p.node.QName() + " without a position: the list has no keys"
	}
	p.space()
	end := 0
	for end < len(p.rest) && p.rest[end] >= '0' && p.rest[end] <= '9' {
		end++
	}
	digits := p.rest[:end]
	if n, err := strconv.ParseUint(digits, 10, 32); err != nil || n == 0 || digits[0] == '0' {
		return p.expect("a position from 1 on")
	}
	p.rest = p.rest[end:]
	p.space()
	if !p.take("]") {
		return p.expect(`"]"`)
	}
	p.out.WriteString("[" + digits + "]")
	return ""
}

func (p *instanceParser) keyPredicates() string {
	list := p.node
	values := make([]string, len(list.Keys))
	for p.take("[") {
		p.space()
		key, why := p.name(list)
		if why != "" {
			return why
		}
		i := keyIndex(list, key)
		if i < 0 {
			return "has a predicate for " + key.QName() + ", which is no key of " + list.QName()
		}
		if values[i] != "" {
			return "has two predicates for key " + key.QName()
		}
		if values[i], why = p.equals(key); why != "" {
			return why
		}
	}
	for i, v := range values {
		if v == "" {
			return "lacks a predicate for key " + list.Keys[i].Name + " of list " + list.QName()
		}
		p.out.WriteString("[" + nameBelow(list.Keys[i], list) + "=" + v + "]")
	}
	return ""
}

func keyIndex(list, leaf *Node) int {
	for i, k := range list.Keys {
		if k == leaf {
			return i
		}
	}
	return -1
}

// equals reads "= 'value' ]" and returns the canonical value of leaf n, quoted.
func (p *instanceParser) equals(n *Node) (quoted, why string) {
	p.space()
	if !p.take("=") {
		return "", p.expect(`"="`)
	}
	p.space()
	if p.rest == "" || p.rest[0] != '\'' && p.rest[0] != '"' {
		return "", p.expect("a value in quotes")
	}
	mark := p.rest[:1]
	value, rest, closed := strings.Cut(p.rest[1:], mark)
	if !closed {
		return "", p.expect("a value with its closing quote")
	}
	v, f := n.Type.parse(value, p.resolver, notationOf(p.resolver))
	if f != nil {
		return "", "has a wrong value for " + n.QName() + ": " + f.error().Message
	}
	p.rest = rest
	p.space()
	if !p.take("]") {
		return "", p.expect(`"]"`)
	}
	if canonical := v.String(); strings.Contains(canonical, "'") {
		return `"` + canonical + `"`, ""
	}
	return "'" + v.String() + "'", ""
}
