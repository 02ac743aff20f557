package xpath

import "github.com/altoam/altoam/yang"

// axis passes on the nodes of the step's axis from c, in axis order, that pass the
// node test and the predicates that are not positional.
func (st *step) axis(e *Env, c *Cursor, next walker, out *sink) bool {
	switch st.Axis {
	case yang.AxisChild:
		if st.Test == yang.TestName {
			return st.child(e, c, next, out)
		}
		return e.eachChild(c, st.offering(e, next, out))
	case yang.AxisSelf:
		return st.offerTest(e, c, next, out)
	case yang.AxisParent:
		return c.parent == nil || st.offerTest(e, c.parent, next, out)
	case yang.AxisAncestorOrSelf, yang.AxisAncestor:
		if st.Axis == yang.AxisAncestor {
			c = c.parent
		}
		for ; c != nil; c = c.parent {
			if !st.offerTest(e, c, next, out) {
				return false
			}
		}
		return true
	case yang.AxisDescendant:
		return st.descend(e, c, next, out)
	case yang.AxisDescendantOrSelf:
		return st.offerTest(e, c, next, out) && st.descend(e, c, next, out)
	case yang.AxisFollowingSibling:
		return e.after(c, st.offering(e, next, out))
	case yang.AxisPrecedingSibling:
		return e.before(c, st.offering(e, next, out))
	case yang.AxisFollowing:
		return st.following(e, c, next, out)
	case yang.AxisPreceding:
		return st.preceding(e, c, next, out)
	}
	return true // attributes and namespaces: a data tree has none
}

// offering returns offerTest as a function that tells whether cursors were kept.
func (st *step) offering(e *Env, next walker, out *sink) visitor {
	return func(x *Cursor) (more, keep bool) {
		before := len(out.nodes)
		more = st.offerTest(e, x, next, out)
		return more, len(out.nodes) > before
	}
}

// descend passes on the descendants of c.
func (st *step) descend(e *Env, c *Cursor, next walker, out *sink) bool {
	visit := func(x *Cursor) (more, keep bool) {
		before := len(out.nodes)
		more = st.offerTest(e, x, next, out) && st.descend(e, x, next, out)
		return more, len(out.nodes) > before
	}
	if st.reach == nil || c.text || c.Schema().IsLeafy() {
		return e.eachChild(c, visit)
	}
	for _, d := range c.Schema().Data {
		switch {
		case !st.reach.has(d):
		case d == st.list && st.lookup != nil:
			if !st.instances(e, c, d, next, out) {
				return false
			}
		case !e.offerAll(c, d, visit):
			return false
		}
	}
	if e.op != nil && same(e.op.parent, c) {
		more, _ := visit(e.op)
		return more
	}
	return true
}

// following passes on what comes after c in document order but its descendants.
func (st *step) following(e *Env, c *Cursor, next walker, out *sink) bool {
	for ; c != nil; c = c.parent {
		more := e.after(c, func(x *Cursor) (more, keep bool) {
			before := len(out.nodes)
			more = st.offerTest(e, x, next, out) && st.descend(e, x, next, out)
			return more, len(out.nodes) > before
		})
		if !more {
			return false
		}
	}
	return true
}

// preceding passes on what comes before c but its ancestors, nearest first.
func (st *step) preceding(e *Env, c *Cursor, next walker, out *sink) bool {
	var backwards visitor
	backwards = func(x *Cursor) (more, keep bool) {
		before := len(out.nodes)
		more = e.eachChildBackwards(x, backwards) && st.offerTest(e, x, next, out)
		return more, len(out.nodes) > before
	}
	for ; c != nil; c = c.parent {
		if !e.before(c, backwards) {
			return false
		}
	}
	return true
}
