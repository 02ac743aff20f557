package yang

import "strings"

// definitionKinds are the statements at the top of a module that give a name to
// something other than a schema node. Each kind has a name space of its own
// (RFC 7950 Section 6.2.1).
var definitionKinds = map[string]bool{"typedef": true, "grouping": true, "feature": true, "identity": true, "extension": true}

// readDefinitions lists what the modules define at their top, and their extensions.
func (c *compiler) readDefinitions() {
	namespaces := map[string]*unit{}
	for _, u := range c.order {
		for _, f := range u.files {
			for _, s := range f.top.subs {
				if definitionKinds[s.kw] {
					c.define(u, s)
				}
			}
		}
		if other := namespaces[u.mod.Namespace]; other != nil && other.mod.Name != u.mod.Name {
			c.at(u.files[0].top.one("namespace"), "namespace %q is that of module %q already", u.mod.Namespace, other.mod.Name)
		}
		namespaces[u.mod.Namespace] = u
	}
	for _, u := range c.order {
		for _, f := range u.files {
			c.checkReferences(f.top)
			c.checkScopes(u, f.top, nil)
		}
	}
}

func (c *compiler) define(u *unit, s *stmt) {
	key := s.kw + " " + s.arg
	if old := u.defs[key]; old != nil {
		c.at(s, "%s %q is defined twice, first at %s:%d", s.kw, s.arg, old.file.path, old.line)
		return
	}
	u.defs[key] = s
	if s.kw == "extension" {
		u.mod.Extensions = append(u.mod.Extensions, &Extension{Module: u.mod, Name: s.arg, Argument: s.value("argument"), Status: statusOf(s)})
	}
}

// statusOf reads the status substatement.
func statusOf(s *stmt) Status {
	switch s.value("status") {
	case "deprecated":
		return Deprecated
	case "obsolete":
		return Obsolete
	}
	return Current
}

// split resolves a name with an optional prefix as it stands in s. The error, an
// unknown prefix or a module that could not be loaded, is recorded and u is nil.
func (c *compiler) split(s *stmt, name string) (u *unit, local string) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		return c.files[s.file], name
	}
	if u = c.moduleOf(s, prefix); u == nil && s.file.imports[prefix] == nil {
		c.at(s, "prefix %q of %q is not that of the module or of one of its imports", prefix, name)
	}
	return u, local
}

// moduleOf is the module that a prefix stands for in the file of s, or nil.
func (c *compiler) moduleOf(s *stmt, prefix string) *unit {
	if prefix == s.file.prefix {
		return c.files[s.file]
	}
	if i := s.file.imports[prefix]; i != nil {
		return c.imports[i]
	}
	return nil
}

// lookup finds the definition of the kind that name means at s: that of an
// enclosing statement first (RFC 7950 Section 5.5), else that of the module. A
// name that is not found is recorded as an error, and the result nil.
func (c *compiler) lookup(s *stmt, kind, name string) *stmt {
	u, local := c.split(s, name)
	if u == nil {
		return nil
	}
	key := kind + " " + local
	if u == c.files[s.file] {
		for p := s.parent; p != nil; p = p.parent {
			if d := p.defs[key]; d != nil {
				c.checkCurrent(s, d)
				return d
			}
		}
	}
	if d := u.defs[key]; d != nil && (u != c.files[s.file] || c.sees(s.file, d.file)) {
		c.checkCurrent(s, d)
		return d
	}
	if !u.broken {
		c.at(s, "%s %q is not defined in module %q", kind, local, u.mod.Name)
	}
	return nil
}

// sees tells whether a file may use the definitions of another one of its module:
// a submodule of YANG version 1 only what it includes (RFC 7950 Section 1.1).
func (c *compiler) sees(from, to *sourceFile) bool {
	return from == to || from.version != "1" || from.top.kw == "module" || c.includes(from, to)
}

// includes tells whether a file includes another, directly or by others.
func (c *compiler) includes(from, to *sourceFile) bool {
	seen := map[string]bool{}
	var search func(f *sourceFile) bool
	search = func(f *sourceFile) bool {
		for _, i := range f.top.all("include") {
			if i.arg == to.name {
				return true
			}
			if seen[i.arg] {
				continue
			}
			seen[i.arg] = true
			for _, other := range c.files[from].files {
				if other.name == i.arg && search(other) {
					return true
				}
			}
		}
		return false
	}
	return search(from)
}

// notFound records that s names a schema node of u that does not exist, unless
// that may be the consequence of another error.
func (c *compiler) notFound(u *unit, s *stmt, format string, args ...any) {
	if !u.holes {
		c.at(s, format, args...)
	}
}

// checkCurrent checks that s does not refer to a definition of its own module
// that is more obsolete than itself (RFC 7950 Section 7.21.2).
func (c *compiler) checkCurrent(s, def *stmt) {
	status := statusOf(def)
	if status == Current || c.files[s.file] != c.files[def.file] {
		return
	}
	for p := s; p != nil; p = p.parent {
		if p == def || statusOf(p) >= status {
			return
		}
	}
	c.at(s, "%s refers to %s, which is %s, from a definition that is not", s.title(), def.title(), status)
}

// extensionOf finds the extension that s uses, nil for a statement of YANG. An
// extension that is not defined is recorded as an error.
func (c *compiler) extensionOf(s *stmt) *Extension {
	prefix, name, ok := s.extension()
	if !ok {
		return nil
	}
	u := c.moduleOf(s, prefix)
	if u == nil && s.file.imports[prefix] != nil {
		return nil // the error is recorded
	}
	if u == nil {
		c.at(s, "prefix %q of statement %q is not that of the module or of one of its imports", prefix, s.kw)
		return nil
	}
	for _, e := range u.mod.Extensions {
		if e.Name == name {
			return e
		}
	}
	if !u.broken {
		c.at(s, "extension %q is not defined in module %q", name, u.mod.Name)
	}
	return nil
}

// is tells whether e is that extension.
func (e *Extension) is(module, name string) bool {
	return e != nil && e.Name == name && e.Module.Name == module
}

// checkReferences checks every use of an extension below s.
func (c *compiler) checkReferences(s *stmt) {
	for _, sub := range s.subs {
		if e := c.extensionOf(sub); e != nil {
			switch {
			case e.Argument == "" && sub.hasArg:
				c.at(sub, "extension %q takes no argument, got %q", sub.kw, sub.arg)
			case e.Argument != "" && !sub.hasArg:
				c.at(sub, "extension %q needs an argument: %s", sub.kw, e.Argument)
			}
			c.checkExtension(sub, e)
		}
		c.checkReferences(sub)
	}
}

// checkScopes checks that no typedef or grouping hides one of an enclosing scope
// (RFC 7950 Section 5.5) and that none stands twice in one scope.
func (c *compiler) checkScopes(u *unit, s *stmt, outer []*stmt) {
	if len(s.defs) > 0 && s.parent != nil {
		for _, d := range s.subs {
			if d.kw != "typedef" && d.kw != "grouping" {
				continue
			}
			key := d.kw + " " + d.arg
			if first := s.defs[key]; first != d {
				c.at(d, "%s %q is defined twice, first in line %d", d.kw, d.arg, first.line)
			}
			hidden := u.defs[key]
			for _, o := range outer {
				if o.defs[key] != nil {
					hidden = o.defs[key]
				}
			}
			if hidden != nil {
				c.at(d, "%s %q hides that of line %d, names must differ from those of enclosing scopes", d.kw, d.arg, hidden.line)
			}
		}
		outer = append(outer, s)
	}
	for _, sub := range s.subs {
		if sub.kw == "typedef" && BaseOf(sub.arg) != 0 {
			c.at(sub, "typedef %q has the name of a built-in type", sub.arg)
		}
		if len(sub.subs) > 0 {
			c.checkScopes(u, sub, outer)
		}
	}
}
