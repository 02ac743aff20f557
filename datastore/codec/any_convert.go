package codec

import (
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json/jsontext"
)

// anyContent writes the rest of the element of an anydata or anyxml node.
func (e *xmlEncoder) anyContent(n *tree.Node, origin tree.Origin) {
	s, a := n.Schema(), n.Any()
	t := a.Tree
	if t == nil && a.JSON != "" {
		t = typed(s, a, e.o.Schema)
	}
	if t != nil {
		e.children(t.Root(), s, origin)
		return
	}
	e.buf = append(e.buf, '>')
	start := len(e.buf)
	if a.JSON == "" {
		e.buf = append(e.buf, a.XML...)
	} else {
		c := jsonToXML{e.o.modules(s)}
		e.buf = c.value(e.buf, jsontext.Value(a.JSON), s.Module)
	}
	if len(e.buf) == start {
		e.close(s.Name, true)
		return
	}
	e.buf = append(append(append(e.buf, "</"...), s.Name...), '>')
}

// anyContent writes the value of an anydata or anyxml member with its
// annotations: within an anydata object, beside anyxml (RFC 7952 Section 5.2).
func (e *jsonEncoder) anyContent(f *jsonFrame, n *tree.Node, m meta) {
	s, a := n.Schema(), n.Any()
	t := a.Tree
	if t == nil && a.XML != "" {
		t = typed(s, a, e.o.Schema)
	}
	start := len(e.buf)
	switch {
	case t != nil:
		e.buf = append(e.buf, '{')
		e.members(t.Root().Children(), s.Module, inherit(n, f.origin), m)
		return
	case a.JSON != "":
		e.buf = append(e.buf, a.JSON...)
	default:
		e.buf = appendAnyXML(e.buf, s, a.XML, e.o.modules(s))
	}
	if s.Kind == yang.AnyXML || m == (meta{}) {
		e.sibling(f, s, m)
		return
	}
	rest := string(e.buf[start+1:])
	e.buf = append(e.buf[:start+1], `"@":`...)
	e.metaObject(m)
	if rest != "}" {
		e.buf = append(e.buf, ',')
	}
	e.buf = append(e.buf, rest...)
}

// appendAnyXML appends inner XML as a JSON value: an object for anydata, for
// anyxml a string where it has no elements. What JSON has no form for, text beside
// elements, is appended as a string of XML. Attributes are lost.
func appendAnyXML(dst []byte, s *yang.Node, raw string, ms moduleSet) []byte {
	e, err := parseElement(raw)
	switch {
	case err != nil || e.mixed:
		return appendJSONString(dst, raw)
	case len(e.children) == 0 && s.Kind == yang.AnyXML:
		return appendJSONString(dst, e.text)
	}
	return e.appendMembers(dst, s.Module.Namespace, ms)
}

// appendMembers appends the children of e as an object. Elements with one name
// become an array, at the place of the first.
func (e *element) appendMembers(dst []byte, space string, ms moduleSet) []byte {
	var names []string
	same := make(map[string][]*element)
	for i := range e.children {
		c := &e.children[i]
		name := c.local
		if c.space != space {
			if m := ms.ofNamespace(c.space); m != nil {
				name = m.Name + ":" + name
			}
		}
		if same[name] == nil {
			names = append(names, name)
		}
		same[name] = append(same[name], c)
	}
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, name), ':')
		list := same[name]
		if len(list) == 1 {
			dst = list[0].appendValue(dst, ms)
			continue
		}
		for j, c := range list {
			dst = c.appendValue(append(dst, "[,"[min(j, 1)]), ms)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func (e *element) appendValue(dst []byte, ms moduleSet) []byte {
	if len(e.children) > 0 {
		return e.appendMembers(dst, e.space, ms)
	}
	return appendJSONString(dst, e.text)
}

// jsonToXML writes JSON of unknown schema as XML: members are elements, an array
// repeats its element, names of unknown modules are in no namespace. A value that
// XML has no form for becomes JSON text; annotations are left out.
type jsonToXML struct{ modules moduleSet }

// value appends the content of an element in module's namespace.
func (c jsonToXML) value(dst []byte, v jsontext.Value, module *yang.Module) []byte {
	switch v.Kind() {
	case 'n':
		return dst
	case '"':
		text, _ := jsontext.AppendUnquote(nil, v) // valid since it was decoded
		return appendXMLText(dst, text)
	case '{':
		if out, ok := c.members(dst, v, module); ok {
			return out
		}
	case '[':
		if isNullArray(v) {
			return dst
		}
	}
	return appendXMLText(dst, v)
}

// members appends an object; ok is false when a name is no element's.
func (c jsonToXML) members(dst []byte, v jsontext.Value, parent *yang.Module) (_ []byte, ok bool) {
	in := jsontext.NewDecoder(strings.NewReader(string(v)))
	in.ReadToken()
	for in.PeekKind() == '"' {
		t, _ := in.ReadToken()
		name := t.String()
		value, err := in.ReadValue()
		if err != nil || !isMemberName(name) {
			return dst, false
		}
		if strings.HasPrefix(name, "@") {
			continue
		}
		module := parent
		prefix, local := splitName(name)
		if prefix != "" {
			module = c.modules.named(prefix)
		}
		if value.Kind() != '[' || isNullArray(value) {
			dst = c.element(dst, local, value.Clone(), parent, module)
			continue
		}
		items := jsontext.NewDecoder(strings.NewReader(string(value)))
		items.ReadToken()
		for items.PeekKind() != ']' {
			item, err := items.ReadValue()
			if err != nil {
				return dst, false
			}
			dst = c.element(dst, local, item.Clone(), parent, module)
		}
	}
	return dst, true
}

func (c jsonToXML) element(dst []byte, name string, v jsontext.Value, parent, module *yang.Module) []byte {
	dst = append(append(dst, '<'), name...)
	if module != parent {
		space := ""
		if module != nil {
			space = module.Namespace
		}
		dst = appendXMLNS(dst, "", space)
	}
	dst = c.value(append(dst, '>'), v, module)
	return append(append(append(dst, "</"...), name...), '>')
}
