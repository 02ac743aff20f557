package yang

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// loadAll loads the modules to implement with all they import and include.
func (c *compiler) loadAll() {
	for _, spec := range c.options.Implement {
		u := c.load(spec.Name, c.wanted(spec.Name), nil)
		if u == nil {
			continue
		}
		if spec.Revision != "" && u.mod.Revision != spec.Revision {
			c.add(&Error{File: u.mod.File, Message: "two revisions of " + spec.Name + " are to be implemented: " + u.mod.Revision + " and " + spec.Revision})
		}
		u.mod.Implemented = true
		c.byName[spec.Name] = u
	}
	for _, u := range c.order {
		if c.options.ImplementAll && c.byName[u.mod.Name] == u {
			u.mod.Implemented = true
		}
	}
}

// wanted is the revision in which the options want the module, "" for the newest.
func (c *compiler) wanted(name string) string {
	for _, s := range c.options.Implement {
		if s.Name == name {
			return s.Revision
		}
	}
	return ""
}

// load loads one module, once. from is the import statement, or nil. On failure
// it records the error and returns nil.
func (c *compiler) load(name, revision string, from *stmt) *unit {
	src, err := c.lib.source(name, revision)
	if err != nil {
		c.loadFailed(err, from)
		return nil
	}
	if src.top.kw != "module" {
		c.add(orFile(from, src).fault("%q is a submodule, expected a module", name))
		return nil
	}
	key := unitKey{name, src.revision}
	if u := c.units[key]; u != nil {
		if i := slices.Index(c.loading, u); i >= 0 {
			c.importLoop(c.loading[i:], from)
		}
		return u
	}
	u := &unit{mod: &Module{
		Name: name, Revision: src.revision, Prefix: src.prefix, Namespace: src.top.value("namespace"),
		YANGVersion: src.version, File: src.path, Source: src.text,
	}, defs: map[string]*stmt{}}
	c.units[key] = u
	c.order = append(c.order, u)
	if old := c.byName[name]; old == nil || old.mod.Revision < src.revision {
		c.byName[name] = u
	}
	c.loading = append(c.loading, u)
	c.addFile(u, src)
	c.loading = c.loading[:len(c.loading)-1]
	slices.SortFunc(u.mod.Imports, func(a, b Import) int {
		return cmp.Or(cmp.Compare(a.Module, b.Module), cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Prefix, b.Prefix))
	})
	return u
}

// orFile is the statement to blame: s, or the file itself.
func orFile(s *stmt, f *sourceFile) *stmt {
	if s != nil {
		return s
	}
	return f.top
}

func (c *compiler) loadFailed(err error, from *stmt) {
	var e *Error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			if errors.As(one, &e) {
				c.add(e)
			}
		}
		return
	}
	switch {
	case !errors.As(err, &e):
		e = &Error{Message: err.Error()}
	case e.File == "" && from != nil:
		e = from.fault("%s", e.Message)
	}
	c.add(e)
}

func (c *compiler) importLoop(loop []*unit, from *stmt) {
	var names []string
	for _, u := range loop {
		names = append(names, u.mod.Name)
	}
	c.at(from, "circular import: %s imports %s again", strings.Join(names, " imports "), names[0])
}

// addFile adds the module's or a submodule's text to u and follows its imports
// and includes.
func (c *compiler) addFile(u *unit, src *sourceFile) {
	for _, e := range src.faults {
		c.add(e)
	}
	u.broken = u.broken || src.lost
	u.files = append(u.files, src)
	c.files[src] = u
	prefixes := map[string]bool{src.prefix: true}
	included := map[string]bool{}
	for _, s := range src.top.subs {
		switch s.kw {
		case "import":
			c.addImport(u, s, prefixes)
		case "include":
			if included[s.arg] {
				c.at(s, "submodule %q is included twice", s.arg)
			}
			included[s.arg] = true
			c.include(u, s)
		}
	}
}

func (c *compiler) addImport(u *unit, s *stmt, prefixes map[string]bool) {
	prefix, revision := s.value("prefix"), s.value("revision-date")
	if prefixes[prefix] {
		c.at(s, "prefix %q is used already: prefixes of a module and its imports must differ", prefix)
	}
	prefixes[prefix] = true
	want := revision
	if want == "" {
		want = c.wanted(s.arg)
	}
	if revision != "" && !isDate(revision) {
		return // the fault is recorded
	}
	u.mod.Imports = append(u.mod.Imports, Import{Module: s.arg, Prefix: prefix, Revision: revision})
	if s.arg == u.mod.Name {
		c.at(s, "module %q imports itself", s.arg)
		return
	}
	if target := c.load(s.arg, want, s); target != nil {
		for _, other := range s.file.top.all("import") {
			if t := c.imports[other]; s.file.version == "1" && other.arg == s.arg && t != nil && t != target {
				c.at(s, "a module of YANG version 1 cannot import two revisions of %q", s.arg)
				break
			}
		}
		if revision != "" && s.file.version == "1" && target.mod.YANGVersion != "1" {
			c.at(s, "a module of YANG version 1 cannot import %q, one of version 1.1, by revision", s.arg)
		}
		c.imports[s] = target
	}
}

// include adds a submodule, once for a module however often it is included.
func (c *compiler) include(u *unit, s *stmt) {
	if top := u.files[0].top; s.file.top != top && s.file.version != "1" && !slices.ContainsFunc(top.all("include"), func(i *stmt) bool { return i.arg == s.arg }) {
		c.at(s, "submodule %q includes %q, which its module %q does not include", s.file.name, s.arg, u.mod.Name)
	}
	for _, f := range u.files[1:] {
		if f.name != s.arg {
			continue
		}
		if s.file.version == "1" && (f == s.file || c.includes(f, s.file)) {
			c.at(s, "circular include: %q includes %q, which YANG version 1 forbids", f.name, s.file.name)
		}
		if want := s.value("revision-date"); want != "" && want != f.revision {
			c.at(s, "submodule %q is included in revision %s already, expected the same everywhere", s.arg, f.revision)
		}
		return
	}
	src, err := c.lib.source(s.arg, s.value("revision-date"))
	wasBroken := u.broken
	u.broken = true // unless all goes well
	switch {
	case err != nil:
		c.loadFailed(err, s)
	case src.top.kw != "submodule":
		c.at(s, "%q is a module, expected a submodule", s.arg)
	case src.top.one("belongs-to") == nil:
		for _, e := range src.faults {
			c.add(e)
		}
	case src.module != u.mod.Name:
		c.at(s, "submodule %q belongs to %q, expected %q", s.arg, src.module, u.mod.Name)
	case src.version != u.files[0].version:
		c.at(s, "submodule %q has yang-version %s, expected that of its module: %s", s.arg, src.version, u.files[0].version)
	default:
		u.broken = wasBroken
		u.mod.Submodules = append(u.mod.Submodules, Submodule{Name: src.name, Revision: src.revision, File: src.path, Source: src.text})
		c.addFile(u, src)
	}
}
