package nacm

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// state is where a walk from the root has come to: an instance of a schema node, and
// what the rules say about it. Two instances that no predicate tells apart share it.
type state struct {
	access *Access
	schema *yang.Node
	depth  int   // steps from the root
	met    []int // rules that match here, whatever their module and operations; in order
	open   []int // rules whose path leads through here; in order

	own  Ops // permitted for the node itself
	once sync.Once
	// What follows is there once the state was opened.
	edges     []*edge      // by Index of the child
	whole     Ops          // permitted for the node and all that can be below it
	keysSeen  bool         // the keys of the entry may be read
	concerned []*yang.Node // children that a read must look at or leave out
}

// edge leads to the instances of one child.
type edge struct {
	schema *yang.Node
	plain  *state            // of instances that no predicate is about
	exact  map[string]*state // of entries that predicates name, by key
	keys   []string          // of exact
	rest   tree.Rest         // of the instances that keys do not name, for a read
	tests  []int             // open rules of the parent whose predicate leaves keys out

	mu     sync.Mutex
	mixed  map[string]*state // of entries that tests match, by the rules
	parent *state
}

// newState makes the state of a node. It needs nothing but the rules.
func (a *Access) newState(s *yang.Node, depth int, met, open []int) *state {
	st := &state{access: a, schema: s, depth: depth, met: met, open: open}
	st.own = a.decide(s, met)
	return st
}

// decide is what the rules, which match s but for module and operations, and then the
// defaults permit (RFC 8341 Section 3.4.5, steps 6 to 13).
func (a *Access) decide(s *yang.Node, met []int) (permitted Ops) {
	if s.Kind == yang.Root {
		return all
	}
	left := all
	for _, i := range met {
		r := a.rules[i]
		if r.module != "" && r.module != s.Module.Name {
			continue
		}
		if now := r.ops & left; r.permit {
			permitted |= now
		}
		if left &^= r.ops; left == 0 {
			return permitted
		}
	}
	return permitted | left&a.defaults[deny(s)]
}

// deny is the extension that counts for s.
func deny(s *yang.Node) yang.Deny {
	if s.Secret() {
		return yang.DenyAll
	}
	return s.DefaultDeny
}

// opened is st with its edges and summary.
func (st *state) opened() *state {
	st.once.Do(func() {
		st.whole = st.own
		st.edges = make([]*edge, len(st.schema.Data))
		for i, s := range st.schema.Data {
			e := st.edgeTo(s)
			st.edges[i] = e
			st.whole &= e.plain.opened().whole
			for _, x := range e.exact {
				st.whole &= x.opened().whole
			}
			if len(e.tests) > 0 {
				st.whole = 0
			}
			e.rest = e.read()
			if e.rest != tree.KeepRest || len(e.keys) > 0 {
				st.concerned = append(st.concerned, s)
			}
		}
		st.keysSeen = !slices.ContainsFunc(st.schema.Keys, func(k *yang.Node) bool { return st.edges[k.Index].plain.own&Read == 0 })
	})
	return st
}

// read is what a read does with the instances that no predicate is about, once plain
// is open.
func (e *edge) read() tree.Rest {
	switch {
	case e.mixed != nil:
		return tree.EachToo
	case e.plain.own&Read == 0:
		return tree.DropRest
	case e.plain.whole&Read != 0:
		return tree.KeepRest
	case e.plain.keysSeen:
		return tree.TrimRest
	}
	return tree.DropRest
}

func (st *state) edgeTo(s *yang.Node) *edge {
	e := &edge{schema: s, parent: st}
	named := map[string][]int{}
	var free []int // rules that go on at every instance
	for _, i := range st.open {
		switch step := st.access.rules[i].path[st.depth]; {
		case step.schema != s:
		case step.keys == nil:
			free = append(free, i)
		default:
			if key, ok := step.exact(); ok {
				named[key] = append(named[key], i)
			} else {
				e.tests = append(e.tests, i)
			}
		}
	}
	e.plain = st.next(s, free)
	if len(e.tests) > 0 { // then keys are told apart there
		for _, l := range named {
			e.tests = append(e.tests, l...)
		}
		slices.Sort(e.tests)
		e.mixed = map[string]*state{}
		return e
	}
	for key, l := range named {
		if e.exact == nil {
			e.exact = map[string]*state{}
		}
		l = append(l, free...)
		slices.Sort(l)
		e.exact[key] = st.next(s, l)
		e.keys = append(e.keys, key)
	}
	slices.Sort(e.keys)
	return e
}

// next is the state of an instance of s below st that the rules lead to.
func (st *state) next(s *yang.Node, rules []int) *state {
	met, open := st.met, []int(nil)
	for _, i := range rules {
		if len(st.access.rules[i].path) == st.depth+1 {
			if len(met) == len(st.met) {
				met = slices.Clone(met)
			}
			met = append(met, i)
		} else {
			open = append(open, i)
		}
	}
	if len(met) > len(st.met) {
		slices.Sort(met)
	}
	return st.access.newState(s, st.depth+1, met, open)
}

// at is the state of an entry with these keys; of another instance without.
func (e *edge) at(keys []yang.Value) *state {
	switch {
	case len(keys) == 0 || e.exact == nil && e.mixed == nil:
		return e.plain
	case e.mixed == nil:
		return e.named(tree.KeyOf(keys...))
	}
	var match []int
	var id []byte
	for _, i := range e.tests {
		if st := e.parent; st.access.rules[i].path[st.depth].matches(keys) {
			match = append(match, i)
			id = binary.AppendUvarint(id, uint64(i))
		}
	}
	if match == nil {
		return e.plain
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	st := e.mixed[string(id)]
	if st == nil {
		for _, i := range e.parent.open {
			if step := e.parent.access.rules[i].path[e.parent.depth]; step.schema == e.schema && step.keys == nil {
				match = append(match, i)
			}
		}
		slices.Sort(match)
		st = e.parent.next(e.schema, match)
		e.mixed[string(id)] = st
	}
	return st
}

func (e *edge) named(key string) *state {
	if st := e.exact[key]; st != nil {
		return st
	}
	return e.plain
}

// of is the state of n, an instance of the edge's node.
func (e *edge) of(n *tree.Node) *state {
	switch {
	case e.exact == nil && e.mixed == nil:
		return e.plain
	case e.mixed == nil:
		return e.named(n.Key())
	}
	return e.at(n.KeyValues())
}

// child is the state of n, a child of an instance of st.
func (st *state) child(n *tree.Node) *state { return st.opened().edges[n.Schema().Index].of(n) }
