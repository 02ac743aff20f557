package yang

import "slices"

// nodeSet are the schema nodes whose instances an expression can select; open
// tells that there may be others.
type nodeSet struct {
	nodes []*Node
	open  bool
}

var anyNodes = nodeSet{open: true}

// maxNodeSet bounds a nodeSet, for expressions of a module can be made to cost much.
const maxNodeSet = 64

func (s *nodeSet) add(n *Node) {
	switch {
	case len(s.nodes) == maxNodeSet:
		s.open = true
	case !slices.Contains(s.nodes, n):
		s.nodes = append(s.nodes, n)
	}
}

// nameCheck follows the names of one must or when through the schema.
type nameCheck struct {
	c       *compiler
	ref     *reference // node and statement, as for a leafref
	context *Node
	hollow  bool    // the context node has no children while its own when is judged
	named   []*Node // nodes that the expression names
}

// checkNames warns of names in must and when that no node has (RFC 7950 Section
// 6.4), and refuses a when that depends on itself.
func (c *compiler) checkNames() {
	whens := map[*Node][]*Node{}
	for _, n := range c.schema.Nodes {
		for _, m := range n.Musts {
			k := &nameCheck{c: c, ref: &reference{node: n, path: m.st}, context: n}
			k.expr(m.XPath.Expr, nodeSet{nodes: []*Node{n}})
		}
		for _, w := range n.Whens {
			k := &nameCheck{c: c, ref: &reference{node: n, path: w.use.st}, context: n, hollow: true}
			if w.OnParent {
				k.context, k.hollow = n.DataParent, false
			}
			k.expr(w.XPath.Expr, nodeSet{nodes: []*Node{k.context}})
			whens[n] = append(whens[n], k.named...)
		}
	}
	c.checkWhenCircles(whens)
}

// expr is what e selects for the context nodes in.
func (k *nameCheck) expr(e Expr, in nodeSet) nodeSet {
	switch e := e.(type) {
	case *BinaryExpr:
		l, r := k.expr(e.L, in), k.expr(e.R, in)
		if e.Op != OpUnion {
			return anyNodes
		}
		l.open = l.open || r.open
		for _, n := range r.nodes {
			l.add(n)
		}
		return l
	case *NegateExpr:
		k.expr(e.X, in)
	case *CallExpr:
		return k.call(e, in)
	case *PathExpr:
		return k.path(e, in)
	}
	return anyNodes
}

func (k *nameCheck) call(e *CallExpr, in nodeSet) nodeSet {
	var first nodeSet
	for i, a := range e.Args {
		if s := k.expr(a, in); i == 0 {
			first = s
		}
	}
	switch e.Name {
	case "current":
		return nodeSet{nodes: []*Node{k.context}}
	case "deref":
		out := nodeSet{open: first.open}
		for _, n := range first.nodes {
			if n.Type == nil || n.Type.Target == nil {
				out.open = true
				continue
			}
			out.add(n.Type.Target)
		}
		return out
	}
	return anyNodes
}

func (k *nameCheck) path(p *PathExpr, in nodeSet) nodeSet {
	switch {
	case p.Base != nil:
		in = k.expr(p.Base, in)
	case p.Absolute:
		in = nodeSet{nodes: []*Node{k.c.schema.Root}}
	}
	for _, e := range p.Preds {
		k.expr(e, in)
	}
	for _, s := range p.Steps {
		in = k.step(s, in)
		for _, e := range s.Preds {
			k.expr(e, in)
		}
	}
	return in
}

// step is what a location step selects. Axes other than those of the abbreviated
// syntax are not followed.
func (k *nameCheck) step(s Step, in nodeSet) nodeSet {
	out := nodeSet{open: in.open}
	switch s.Axis {
	case AxisChild:
		if s.Test == TestName {
			return k.child(s, in)
		}
		return anyNodes
	case AxisParent:
		for _, n := range in.nodes {
			if p := n.up(); p != nil {
				out.add(p)
			}
		}
	case AxisSelf:
		out = in
	default:
		return anyNodes
	}
	if s.Test != TestNode || len(out.nodes) == 0 {
		out.open = true
	}
	return out
}

func (k *nameCheck) child(s Step, in nodeSet) nodeSet {
	if len(k.c.warnings.list) == maxErrors {
		return anyNodes
	}
	out := nodeSet{open: in.open}
	for _, n := range in.nodes {
		if k.hollow && n == k.context {
			st := k.ref.path
			k.c.warnings.at(st, "%s: %s has no children while its own when is judged (RFC 7950 Section 7.21.5)", st.title(), n.Path())
			out.open = true
			continue
		}
		child := n.Child(s.Module, s.Name)
		if child == nil && n.Kind == Root {
			child = k.ref.ownRoot(s)
		}
		switch {
		case child != nil:
			out.add(child)
			if !k.hollow || child != k.context { // for which a dummy stands
				k.named = append(k.named, child)
			}
		case n.Kind == AnyData || n.Kind == AnyXML || n.offChild(s) || n.Kind == Root && k.c.offTop(s):
			out.open = true
		}
	}
	if len(out.nodes) == 0 && !out.open {
		out.open = true
		if u := k.c.byName[s.Module]; u != nil && u.mod.Implemented && len(in.nodes) > 0 {
			k.warn(s, in.nodes[0])
		}
	}
	return out
}

func (k *nameCheck) warn(s Step, n *Node) {
	where := n.Path()
	if n.Kind == Root {
		where = "the top level"
	}
	st := k.ref.path
	k.c.warnings.at(st, "%s: there is no node %q in %s", st.title(), s.Module+":"+s.Name, where)
}

// checkWhenCircles checks that no when depends on the node it stands on, over
// the when statements of others (RFC 7950 Section 7.21.5). refs are the nodes
// that the when statements of a node name.
func (c *compiler) checkWhenCircles(refs map[*Node][]*Node) {
	state := map[*Node]int8{} // 1 while visited, 2 after
	var visit func(n *Node) *Node
	visit = func(n *Node) *Node {
		switch state[n] {
		case 1:
			return n
		case 2:
			return nil
		}
		state[n] = 1
		defer func() { state[n] = 2 }()
		for _, r := range refs[n] {
			if len(refs[r]) == 0 {
				continue
			}
			if circular := visit(r); circular != nil {
				return circular
			}
		}
		return nil
	}
	for _, n := range c.schema.Nodes {
		if len(refs[n]) == 0 {
			continue
		}
		if circular := visit(n); circular != nil {
			st := circular.Whens[0].use.st
			c.at(st, "%s of %s depends on itself", st.title(), circular.SchemaPath())
		}
	}
}
