package validate

import (
	"cmp"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// position says which rule an error is of, and where Tree finds it.
type position struct {
	// at is the node whose rule it is, or the parent of the instances of child.
	at    *xpath.Cursor
	phase phase
	child *yang.Node
	index int        // among the rules of a phase
	entry *tree.Node // that a unique statement names
}

// phase is a step in the judgement of a node.
type phase uint8

// The phases in order: on the node at, then on the instances of child together and
// on each.
const (
	phaseKeys phase = iota
	phaseMust
	phaseReference
	phaseChoice
	phaseWhen
	phaseAmount
	phaseUnique
	phaseInstance
	phaseEnd // after everything
)

func (p phase) onChild() bool { return p >= phaseWhen && p <= phaseInstance }

// steps are the position as a way down from the root.
func (p position) steps() []position {
	var out []position
	if p.at != nil && p.at.Parent() != nil {
		up := position{at: p.at.Parent(), phase: phaseInstance, child: p.at.Schema(), entry: p.at.Node()}
		out = up.steps()
	}
	return append(out, p)
}

// compare orders positions as Tree finds their errors; zero for the same one.
func (w *walk) compare(p, q position) int {
	a, b := p.steps(), q.steps()
	for i := range min(len(a), len(b)) {
		if c := w.compareStep(a[i], b[i]); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// compareStep compares steps of one node.
func (w *walk) compareStep(p, q position) int {
	if p.phase.onChild() && q.phase.onChild() {
		if c := p.child.Index - q.child.Index; c != 0 {
			return c
		}
	}
	switch {
	case p.phase != q.phase:
		return cmp.Compare(p.phase, q.phase)
	case p.index != q.index:
		return p.index - q.index
	case p.entry == q.entry:
		return 0
	}
	return w.order(p.at, p.entry, q.entry)
}

// order compares the places of two instances of one schema node below c. In a list
// that the user orders the cost is their distance, or that of the latter from the end.
func (w *walk) order(c *xpath.Cursor, a, b *tree.Node) int {
	s := a.Schema()
	parent := c.Node()
	switch {
	case !parent.Has(s):
		for x := range w.env.Instances(c, s) {
			switch x.Node() {
			case a:
				return -1
			case b:
				return 1
			}
		}
		return 0
	case !s.OrderedByUser:
		return cmp.Compare(a.Key(), b.Key())
	}
	for x, y := a, b; x != nil && y != nil; {
		if x = parent.After(s, x.Key()); x == b {
			return -1
		}
		if y = parent.After(s, y.Key()); y == a {
			return 1
		}
		switch {
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
	}
	return 0
}

// reached tells whether Tree comes to p: no node above it is forbidden by a when
// expression, and child, on whose instances it is, is not either.
func (w *walk) reached(p position) bool {
	if p.phase > phaseWhen && p.phase.onChild() {
		if ok, err := w.env.Holds(p.at, p.child); !ok || err != nil {
			return false
		}
	}
	for c := p.at; c != nil && c.Parent() != nil; c = c.Parent() {
		if ok, err := w.env.Holds(c.Parent(), c.Schema()); !ok || err != nil {
			return false
		}
	}
	return true
}
