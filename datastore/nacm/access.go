package nacm

import (
	"slices"
	"sync/atomic"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Access is what one user may do under one Policy. It may be used by any number of
// goroutines. A nil Access permits everything.
type Access struct {
	rules    []*rule // those for the user, in order
	defaults [3]Ops  // what is permitted where no rule matches, by yang.Deny
	exec     bool    // exec-default
	read     bool    // read-default
	top      *state
	last     [2]atomic.Pointer[pruned] // the trees read last
}

func newAccess(p *Policy, rules []*rule) *Access {
	a := &Access{rules: rules, exec: p.exec, read: p.read}
	var free Ops
	if p.read {
		free |= Read
	}
	if p.write {
		free |= writes
	}
	if p.exec {
		free |= Exec
	}
	a.defaults = [3]Ops{yang.DenyNone: free, yang.DenyWrite: free &^ writes}
	var met, open []int
	for i, r := range rules {
		switch {
		case r.kind == anything, r.kind == dataNode && len(r.path) == 0:
			met = append(met, i)
		case r.kind == dataNode:
			open = append(open, i)
		}
	}
	a.top = a.newState(p.schema.Root, 0, met, open)
	return a
}

// Unrestricted tells that no rule and no default keeps the user from reading anything
// but what the modules mark as sensitive.
func (a *Access) Unrestricted() bool {
	return a == nil || a.read && !slices.ContainsFunc(a.rules, func(r *rule) bool { return !r.permit && r.ops&Read != 0 })
}

// walk follows p and calls f with each state on it, the number of steps that lead there
// behind it, until f returns false. An action or notification may be the last step.
func (a *Access) walk(p tree.Path, f func(st *state, steps int) bool) {
	st := a.top
	for i, step := range p {
		if st = st.to(step); !f(st, i+1) {
			return
		}
	}
}

// to is the state of what step leads to.
func (st *state) to(step tree.Step) *state {
	s := step.Schema
	if s.IsData() {
		return st.opened().edges[s.Index].at(step.Keys)
	}
	var rules []int
	for _, i := range st.open {
		if x := st.access.rules[i].path[st.depth]; x.schema == s {
			rules = append(rules, i)
		}
	}
	return st.next(s, rules)
}

// Sees tells whether the user may read the node at p, which need not exist, and
// whether that holds for all that could be below it too. A list step without keys
// stands for all entries.
func (a *Access) Sees(p tree.Path) (itself, whole bool) {
	if a == nil || a.top.opened().whole&Read != 0 {
		return true, true
	}
	st := a.top
	for i, step := range p {
		if step.Schema.IsData() {
			e := st.opened().edges[step.Schema.Index]
			if st = e.at(step.Keys); i == len(p)-1 && len(step.Keys) == 0 && !e.allSeen() {
				return st.readable(), false
			}
		} else {
			st = st.to(step)
		}
		if !st.readable() {
			return false, false
		}
	}
	return true, st.opened().whole&Read != 0
}

// MayWrite tells whether the user may create, update or delete the node at p, which need not
// exist.
func (a *Access) MayWrite(p tree.Path) (may bool) {
	if a == nil {
		return true
	}
	a.walk(p, func(st *state, _ int) bool {
		may = st.own&writes != 0
		return true
	})
	return may
}

// allSeen tells whether the entries that predicates are about can be read whole.
func (e *edge) allSeen() bool {
	for _, st := range e.exact {
		if st.opened().whole&Read == 0 {
			return false
		}
	}
	return e.mixed == nil
}

// Seen is p as far as the user may read the nodes on it.
func (a *Access) Seen(p tree.Path) tree.Path {
	if a == nil {
		return p
	}
	seen := 0
	a.walk(p, func(st *state, steps int) bool {
		if !st.readable() {
			return false
		}
		seen = steps
		return true
	})
	return p[:seen:seen]
}
