package xpath

import (
	"github.com/altoam/altoam/yang"
)

// nodeFunctions are those of XPath 1.0 Section 4.1.
var nodeFunctions = map[string]function{
	"last": {compile: func(*compiler, *yang.CallExpr, []code, types) code {
		c := numberCode(func(_ *Env, f frame) float64 { return float64(f.size) })
		c.positional = true
		return c
	}},
	"position": {compile: func(*compiler, *yang.CallExpr, []code, types) code {
		c := numberCode(func(_ *Env, f frame) float64 { return float64(f.pos) })
		c.positional = true
		return c
	}},
	"count": {min: 1, max: 1, nodes: 1, compile: func(_ *compiler, _ *yang.CallExpr, args []code, _ types) code {
		return numberCode(func(e *Env, f frame) float64 { return float64(args[0].set.count(e, f)) })
	}},
	// A data tree has no unique IDs.
	"id": {min: 1, max: 1, compile: func(*compiler, *yang.CallExpr, []code, types) code {
		return nodesCode(&nodeset{shape: single, walk: func(*Env, frame, *sink) bool { return true }})
	}},
	"local-name":    {max: 1, nodes: 1, context: true, compile: nameFunction(func(s *yang.Node) string { return s.Name })},
	"namespace-uri": {max: 1, nodes: 1, context: true, compile: nameFunction(func(s *yang.Node) string { return s.Module.Namespace })},
	"name":          {max: 1, nodes: 1, context: true, compile: nameFunction((*yang.Node).QName)},
}

// nameFunction compiles a function of the name of the first node of its argument.
func nameFunction(name func(*yang.Node) string) func(*compiler, *yang.CallExpr, []code, types) code {
	return func(_ *compiler, _ *yang.CallExpr, args []code, in types) code {
		set := self(in).set
		if len(args) > 0 {
			set = args[0].set
		}
		return textCode(func(e *Env, f frame) string {
			c := set.first(e, f)
			if c == nil || !c.isElement() {
				return ""
			}
			return name(named(c.Schema()))
		})
	}
}
