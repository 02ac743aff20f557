package xpath

import (
	"iter"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Instances are the nodes of s below c in the accessible tree, in list order:
// those stored, else those that its defaults stand for, or the non-presence
// container.
func (e *Env) Instances(c *Cursor, s *yang.Node) iter.Seq[*Cursor] {
	e.begin(c)
	return e.instances(c, s)
}

// Instance is the only one of Instances, where s is neither a list nor a leaf-list;
// nil when there is none.
func (e *Env) Instance(c *Cursor, s *yang.Node) *Cursor {
	if n := c.node.Child(s); n != nil {
		return &Cursor{node: n, parent: c}
	}
	if len(e.model.nodes[s.ID].virtual) == 0 {
		return nil
	}
	e.begin(c)
	n, virtual := e.child(c, s)
	if n == nil {
		return nil
	}
	return &Cursor{node: n, parent: c, virtual: virtual}
}

func (e *Env) instances(c *Cursor, s *yang.Node) iter.Seq[*Cursor] {
	return func(yield func(*Cursor) bool) {
		if s.Kind != yang.List && s.Kind != yang.LeafList {
			if n, virtual := e.child(c, s); n != nil {
				yield(&Cursor{node: n, parent: c, virtual: virtual})
			}
			return
		}
		stored := false
		for n := range c.node.Entries(s) {
			stored = true
			if !yield(&Cursor{node: n, parent: c}) {
				return
			}
		}
		if stored {
			return
		}
		for _, n := range e.absent(c, s) {
			if !yield(&Cursor{node: n, parent: c, virtual: true}) {
				return
			}
		}
	}
}

// InUse tells whether the default of s, a leaf or leaf-list without instances
// below c, is in use there (RFC 7950 Sections 7.6.1 and 7.7.2); for a
// non-presence container, whether the accessible tree has it.
func (e *Env) InUse(c *Cursor, s *yang.Node) bool {
	if len(e.model.nodes[s.ID].virtual) == 0 {
		return false
	}
	e.begin(c)
	return e.visible(c, s)
}

// Holds tells whether the when expressions of s, and of the choices and cases it
// stands in, are true below c (RFC 7950 Section 7.21.5).
func (e *Env) Holds(c *Cursor, s *yang.Node) (bool, error) {
	whens := e.model.nodes[s.ID].whens
	if len(whens) == 0 {
		return true, nil
	}
	e.begin(c)
	ok := e.holds(c, s)
	return ok, e.end(whens[0].program, c)
}

// child returns the node of s below c, where s is no list or leaf-list.
func (e *Env) child(c *Cursor, s *yang.Node) (n *tree.Node, virtual bool) {
	if s == e.mask.schema && same(c, e.mask.parent) {
		if e.mask.dummy == nil {
			return nil, false
		}
		return e.mask.dummy.node, true
	}
	if n := c.node.Child(s); n != nil {
		return n, false
	}
	if v := e.absent(c, s); v != nil {
		return v[0], true
	}
	return nil, false
}

// absent are the nodes that stand for s below c, which has no instance of it.
func (e *Env) absent(c *Cursor, s *yang.Node) []*tree.Node {
	if e.Explicit {
		return nil
	}
	v := e.model.nodes[s.ID].virtual
	if len(v) == 0 || !e.visible(c, s) {
		return nil
	}
	return v
}

// visible tells whether the cases that s stands in are in use and its when
// expressions hold.
func (e *Env) visible(c *Cursor, s *yang.Node) bool {
	info := &e.model.nodes[s.ID]
	if !info.conditional {
		return true
	}
	return (s.Case == nil || e.model.CaseInUse(c.node, s.Case)) && (len(info.whens) == 0 || e.holds(c, s))
}

// maxWhens bounds how deep when expressions may depend on one another.
const maxWhens = 32

// holds evaluates the when expressions of s, and of the choices and cases it
// stands in, below c.
func (e *Env) holds(c *Cursor, s *yang.Node) bool {
	if e.whens++; e.whens > maxWhens {
		e.halt(circular)
	}
	saved, mark := e.mask, e.mark()
	current := e.current
	defer func() {
		e.whens--
		e.mask, e.current = saved, current
		e.release(mark)
	}()
	for _, w := range e.model.nodes[s.ID].whens {
		if e.why != running {
			return false
		}
		at := c
		e.mask = mask{schema: s, parent: c}
		if !w.onParent {
			at = e.cursor(e.model.nodes[s.ID].dummy, c)
			at.virtual = true
			e.mask.dummy = at
		}
		e.current = at
		if !w.program.code.asBool()(e, frame{at: at, pos: 1, size: 1}) {
			return false
		}
	}
	return true
}
