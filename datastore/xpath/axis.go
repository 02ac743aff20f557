package xpath

import (
	"slices"

	"github.com/altoam/altoam/yang"
)

// axis passes on the nodes of the step's axis from c, in axis order, that pass the
// node test and the predicates that are not positional.
func (st *step) axis(e *Env, c *Cursor, next walker, out *sink) bool {
	switch st.Axis {
	case yang.AxisChild:
		if st.Test == yang.TestName {
			return st.child(e, c, next, out)
		}
		return e.eachChild(c, func(x *Cursor) (bool, bool) {
			before := len(out.nodes)
			more := st.offerTest(e, x, next, out)
			return more, len(out.nodes) > before
		})
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
		_, after := e.around(c)
		return st.offerEach(e, after, next, out)
	case yang.AxisPrecedingSibling:
		before, _ := e.around(c)
		return st.offerEach(e, before, next, out)
	case yang.AxisFollowing:
		return st.following(e, c, next, out)
	case yang.AxisPreceding:
		return st.preceding(e, c, next, out)
	}
	return true // attributes and namespaces: a data tree has none
}

func (st *step) offerEach(e *Env, l []*Cursor, next walker, out *sink) bool {
	for _, x := range l {
		if !st.offerTest(e, x, next, out) {
			return false
		}
	}
	return true
}

// descend passes on the descendants of c.
func (st *step) descend(e *Env, c *Cursor, next walker, out *sink) bool {
	if st.reach == nil || c.text || c.Schema().IsLeafy() {
		return e.eachChild(c, func(x *Cursor) (bool, bool) {
			before := len(out.nodes)
			more := st.offerTest(e, x, next, out) && st.descend(e, x, next, out)
			return more, len(out.nodes) > before
		})
	}
	visit := func(x *Cursor) (bool, bool) {
		before := len(out.nodes)
		more := st.offerTest(e, x, next, out) && st.descend(e, x, next, out)
		return more, len(out.nodes) > before
	}
	for _, d := range c.Schema().Data {
		if st.reach[d.ID] && !e.offerAll(c, d, visit) {
			return false
		}
	}
	if e.op != nil && same(e.op.parent, c) {
		more, _ := visit(e.op)
		return more
	}
	return true
}

// around are the siblings before c, nearest first, and after c.
func (e *Env) around(c *Cursor) (before, after []*Cursor) {
	if c.parent == nil {
		return nil, nil
	}
	found := false
	e.eachChild(c.parent, func(x *Cursor) (bool, bool) {
		switch {
		case !found && same(x, c):
			found = true
			return true, false
		case found:
			after = append(after, x)
		default:
			before = append(before, x)
		}
		return e.charge(1), true
	})
	slices.Reverse(before)
	return before, after
}

// following passes on what comes after c in document order but its descendants.
func (st *step) following(e *Env, c *Cursor, next walker, out *sink) bool {
	for ; c != nil; c = c.parent {
		_, after := e.around(c)
		for _, x := range after {
			if !st.offerTest(e, x, next, out) || !st.descend(e, x, next, out) {
				return false
			}
		}
	}
	return true
}

// preceding passes on what comes before c but its ancestors, nearest first.
func (st *step) preceding(e *Env, c *Cursor, next walker, out *sink) bool {
	for ; c != nil; c = c.parent {
		before, _ := e.around(c)
		for _, x := range before {
			if !st.backwards(e, x, next, out) {
				return false
			}
		}
	}
	return true
}

// backwards passes on x and its descendants, last first.
func (st *step) backwards(e *Env, x *Cursor, next walker, out *sink) bool {
	var children []*Cursor
	e.eachChild(x, func(c *Cursor) (bool, bool) {
		children = append(children, c)
		return e.charge(1), true
	})
	for _, c := range slices.Backward(children) {
		if !st.backwards(e, c, next, out) {
			return false
		}
	}
	return st.offerTest(e, x, next, out)
}
