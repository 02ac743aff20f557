package codec

import (
	"strings"

	"github.com/altoam/altoam/yang"
)

// isNodePath tells whether values of t are node-instance-identifiers (RFC 8341 Section
// 3.5.2). They are kept with the names of modules for prefixes, as in JSON.
func isNodePath(t *yang.Type) bool { return t.Typedef == "ietf-netconf-acm:node-instance-identifier" }

// prefixesIn calls f with each prefix of a path and puts what it returns in its place.
// Literals are left alone.
func prefixesIn(path string, f func(prefix string) string) string {
	var b strings.Builder
	start := -1 // of the name that is being read
	var quote byte
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '_' || c == '-' || c == '.' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z':
			if start < 0 {
				start = i
			}
			continue
		case c == ':' && start >= 0:
			b.WriteString(f(path[start:i]))
			start = -1
		}
		if start >= 0 {
			b.WriteString(path[start:i])
			start = -1
		}
		b.WriteByte(c)
	}
	if start >= 0 {
		b.WriteString(path[start:])
	}
	return b.String()
}

// byModules is a path as XML has it, with the names of modules for the prefixes that r
// knows; others stay.
func byModules(path string, r yang.Resolver) string {
	return prefixesIn(path, func(prefix string) string {
		if m, ok := r.ModuleOf(prefix); ok {
			return m
		}
		return prefix
	})
}

// nodePath writes the rest of the start tag, which declares the prefixes, and the path.
func (e *xmlEncoder) nodePath(v yang.Value) {
	e.prefix.reset()
	schema := v.Type().Schema()
	text := prefixesIn(v.String(), func(prefix string) string {
		if m := schema.Module(prefix); m != nil {
			return e.prefix.of(m)
		}
		return prefix
	})
	for i, m := range e.prefix.modules {
		e.buf = appendXMLNS(e.buf, e.prefix.names[i], m.Namespace)
	}
	e.buf = appendXMLText(append(e.buf, '>'), text)
}
