package diagram

import (
	"regexp"
	"strings"

	"github.com/altoam/altoam/yang"
)

// typed tells whether a type is drawn with n.
func typed(n *yang.Node) bool {
	return n.IsLeafy() || n.Kind == yang.AnyData || n.Kind == yang.AnyXML
}

// typeName is the name of the type, or where a leafref points to.
func (d *drawing) typeName(n *yang.Node) string {
	if n.Type == nil {
		return "<" + n.Kind.String() + ">"
	}
	if module, name, ok := strings.Cut(n.Type.Typedef, ":"); ok {
		return d.qualified(module, name)
	}
	if n.Type.Base == yang.LeafRef && n.Type.Path != nil {
		return "-> " + d.leafPath(n.Type.Path.Canonical(""))
	}
	return n.Type.Base.String()
}

// leafPath writes the path of a leafref with as few prefixes as can be (RFC 8340
// Section 2.6): one stands only where the module is another than that of the step
// before. In predicates every name of another module has its prefix.
func (d *drawing) leafPath(path string) string {
	module, depth := d.module.Name, 0
	return qualifiedName.ReplaceAllStringFunc(path, func(s string) string {
		switch s {
		case "[":
			depth++
			return s
		case "]":
			depth--
			return s
		}
		own, name, _ := strings.Cut(s, ":")
		if depth > 0 {
			return d.qualified(own, name)
		}
		if own == module {
			return name
		}
		module = own
		if own == d.module.Name {
			return d.module.Prefix + ":" + name
		}
		return d.qualified(own, name)
	})
}

// features are the expressions a node depends on.
func (d *drawing) features(n *yang.Node) string {
	text := strings.Join(n.IfFeatures, ",")
	return qualifiedName.ReplaceAllStringFunc(text, func(s string) string {
		module, name, ok := strings.Cut(s, ":")
		if !ok {
			return s
		}
		return d.qualified(module, name)
	})
}

// qualifiedName finds names with a module, and brackets.
var qualifiedName = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_.-]*:[A-Za-z_][A-Za-z0-9_.-]*|[\[\]]`)
