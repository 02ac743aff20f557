package codec

import (
	"strings"

	"github.com/altoam/altoam/yang"
)

// What must be escaped: in text, and in a double-quoted attribute value, where
// white space other than a space would be normalized away (XML 1.0 Section 3.3.3).
var xmlTextEscape, xmlAttrEscape = func() (t, a [256]string) {
	t['<'], t['>'], t['&'], t['\r'] = "&lt;", "&gt;", "&amp;", "&#13;"
	a = t
	a['"'], a['\t'], a['\n'] = "&quot;", "&#9;", "&#10;"
	return t, a
}()

// appendEscaped appends s with the escapes of table.
func appendEscaped[T ~string | ~[]byte](dst []byte, s T, table *[256]string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		if e := table[s[i]]; e != "" {
			dst = append(append(dst, s[from:i]...), e...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// appendXMLText appends s as character data; s consists of XML characters.
func appendXMLText[T ~string | ~[]byte](dst []byte, s T) []byte {
	return appendEscaped(dst, s, &xmlTextEscape)
}

// appendXMLAttr appends name="value" with a space before.
func appendXMLAttr(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, ' '), name...), `="`...)
	return append(appendEscaped(dst, value, &xmlAttrEscape), '"')
}

// appendXMLNS appends a namespace declaration; prefix "" is the default namespace.
func appendXMLNS(dst []byte, prefix, uri string) []byte {
	if prefix == "" {
		return appendXMLAttr(dst, "xmlns", uri)
	}
	return appendXMLAttr(dst, "xmlns:"+prefix, uri)
}

// prefixes are the namespace prefixes that one value needs.
type prefixes struct {
	modules []*yang.Module
	names   []string
}

// of returns the prefix for m: its own, unless another module in use has the
// same or it is reserved for attributes.
func (p *prefixes) of(m *yang.Module) string {
	for i, have := range p.modules {
		if have == m {
			return p.names[i]
		}
	}
	name := m.Prefix
	for p.taken(name) {
		name += "-"
	}
	p.modules = append(p.modules, m)
	p.names = append(p.names, name)
	return name
}

func (p *prefixes) taken(name string) bool {
	if name == originPrefix || name == defaultPrefix || name == pagePrefix || strings.HasPrefix(strings.ToLower(name), "xml") {
		return true
	}
	for _, have := range p.names {
		if have == name {
			return true
		}
	}
	return false
}

func (p *prefixes) reset() { p.modules, p.names = p.modules[:0], p.names[:0] }
