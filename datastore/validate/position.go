package validate

import (
	"cmp"
	"slices"

	"github.com/altoam/altoam/datastore/rpcerr"
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

// sort puts the errors of a change in the order in which Tree finds them.
func (w *walk) sort() {
	type found struct {
		way []position
		err *rpcerr.Error
	}
	l := make([]found, len(w.errs))
	for i, e := range w.errs {
		l[i] = found{w.places[i].steps(), e}
	}
	slices.SortFunc(l, func(a, b found) int { return slices.CompareFunc(a.way, b.way, w.compareStep) })
	for i := range l {
		w.errs[i] = l[i].err
	}
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

// order compares the places of two instances of one schema node below c.
func (w *walk) order(c *xpath.Cursor, a, b *tree.Node) int {
	switch s := a.Schema(); {
	case !c.Node().Has(s):
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
	return w.userOrder(c.Node(), a, b)
}

// nearby is how far entries are looked for before all of a list are counted, once.
const nearby = 50

// userOrder is order in a list that the user orders.
func (w *walk) userOrder(parent, a, b *tree.Node) int {
	s := a.Schema()
	id := setKey{s, parent}
	ranks := w.ranks[id]
	if ranks == nil {
		x, y := a, b
		for range nearby {
			x, y = parent.After(s, x.Key()), parent.After(s, y.Key())
			switch {
			case x == b || y == nil:
				return -1
			case y == a || x == nil:
				return 1
			}
		}
		ranks = map[*tree.Node]int{}
		for n := range parent.Entries(s) {
			ranks[n] = len(ranks)
		}
		if w.ranks == nil {
			w.ranks = map[setKey]map[*tree.Node]int{}
		}
		w.ranks[id] = ranks
	}
	return ranks[a] - ranks[b]
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
