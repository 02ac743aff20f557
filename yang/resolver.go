package yang

// ModuleResolver reads prefixes as a YANG module's own statements mean them: a
// name without prefix is the module's own (RFC 7950 Section 7.6.4 and 9.10.3).
// A value parsed with it is one that stands in a module, where integers may be
// hexadecimal or octal (RFC 7950 Section 9.2.1).
type ModuleResolver struct {
	Module   string            // of names without prefix
	Prefixes map[string]string // prefix to module name, the module's own prefix included
}

// ModuleOf implements Resolver.
func (r ModuleResolver) ModuleOf(prefix string) (string, bool) {
	if prefix == "" {
		return r.Module, r.Module != ""
	}
	m, ok := r.Prefixes[prefix]
	return m, ok
}

// JSONResolver reads prefixes as module names (RFC 7951 Section 4). With it, a
// name inside an instance-identifier may leave out its parent's module, as in
// the canonical text of values.
type JSONResolver struct {
	Schema  *Schema // that has to have the module; nil: whoever looks for the name finds out
	Default string  // module of a name without prefix: that of the leaf; "" for none
}

// ModuleOf implements Resolver.
func (r JSONResolver) ModuleOf(prefix string) (string, bool) {
	if prefix == "" {
		return r.Default, r.Default != ""
	}
	return prefix, r.Schema == nil || r.Schema.Module(prefix) != nil
}

// notation is where a value's text comes from: what differs between them is how
// integers and the names in instance-identifiers are written.
type notation uint8

const (
	notationXML notation = iota
	notationJSON
	notationModule
)

func notationOf(r Resolver) notation {
	switch r.(type) {
	case JSONResolver, *JSONResolver:
		return notationJSON
	case ModuleResolver, *ModuleResolver:
		return notationModule
	}
	return notationXML
}
