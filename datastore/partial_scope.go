package datastore

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// scope is the set of nodes that a partial lock covers, each with everything below,
// by the steps that lead there.
type scope struct {
	held  bool // this node is in the set
	below map[place]*scope
}

// place is where a node stands below its parent.
type place struct {
	schema *yang.Node
	key    string
}

func placeOf(st tree.Step) place {
	if len(st.Keys) == 0 {
		return place{schema: st.Schema}
	}
	return place{st.Schema, tree.KeyOf(st.Keys...)}
}

func stepOf(c *tree.Change) tree.Step {
	if c.New != nil {
		return tree.StepTo(c.New)
	}
	return tree.StepTo(c.Old)
}

func newScope(nodes []tree.Path) *scope {
	top := &scope{}
	for _, p := range nodes {
		s := top
		for _, st := range p {
			next := s.below[placeOf(st)]
			if next == nil {
				if next = (&scope{}); s.below == nil {
					s.below = map[place]*scope{}
				}
				s.below[placeOf(st)] = next
			}
			s = next
		}
		s.held = true
	}
	return top
}

// at is the part of s at p or around it, nil when neither p nor anything around or
// below it is in the set.
func (s *scope) at(p tree.Path) *scope {
	for _, st := range p {
		if s == nil || s.held {
			break
		}
		s = s.below[placeOf(st)]
	}
	return s
}

// of returns those of the nodes that are in the set themselves.
func (s *scope) of(nodes []tree.Path) (in []tree.Path) {
	for _, p := range nodes {
		at := s
		for _, st := range p {
			if at = at.below[placeOf(st)]; at == nil {
				break
			}
		}
		if at != nil && at.held {
			in = append(in, p)
		}
	}
	return in
}

// touched calls f with the nodes in the set that c, the change of the node at p,
// changes, and with those it makes or removes around one. Cost is that of c.
func (s *scope) touched(p tree.Path, c *tree.Change, f func(tree.Path)) {
	for _, k := range c.Children {
		st := stepOf(k)
		switch b := s.below[placeOf(st)]; {
		case b == nil:
		case b.held || k.Op != tree.Inside:
			f(p.Join(st))
		default:
			b.touched(p.Join(st), k, f)
		}
	}
}

// forget takes out what c deletes. Cost is that of c.
func (s *scope) forget(c *tree.Change) {
	for _, k := range c.Children {
		at := placeOf(stepOf(k))
		b := s.below[at]
		if b == nil {
			continue
		}
		if k.Op == tree.Delete {
			b.held, b.below = false, nil
		}
		if b.forget(k); !b.held && len(b.below) == 0 {
			delete(s.below, at)
		}
	}
}
