package validate

import (
	"slices"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

// Prune removes from a configuration what a when expression that is false forbids,
// and what that makes forbidden in turn (RFC 7950 Section 8.2). It returns t itself
// when there is nothing to remove. Cost is linear in the subtrees whose schema has
// a when.
func (v *Validator) Prune(t *tree.Tree) *tree.Tree {
	for {
		p := pruning{v: v, env: xpath.NewEnv(v.model, t)}
		p.below(p.env.Root())
		if len(p.forbidden) == 0 {
			return t
		}
		t = p.apply(t)
	}
}

// PruneChange returns what Prune returns for next, provided that Prune has nothing
// to remove from old. It looks at what differs and at when expressions that see it.
func (v *Validator) PruneChange(old, next *tree.Tree) *tree.Tree {
	for {
		d := tree.Compare(old, next)
		if d.Empty() {
			return next
		}
		p := pruning{v: v, env: xpath.NewEnv(v.model, next)}
		p.changed(p.env.Root(), d.Root, newTouch(v.schema))
		if len(p.forbidden) == 0 {
			return next
		}
		next = p.apply(next)
	}
}

// pruning is one pass over a tree. An expression that cannot be evaluated forbids
// nothing here: validation reports it.
type pruning struct {
	v         *Validator
	env       *xpath.Env
	forbidden []tree.Path // all instances
}

// apply removes what is forbidden.
func (p *pruning) apply(t *tree.Tree) *tree.Tree {
	m := t.Mutate()
	for _, path := range p.forbidden {
		if at := m.Find(path.Parent()); at != nil {
			at.Delete(path.Schema())
		}
	}
	return m.Done()
}

// forbids tells whether s, which is stored below c, may not be there.
func (p *pruning) forbids(c *xpath.Cursor, s *yang.Node) bool {
	ok, err := p.v.rules[s.ID].holds(p.env, c, s)
	if err != nil || ok {
		return false
	}
	p.forbidden = append(p.forbidden, place(c, s))
	return true
}

// below judges everything below c.
func (p *pruning) below(c *xpath.Cursor) {
	for s := range c.Node().Schemas() {
		if !p.v.rules[s.ID].when || p.forbids(c, s) || s.Kind != yang.Container && s.Kind != yang.List {
			continue
		}
		for n := range c.Node().Entries(s) {
			p.below(xpath.NewCursor(n, c))
		}
	}
}

// changed judges what the changes inside the node at c created, and what they can
// have made forbidden below it, and adds them to outer.
func (p *pruning) changed(c *xpath.Cursor, ch *tree.Change, outer *touch) {
	own := outer
	dependents := p.v.deps.below[ch.Schema.ID]
	if slices.ContainsFunc(dependents, func(k *dependent) bool { return k.when }) {
		own = newTouch(p.v.schema)
		defer func() { outer.addAll(own) }()
	}
	for s, l := range groups(ch) {
		if own.changes(s, l) && p.v.rules[s.ID].when && c.Node().Has(s) && p.forbids(c, s) {
			continue
		}
		for _, k := range l {
			switch {
			case k.Op == tree.Inside && s.Kind != yang.LeafList:
				p.changed(xpath.NewCursor(k.New, c), k, own)
			case k.Op == tree.Create && p.v.rules[s.ID].when:
				p.below(xpath.NewCursor(k.New, c))
			}
		}
	}
	for _, k := range dependents {
		if k.when && k.concerned(own) {
			p.recheck(c, k.way(c.Schema()))
		}
	}
}

// recheck judges the end of way wherever it is stored below c.
func (p *pruning) recheck(c *xpath.Cursor, way []*yang.Node) {
	s := way[0]
	if len(way) == 1 {
		if c.Node().Has(s) {
			p.forbids(c, s)
		}
		return
	}
	for n := range c.Node().Entries(s) {
		p.recheck(xpath.NewCursor(n, c), way[1:])
	}
}
