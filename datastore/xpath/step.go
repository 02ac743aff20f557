package xpath

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// step is one compiled location step.
type step struct {
	*yang.Step
	out    types
	list   *yang.Node // the only type of the result, when it is a list or leaf-list
	from   *yang.Node // with to: the child step from from leads to to
	to     *yang.Node
	reach  nodes // a descendant step finds something at or below these
	preds  []predicate
	counts bool     // a predicate is positional
	most   int      // the first predicate is this position; 0 for another
	lookup []source // of the list's keys, or the leaf-list's value
}

// nodes is a set of schema nodes, a bit for each yang.Node.ID.
type nodes []uint64

func (l nodes) has(n *yang.Node) bool { return l[n.ID/64]&(1<<(n.ID%64)) != 0 }

func (l nodes) add(n *yang.Node) { l[n.ID/64] |= 1 << (n.ID % 64) }

// step compiles s for context nodes of the types in.
func (k *compiler) step(s yang.Step, in types) (*step, error) {
	st := &step{Step: &s, out: k.follow(in, s.Axis).filter(&s)}
	k.reads(st.out)
	if s.Test == yang.TestText {
		k.reads(k.follow(in, s.Axis))
	}
	if len(in.nodes) > 0 && !in.unknown && len(st.out.nodes) == 0 && !st.out.unknown && s.Test == yang.TestName {
		k.warn("%s:%s matches nothing at %s", s.Module, s.Name, in.nodes[0].Path())
	}
	down := s.Axis == yang.AxisDescendant || s.Axis == yang.AxisDescendantOrSelf
	if only := st.out.only(); only != nil && (s.Axis == yang.AxisChild || down) && s.Test == yang.TestName && only.IsData() {
		if s.Axis == yang.AxisChild {
			st.to, st.from = only, in.only()
		}
		if only.Kind == yang.List || only.Kind == yang.LeafList {
			st.list = only
		}
	}
	if down && (s.Test == yang.TestName || s.Test == yang.TestAny) && !st.out.unknown {
		st.reach = k.reach(st.out)
	}
	preds := s.Preds
	var err error
	if st.list != nil && (s.Axis == yang.AxisChild || st.reach != nil && s.Axis == yang.AxisDescendant) {
		if st.lookup, preds, err = k.keyLookup(st.list, preds); err != nil {
			return nil, err
		}
		if len(st.list.Defaults) > 0 {
			preds = s.Preds // defaults are not looked up
		}
	}
	if len(preds) > 0 {
		if n, ok := preds[0].(yang.NumberExpr); ok && n >= 1 && n <= 1<<20 && n == yang.NumberExpr(int(n)) {
			st.most = int(n)
		}
	}
	st.preds, err = k.predicates(preds, st.out)
	for _, p := range st.preds {
		st.counts = st.counts || p.positional
	}
	s.Preds = nil // what they were compiled to is enough
	return st, err
}

// reach are the nodes of t and all above them.
func (k *compiler) reach(t types) nodes {
	l := make(nodes, (len(k.model.nodes)+63)/64)
	for _, n := range t.nodes {
		for ; n != nil && !l.has(n); n = k.parentOf(n) {
			l.add(n)
		}
	}
	return l
}

// reshape returns the shape of what the step finds from nodes of shape in.
func (st *step) reshape(in shape) shape {
	if in.one && st.most > 0 {
		return single
	}
	only := st.to != nil && st.list == nil || st.lookup != nil && oneKey(st.lookup)
	switch st.Axis {
	case yang.AxisSelf:
		return in
	case yang.AxisChild:
		out := shape{one: in.one && only, flat: in.flat, ordered: in.flat && in.ordered, unique: in.unique}
		if st.lookup != nil && !oneKey(st.lookup) {
			out.ordered = false
		}
		return out
	case yang.AxisDescendant, yang.AxisDescendantOrSelf:
		sorted := st.lookup == nil || oneKey(st.lookup)
		return shape{ordered: in.flat && in.ordered && sorted, unique: in.flat && in.unique}
	case yang.AxisParent:
		if in.one {
			return in
		}
	case yang.AxisAncestor, yang.AxisAncestorOrSelf, yang.AxisPreceding:
		return shape{unique: in.one}
	case yang.AxisFollowing:
		return shape{ordered: in.one, unique: in.one}
	case yang.AxisFollowingSibling:
		return shape{flat: in.one, ordered: in.one, unique: in.one}
	case yang.AxisPrecedingSibling:
		return shape{flat: in.one, unique: in.one}
	case yang.AxisAttribute, yang.AxisNamespace:
		return shape{ordered: true, unique: true, flat: true}
	}
	return shape{}
}

// walk passes the nodes the step finds from c on to next.
func (st *step) walk(e *Env, c *Cursor, next walker, out *sink) bool {
	if !st.counts {
		return st.axis(e, c, next, out)
	}
	tmp := e.sink()
	tmp.collect = true
	inOrder := st.lookup == nil || oneKey(st.lookup)
	if inOrder {
		tmp.most = st.most
	}
	st.axis(e, c, collector, tmp)
	if !inOrder {
		e.sort(tmp.nodes) // found in the order of keys; positions count in list order
	}
	more := true
	for _, x := range selectAll(e, tmp.nodes, st.preds) {
		if more = next(e, x, out); !more {
			break
		}
	}
	e.giveBack()
	return more && e.why == running
}

// offer passes x on if it satisfies the predicates, which are not positional.
func (st *step) offer(e *Env, x *Cursor, next walker, out *sink) bool {
	if !e.charge(1) {
		return false
	}
	if !st.counts {
		for _, p := range st.preds {
			if !p.holds(e, frame{x, 1, 1}) {
				return e.why == running
			}
		}
	}
	return next(e, x, out)
}

// offerNode is offer for a child of c, whose cursor is given back unless kept.
func (st *step) offerNode(e *Env, n *tree.Node, c *Cursor, virtual bool, next walker, out *sink) bool {
	m, before := e.mark(), len(out.nodes)
	x := e.cursor(n, c)
	x.virtual = virtual
	more := st.offer(e, x, next, out)
	if len(out.nodes) == before {
		e.release(m)
	}
	return more
}

// passes applies the node test.
func (st *step) passes(c *Cursor) bool {
	if c.text {
		return st.Test == yang.TestNode || st.Test == yang.TestText
	}
	return matches(st.Step, c.Schema())
}

// offerTest is offer for a node that the node test has not seen.
func (st *step) offerTest(e *Env, x *Cursor, next walker, out *sink) bool {
	if !st.passes(x) {
		return e.charge(1)
	}
	return st.offer(e, x, next, out)
}

// child passes on the children that the test names.
func (st *step) child(e *Env, c *Cursor, next walker, out *sink) bool {
	if c.text {
		return true
	}
	s := c.Schema()
	switch {
	case st.from == s && s != nil:
		return st.instances(e, c, st.to, next, out)
	case st.Module == yang.AnyModule:
		for _, d := range s.Data {
			if d.Name == st.Name && !st.instances(e, c, d, next, out) {
				return false
			}
		}
	default:
		if d := s.Child(st.Module, st.Name); d != nil && d.IsData() && !st.instances(e, c, d, next, out) {
			return false
		}
	}
	if e.op != nil && matches(st.Step, e.op.Schema()) && same(e.op.parent, c) {
		return st.offer(e, e.op, next, out)
	}
	return true
}

// instances passes on the instances of d below c.
func (st *step) instances(e *Env, c *Cursor, d *yang.Node, next walker, out *sink) bool {
	if d == e.mask.schema && same(c, e.mask.parent) || d.Kind != yang.List && d.Kind != yang.LeafList {
		n, virtual := e.child(c, d)
		return n == nil || st.offerNode(e, n, c, virtual, next, out)
	}
	if st.lookup != nil && d == st.list && (d.Kind == yang.List || c.node.Has(d)) {
		return st.find(e, c, next, out)
	}
	if !c.node.Has(d) {
		for _, n := range e.absent(c, d) {
			if !st.offerNode(e, n, c, true, next, out) {
				return false
			}
		}
		return true
	}
	for n := range c.node.Entries(d) {
		if !st.offerNode(e, n, c, false, next, out) {
			return false
		}
	}
	return true
}
