package yang

import (
	"slices"
	"strings"
)

// xpathKey is an expression with the module of its names without prefix.
type xpathKey struct {
	st    *stmt
	scope *Module
}

// xpath compiles the expression that is the argument of s, once for each module
// that names without prefix can belong to. Errors are recorded, the result is
// then nil.
func (c *compiler) xpath(s *stmt, scope *Module) *XPath {
	key := xpathKey{s, scope}
	x, ok := c.xpaths[key]
	if !ok {
		o := XPathOptions{Resolve: s.file.resolver.ModuleOf, Module: s.file.module, NoVariables: true}
		if scope != nil {
			o.Default = scope.Name
		}
		parse := ParseXPath
		if s.kw == "path" {
			parse = ParseLeafrefPath
		}
		var err error
		if x, err = parse(s.arg, o); err != nil {
			c.at(s, "%s: %s", s.kw, err)
			x = nil
		}
		c.xpaths[key] = x
	}
	return x
}

// canonicalUnique is the argument of a unique statement as in facts: the paths
// sorted, with module names for prefixes except that of own.
func (c *compiler) canonicalUnique(s *stmt, own string) string {
	paths := strings.Fields(s.arg)
	for i, p := range paths {
		if x, err := ParseXPath(p, XPathOptions{Resolve: s.file.resolver.ModuleOf}); err == nil {
			paths[i] = x.Canonical(own)
		}
	}
	slices.Sort(paths)
	return strings.Join(paths, " ")
}
