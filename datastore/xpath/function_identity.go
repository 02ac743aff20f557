package xpath

import (
	"slices"
	"strings"

	"github.com/altoam/altoam/yang"
)

// derived compiles derived-from() and derived-from-or-self() (RFC 7950 Section 10.4).
func (k *compiler) derived(x *yang.CallExpr, args []code, orSelf bool) code {
	k.readsBelow(args[1])
	bases := k.identities(x.Args[1], args[1])
	return boolCode(func(e *Env, f frame) bool {
		l := bases(e, f)
		return len(l) > 0 && args[0].set.has(e, f, func(c *Cursor) bool {
			i := c.node.Value().Identity()
			return i != nil && slices.ContainsFunc(l, func(b *yang.Identity) bool {
				return i.DerivedFromOrSelf(b) && (orSelf || i != b)
			})
		})
	})
}

// identities returns the function that finds what x names.
func (k *compiler) identities(x yang.Expr, c code) func(*Env, frame) []*yang.Identity {
	var fixed []*yang.Identity
	switch x := x.(type) {
	case yang.NameExpr:
		fixed = k.named(x.Name)
	case yang.LiteralExpr:
		fixed = k.named(string(x))
	default:
		text := c.asText()
		return func(e *Env, f frame) []*yang.Identity {
			if !e.charge(len(k.model.schema.Modules)) {
				return nil
			}
			return k.named(text(e, f))
		}
	}
	return func(*Env, frame) []*yang.Identity { return fixed }
}

// named finds identities by "module:name", or by a name in the module of the
// context node. The root is of no module: there a name is looked for in all, as
// other names without a prefix are in filters.
func (k *compiler) named(text string) (l []*yang.Identity) {
	s := k.model.schema
	modules := s.Modules
	if module, name, qualified := strings.Cut(text, ":"); qualified {
		modules, text = []*yang.Module{s.Module(module)}, name
	} else if k.ctx != nil && named(k.ctx).Module != nil {
		modules = []*yang.Module{named(k.ctx).Module}
	}
	for _, m := range modules {
		if m == nil {
			continue
		}
		if i := m.Identity(text); i != nil {
			l = append(l, i)
		}
	}
	return l
}
