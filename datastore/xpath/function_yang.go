package xpath

import (
	"math"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// yangFunctions are those of RFC 7950 Section 10.
var yangFunctions = map[string]function{
	"current": {compile: func(k *compiler, _ *yang.CallExpr, _ []code, _ types) code {
		set := oneNode(k.context, func(e *Env, _ frame) *Cursor { return e.current })
		return nodesCode(&set)
	}},
	"re-match": {min: 2, max: 2, compile: compileMatch},
	"deref":    {min: 1, max: 1, nodes: 1, compile: compileDeref},
	"derived-from": {min: 2, max: 2, nodes: 1, compile: func(k *compiler, x *yang.CallExpr, args []code, _ types) code {
		return k.derived(x, args, false)
	}},
	"derived-from-or-self": {min: 2, max: 2, nodes: 1, compile: func(k *compiler, x *yang.CallExpr, args []code, _ types) code {
		return k.derived(x, args, true)
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

// compileDeref compiles deref() (RFC 7950 Section 10.3.1).
func compileDeref(k *compiler, _ *yang.CallExpr, args []code, _ types) code {
	set := args[0].set
	out := k.targets(set.types)
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

// targets are the types of what nodes of the types t refer to.
func (k *compiler) targets(t types) types {
	var l []*yang.Node
	unknown := t.unknown
	for _, n := range t.nodes {
		if n.Type == nil {
			continue
		}
		unknown = unknown || refersAnywhere(n.Type)
		for i, ref := range leafrefs(n.Type) {
			to := k.refersTo(i, ref, n)
			unknown = unknown || to.unknown
			l = append(l, to.nodes...)
		}
	}
	out := typesOf(l)
	out.unknown = unknown
	return out
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
	return e.why == running
}
