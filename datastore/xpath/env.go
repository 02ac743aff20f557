package xpath

import (
	"context"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Env is an accessible tree in which programs of one Model are evaluated, and the
// memory they share. It serves one goroutine at a time.
type Env struct {
	// Limits bound each evaluation.
	Limits Limits
	// Context interrupts an evaluation within a millisecond when it ends; nil for
	// none. The error is operation-failed and wraps the context's.
	Context context.Context
	// Explicit hides what is not stored: defaults and non-presence containers.
	Explicit bool

	model *Model
	root  *Cursor
	op    *Cursor // operation or notification that the tree does not hold itself

	current *Cursor
	meter
	whens int // depth of when expressions under evaluation
	mask  mask
	arena arena
	sinks []*sink
	inUse int // of sinks
	ranks map[entry]int

	lastPattern *yang.Pattern // that re-match compiled
}

// mask alters the accessible tree while a when expression is evaluated (RFC 7950
// Section 7.21.5): the instances of schema below parent are replaced by dummy, or
// by nothing.
type mask struct {
	schema *yang.Node
	parent *Cursor
	dummy  *Cursor
}

// NewEnv returns the accessible tree of t, whose root is the schema's Root or a
// Structure. Of the memory of evaluations, most is counted by the Meter of t.
func NewEnv(m *Model, t *tree.Tree) *Env {
	return &Env{model: m, root: NewCursor(t.Root(), nil), meter: meter{grants: t.Meter()}}
}

// Root is the root of the accessible tree.
func (e *Env) Root() *Cursor { return e.root }

// Operation adds the content of an RPC, action or notification to the accessible
// tree (RFC 7950 Section 6.4.1): t has an Input, Output or Notification as its
// root, and parent is the data node it belongs to, nil for the root. The result
// is the context node of its must statements.
func (e *Env) Operation(t *tree.Tree, parent *Cursor) *Cursor {
	if parent == nil {
		parent = e.root
	}
	e.op = NewCursor(t.Root(), parent)
	return e.op
}

// Locate returns the node that p leads to, defaults included, or nil. A step
// without keys into a list leads to its first entry.
func (e *Env) Locate(p tree.Path) *Cursor {
	e.begin(e.root)
	return e.locate(p)
}

func (e *Env) locate(p tree.Path) *Cursor {
	c := e.root
	for _, st := range p {
		if c = e.step(c, st); c == nil {
			return nil
		}
	}
	return c
}

func (e *Env) step(c *Cursor, st tree.Step) *Cursor {
	switch s := st.Schema; {
	case s.Kind != yang.List && s.Kind != yang.LeafList:
		if n, virtual := e.child(c, s); n != nil {
			return &Cursor{node: n, parent: c, virtual: virtual}
		}
		return nil
	case st.Index == 0 && len(st.Keys) > 0 && c.node.Len(s) > 0:
		if n := c.node.Entry(s, tree.KeyOf(st.Keys...)); n != nil {
			return NewCursor(n, c)
		}
		return nil
	default:
		var found *Cursor
		i := 0
		for x := range e.instances(c, s) {
			i++
			if st.Index == i || st.Index == 0 && (len(st.Keys) == 0 || s.Kind == yang.LeafList && x.node.Value() == st.Keys[0]) {
				found = x
				break
			}
		}
		return found
	}
}

// begin prepares the evaluation of a program at c.
func (e *Env) begin(c *Cursor) {
	if e.kept > maxIdle {
		e.sinks, e.ranks, e.kept = nil, nil, 0
	}
	if len(e.arena.chunks) > maxIdle/(arenaChunk*cursorSize) {
		e.arena = arena{}
	}
	e.start(e.Limits)
	e.inUse = 0
	e.current = c
	e.release(mark{})
	clear(e.ranks)
}
