package xpath

import (
	"math"
	"strings"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// yangFunctions are those of RFC 7950 Section 10.
var yangFunctions = map[string]function{
	"current": {compile: func(k *compiler, _ *yang.CallExpr, _ []code, _ types) code {
		return nodesCode(&nodeset{types: k.context, shape: single, walk: func(e *Env, _ frame, out *sink) bool {
			return e.charge(1) && out.take(e, e.current)
		}})
	}},
	"re-match": {min: 2, max: 2, compile: compileMatch},
	"deref":    {min: 1, max: 1, nodes: 1, compile: compileDeref},
	"derived-from": {min: 2, max: 2, nodes: 1, compile: func(k *compiler, _ *yang.CallExpr, args []code, _ types) code {
		return k.derived(args, false)
	}},
	"derived-from-or-self": {min: 2, max: 2, nodes: 1, compile: func(k *compiler, _ *yang.CallExpr, args []code, _ types) code {
		return k.derived(args, true)
	}},
	"enum-value": {min: 1, max: 1, nodes: 1, compile: func(_ *compiler, _ *yang.CallExpr, args []code, _ types) code {
		return numberCode(func(e *Env, f frame) float64 {
			if c := args[0].set.first(e, f); c != nil && c.Schema().IsLeafy() {
				if v, ok := c.node.Value().Enum(); ok {
					return float64(v.Value)
				}
			}
			return math.NaN()
		})
	}},
	"bit-is-set": {min: 2, max: 2, nodes: 1, compile: func(k *compiler, _ *yang.CallExpr, args []code, in types) code {
		name := textOf(k, args, 1, in)
		return boolCode(func(e *Env, f frame) bool {
			c := args[0].set.first(e, f)
			return c != nil && c.node.Value().Base() == yang.Bits && c.node.Value().HasBit(name(e, f))
		})
	}},
}

// compileMatch compiles re-match(); a malformed pattern matches nothing.
func compileMatch(k *compiler, x *yang.CallExpr, args []code, in types) code {
	subject, pattern := textOf(k, args, 0, in), textOf(k, args, 1, in)
	if lit, ok := x.Args[1].(yang.LiteralExpr); ok {
		p, err := yang.CompilePattern(string(lit), false)
		if err != nil {
			k.warn("re-match: %v", err)
			return boolCode(func(*Env, frame) bool { return false })
		}
		return boolCode(func(e *Env, f frame) bool {
			s := subject(e, f)
			return e.charge(len(s)/64) && p.Match(s)
		})
	}
	return boolCode(func(e *Env, f frame) bool {
		s, text := subject(e, f), pattern(e, f)
		if !e.charge((len(s) + len(text)) / 64 * 16) {
			return false
		}
		p, err := yang.CompilePattern(text, false)
		return err == nil && p.Match(s)
	})
}

// derived compiles derived-from() and derived-from-or-self() (RFC 7950 Section 10.4).
func (k *compiler) derived(args []code, orSelf bool) code {
	k.readsBelow(args[1])
	text := args[1].asText()
	schema := k.model.schema
	own := ""
	if k.ctx != nil && named(k.ctx).Module != nil {
		own = named(k.ctx).Module.Name
	}
	return boolCode(func(e *Env, f frame) bool {
		base := identity(schema, own, text(e, f))
		if base == nil {
			return false
		}
		for _, c := range args[0].set.collect(e, f) {
			i := c.node.Value().Identity()
			if i != nil && i.DerivedFromOrSelf(base) && (orSelf || i != base) {
				return true
			}
		}
		return false
	})
}

// identity finds "module:name", or a name in the module own.
func identity(s *yang.Schema, own, text string) *yang.Identity {
	module, name, qualified := strings.Cut(text, ":")
	if !qualified {
		module, name = own, text
	}
	if m := s.Module(module); m != nil {
		return m.Identity(name)
	}
	return nil
}

// compileDeref compiles deref() (RFC 7950 Section 10.3.1).
func compileDeref(k *compiler, _ *yang.CallExpr, args []code, _ types) code {
	set := args[0].set
	out := types{unknown: set.types.unknown}
	for _, n := range set.types.nodes {
		if n.Type == nil {
			continue
		}
		if refersAnywhere(n.Type) {
			out.unknown = true
		}
		for _, t := range leafrefs(n.Type) {
			out = out.union(k.refersTo(t, n))
		}
	}
	k.reads(out)
	return nodesCode(&nodeset{types: out, walk: func(e *Env, f frame, sink *sink) bool {
		c := set.first(e, f)
		if c == nil || c.text || !c.Schema().IsLeafy() {
			return true
		}
		if c.node.Value().Base() == yang.InstanceIdentifier {
			to := e.target(c)
			return to == nil || sink.take(e, to)
		}
		return e.follow(c, sink)
	}})
}

// target is the node an instance-identifier refers to, or nil.
func (e *Env) target(c *Cursor) *Cursor {
	p, err := tree.ParsePath(e.model.schema, c.node.Value().String())
	if err != nil || !e.charge(len(p)) {
		return nil
	}
	return e.locate(p)
}

// follow passes on the nodes that the leafref at c refers to.
func (e *Env) follow(c *Cursor, out *sink) bool {
	current := e.current
	e.current = c
	defer func() { e.current = current }()
	for _, r := range e.model.nodes[c.Schema().ID].refs {
		if !r.code.set.walk(e, frame{c, 1, 1}, out) {
			return false
		}
	}
	return !e.over
}
