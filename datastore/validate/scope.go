package validate

import (
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// scope is what a rule of host can see.
type scope struct {
	host          *yang.Node
	touched, gone []*yang.Node // as in dependent
	always        bool
	reach         int // data depth of the highest node that is passed or seen; Root is 0
}

// depth is the number of data nodes above and including n.
func depth(n *yang.Node) int {
	d := 0
	for n = n.DataParent; n != nil; n = n.DataParent {
		d++
	}
	return d
}

// program is the scope of an expression with that context node.
func (v *Validator) program(host *yang.Node, p *xpath.Program, x *yang.XPath, ctx *yang.Node) scope {
	nodes, known := p.Depends()
	s := scope{host: host, touched: nodes, reach: min(climb(x, ctx), depth(host))}
	if !known {
		s.always, s.reach = true, 0
	}
	return s
}

// uniqueScope is the scope of a unique statement: the entries of its list.
func (v *Validator) uniqueScope(list *yang.Node, q *unique) scope {
	s := scope{host: list, reach: depth(list) - 1}
	for _, way := range q.ways {
		s.touched = append(s.touched, way...)
	}
	return s
}

// leafrefScope is the scope of a leafref without predicates. Instances that are
// added to its target cannot break it.
func (v *Validator) leafrefScope(s *yang.Node, l *leafref) scope {
	out := scope{host: s, gone: l.down}
	if !l.absolute {
		out.reach = max(depth(s)-l.up, 0)
	}
	return out
}

// close adds what makes the defaults come and go that s sees: nodes of the same
// choice and what when expressions read.
func (s *scope) close(v *Validator) {
	seen := map[*yang.Node]bool{}
	todo := append(append([]*yang.Node(nil), s.touched...), s.gone...)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[n] || !n.IsData() {
			continue
		}
		seen[n] = true
		if !standsIn(n) {
			continue
		}
		var more []*yang.Node
		for c := n.Case; c != nil; c = xpath.OuterCase(c) {
			s.reach = min(s.reach, depth(n)-1)
			for _, other := range c.Parent.Children {
				more = append(more, v.model.CaseNodes(other)...)
			}
		}
		for _, x := range v.rules[n.ID].whens {
			ctx := n
			if x.source.OnParent {
				ctx = n.DataParent
			}
			w := v.program(n, x.program, x.source.XPath, ctx)
			s.reach, s.always = min(s.reach, w.reach), s.always || w.always
			more = append(more, w.touched...)
		}
		s.touched = append(s.touched, more...)
		todo = append(todo, more...)
	}
}

// climb returns the least depth that the evaluation of x at ctx can get to.
func climb(x *yang.XPath, ctx *yang.Node) int {
	k := climber{context: depth(ctx), least: depth(ctx)}
	k.expr(x.Expr, k.context)
	return max(k.least, 0)
}

type climber struct{ context, least int }

// expr looks into e with context nodes of depth at or more, and returns the like
// for the nodes that e selects.
func (k *climber) expr(e yang.Expr, at int) int {
	switch e := e.(type) {
	case *yang.BinaryExpr:
		return min(k.expr(e.L, at), k.expr(e.R, at))
	case *yang.NegateExpr:
		return k.expr(e.X, at)
	case *yang.CallExpr:
		for _, a := range e.Args {
			k.expr(a, at)
		}
		switch e.Name {
		case "current":
			return k.context
		case "deref", "id":
			return k.pass(0)
		}
	case *yang.PathExpr:
		return k.path(e, at)
	}
	return at
}

func (k *climber) path(p *yang.PathExpr, at int) int {
	switch {
	case p.Base != nil:
		at = k.expr(p.Base, at)
	case p.Absolute:
		at = k.pass(0)
	}
	for _, e := range p.Preds {
		k.expr(e, at)
	}
	for _, s := range p.Steps {
		switch s.Axis {
		case yang.AxisChild, yang.AxisDescendant:
			at++
		case yang.AxisParent:
			at = k.pass(at - 1)
		case yang.AxisFollowingSibling, yang.AxisPrecedingSibling:
			k.pass(at - 1)
		case yang.AxisAncestor, yang.AxisAncestorOrSelf, yang.AxisFollowing, yang.AxisPreceding:
			at = k.pass(0)
		}
		for _, e := range s.Preds {
			k.expr(e, at)
		}
	}
	return at
}

func (k *climber) pass(depth int) int {
	k.least = min(k.least, depth)
	return depth
}
