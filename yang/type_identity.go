package yang

import "strings"

// parseIdentity reads an identity's qualified name; the value must be derived
// from every base and defined in an implemented module (RFC 7950 Section
// 9.10.2). A default in a module may name an identity of a module that is only
// imported.
func (t *Type) parseIdentity(text string, r Resolver) (Value, *failure) {
	prefix, name, qualified := strings.Cut(text, ":")
	if !qualified {
		prefix, name = "", text
	}
	if !isIdentifier(name) || qualified && !isIdentifier(prefix) {
		return Value{}, t.fail(text, "is no identity name")
	}
	if r == nil {
		r = JSONResolver{Schema: t.schema}
	}
	module, ok := r.ModuleOf(prefix)
	if !ok {
		return Value{}, t.fail(text, noModule(prefix))
	}
	identity := t.identity(module, name)
	if identity == nil {
		return Value{}, t.fail(text, "names no identity of module "+module)
	}
	if !identity.Module.Implemented && notationOf(r) != notationModule {
		return Value{}, t.fail(text, "is an identity of "+module+", which is only imported")
	}
	if !identity.Enabled {
		return Value{}, t.fail(text, "is an identity that an if-feature switches off")
	}
	for _, b := range t.Bases {
		if identity == b || !identity.DerivedFromOrSelf(b) {
			return Value{}, t.fail(text, "is not derived from "+b.String())
		}
	}
	if prefix != module || !qualified {
		text = module + ":" + name
	}
	return Value{typ: t, str: text}, nil
}

func (t *Type) identity(module, name string) *Identity {
	if t.schema == nil {
		return nil
	}
	m := t.schema.Module(module)
	if m == nil {
		return nil
	}
	return m.Identity(name)
}

// noModule is the reason of a failure to resolve a prefix.
func noModule(prefix string) string {
	if prefix == "" {
		return "has no prefix, and there is no default module here"
	}
	return "has the prefix " + quote(prefix) + ", which stands for no module here"
}

func (t *Type) baseNames() string {
	names := make([]string, len(t.Bases))
	for i, b := range t.Bases {
		names[i] = b.String()
	}
	return strings.Join(names, " and ")
}

// scanIdentifier is the length of the identifier (RFC 7950 Section 6.2) at the
// start of s, 0 for none.
func scanIdentifier(s string) int {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9') && c != '-' && c != '.') {
			return i
		}
	}
	return len(s)
}
