package codec

import (
	"strings"

	"github.com/altoam/altoam/yang"
)

// XMLPath turns an instance-identifier with module names (RFC 7951 Section
// 6.11), as errors carry it, into one with prefixes (RFC 7950 Section 9.13.2) and
// the namespaces these stand for. A name of an unknown module stays as it is.
func XMLPath(path string, s *yang.Schema) (text string, xmlns map[string]string) {
	var p prefixes
	text = xmlPath(path, moduleSet{s, s.Root}, &p)
	xmlns = make(map[string]string, len(p.names))
	for i, m := range p.modules {
		xmlns[p.names[i]] = m.Namespace
	}
	return text, xmlns
}

// xmlPath rewrites path and collects the prefixes it needs.
func xmlPath(path string, ms moduleSet, p *prefixes) string {
	w := pathWriter{modules: ms, prefixes: p, at: ms.root}
	for rest := path; rest != ""; {
		switch {
		case rest[0] == '/':
			end := 1 + strings.IndexAny(rest[1:], "/[")
			if end == 0 {
				end = len(rest)
			}
			w.step(rest[1:end])
			rest = rest[end:]
		case rest[0] == '[':
			end := predicateEnd(rest)
			w.predicate(rest[1 : end-1])
			rest = rest[end:]
		default:
			w.WriteString(rest) // no instance-identifier: nothing to rewrite
			rest = ""
		}
	}
	return w.String()
}

// predicateEnd is the length of the predicate that s starts with.
func predicateEnd(s string) int {
	quote := byte(0)
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == ']':
			return i + 1
		}
	}
	return len(s)
}

type pathWriter struct {
	strings.Builder
	modules  moduleSet
	prefixes *prefixes
	module   *yang.Module // of the last name: that of names without one
	at       *yang.Node   // schema node of the last step, nil when it is not known
}

func (w *pathWriter) step(name string) {
	w.WriteByte('/')
	w.name(name, &w.module)
	if w.at != nil {
		_, local := splitName(name)
		w.at = w.child(w.module, local)
	}
}

func (w *pathWriter) child(m *yang.Module, local string) *yang.Node {
	if w.at == nil || m == nil {
		return nil
	}
	return w.at.Child(m.Name, local)
}

// name writes a name with a prefix. module is the one of a name without, and
// becomes that of the name.
func (w *pathWriter) name(name string, module **yang.Module) {
	m, local := splitName(name)
	if m != "" {
		*module = w.modules.named(m)
	}
	if *module == nil {
		w.WriteString(name)
		return
	}
	w.WriteString(w.prefixes.of(*module) + ":" + local)
}

// predicate writes "[…]" around a position, ".='value'" or "key='value'".
func (w *pathWriter) predicate(text string) {
	w.WriteByte('[')
	defer w.WriteByte(']')
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		w.WriteString(text)
		return
	}
	key = strings.TrimSpace(key)
	node, module := w.at, w.module
	if key == "." {
		w.WriteString(key)
	} else {
		w.name(key, &module)
		_, local := splitName(key)
		node = w.child(module, local)
	}
	w.WriteByte('=')
	w.WriteString(w.literal(node, strings.TrimSpace(value)))
}

// literal rewrites the quoted value of an identityref: its module is a prefix too.
func (w *pathWriter) literal(node *yang.Node, quoted string) string {
	if node == nil || node.Type == nil || len(quoted) < 2 || !holdsIdentity(node.Type) {
		return quoted
	}
	module, local := splitName(quoted[1 : len(quoted)-1])
	m := w.modules.named(module)
	if m == nil {
		return quoted
	}
	return quoted[:1] + w.prefixes.of(m) + ":" + local + quoted[len(quoted)-1:]
}

func holdsIdentity(t *yang.Type) bool {
	if t.Real != nil {
		t = t.Real
	}
	return t.Base == yang.IdentityRef
}
