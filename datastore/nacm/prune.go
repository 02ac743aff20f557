package nacm

import (
	"slices"
	"weak"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// pruned is a whole tree and the root of what a user may read of it. Both are forgotten
// when nobody else has them any more: what many users have read takes no memory.
type pruned struct {
	of   weak.Pointer[tree.Tree]
	left weak.Pointer[tree.Node]
}

// Prune returns what of t the user may read (RFC 8341 Section 3.2.4): a node that is
// denied goes with all that is below it, and so do an entry one of whose keys is, and a
// container without presence of which nothing else is left. Of
// lists whose entries have to be looked into, those that no path under leads to are
// left out; no paths are all of t. What is permitted whole is shared. Long lists are
// looked at when the result is: until then they cost as much as there are rules that
// name entries of them, but for rules that name some of the keys, where each is looked at.
func (a *Access) Prune(t *tree.Tree, under []tree.Path) *tree.Tree {
	if a == nil || a.top.opened().whole&Read != 0 {
		return t
	}
	for i := range a.last {
		if l := a.last[i].Load(); l != nil && l.of.Value() == t {
			if left := l.left.Value(); left != nil {
				return remains(t, left)
			}
		}
	}
	if slices.ContainsFunc(under, hasKeys) {
		return remains(t, t.Root().Reduce(&narrow{a.top, under}))
	}
	left := t.Root().Reduce(a.top)
	if l := a.last[0].Load(); l != nil {
		if was := l.left.Value(); was != nil && was != left {
			left.Follow(was, t.Root())
		}
	}
	a.last[1].Store(a.last[0].Swap(&pruned{weak.Make(t), weak.Make(left)}))
	return remains(t, left)
}

func hasKeys(p tree.Path) bool {
	return slices.ContainsFunc(p, func(st tree.Step) bool { return len(st.Keys) > 0 })
}

// remains is the tree of what is left of t.
func remains(t *tree.Tree, left *tree.Node) *tree.Tree {
	if left != t.Root() {
		return tree.FromNode(left)
	}
	return t
}

// Plan implements tree.Reducer.
func (st *state) Plan(s *yang.Node) (tree.Rest, []string) {
	e := st.edges[s.Index]
	return e.rest, e.keys
}

// Concerned implements tree.Sparse.
func (st *state) Concerned() []*yang.Node { return st.concerned }

// Into implements tree.Reducer.
func (st *state) Into(n *tree.Node) (tree.Reducer, bool) {
	switch next := st.edges[n.Schema().Index].of(n); {
	case !next.readable():
		return nil, false
	case next.whole&Read != 0:
		return nil, true
	default:
		return next, true
	}
}

// Bare implements tree.Reducer: a container without presence would tell that something was
// in it.
func (st *state) Bare(s *yang.Node) bool { return s.Presence }

// readable tells whether an instance can be read, its keys included, and opens st.
func (st *state) readable() bool { return st.own&Read != 0 && st.opened().keysSeen }

// narrow is the tree.Reducer of a state for a read of some paths, relative to it.
type narrow struct {
	*state
	under []tree.Path
}

// Plan implements tree.Reducer: where some entries must be looked at, and the paths name
// entries, others go.
func (r *narrow) Plan(s *yang.Node) (tree.Rest, []string) {
	rest, keys := r.state.Plan(s)
	if s.Kind != yang.List || rest != tree.EachToo && len(keys) == 0 {
		return rest, keys
	}
	var wanted []string
	for _, p := range r.under {
		switch {
		case len(p) == 0:
			return rest, keys
		case p[0].Schema != s:
		case len(p[0].Keys) == 0:
			return rest, keys
		default:
			wanted = append(wanted, tree.KeyOf(p[0].Keys...))
		}
	}
	return tree.DropRest, wanted
}

// Into implements tree.Reducer.
func (r *narrow) Into(n *tree.Node) (tree.Reducer, bool) {
	in, keep := r.state.Into(n)
	if in == nil {
		return nil, keep
	}
	var under []tree.Path
	for _, p := range r.under {
		switch {
		case len(p) == 0:
			return in, true
		case p[0].Schema != n.Schema() || len(p[0].Keys) > 0 && tree.KeyOf(p[0].Keys...) != n.Key():
		case len(p) == 1 || n.Schema().Kind == yang.List && len(p[0].Keys) == 0:
			return in, true
		default:
			under = append(under, p[1:])
		}
	}
	return &narrow{in.(*state), under}, true
}
