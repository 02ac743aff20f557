package nacm

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// pruned is a tree and what a user may read of it.
type pruned struct{ of, left *tree.Tree }

// Prune returns what of t the user may read (RFC 8341 Section 3.2.4): a node that is
// denied goes with all that is below it, and so do an entry one of whose keys is, and a
// container without presence of which nothing else is left. Of
// lists whose entries have to be looked into, those that no path under leads to are
// left out; no paths are all of t. What is permitted whole is shared. Cost is that of
// the entries that have to be looked into; twice the same whole tree costs nothing.
func (a *Access) Prune(t *tree.Tree, under []tree.Path) *tree.Tree {
	if a == nil || a.top.opened().whole&Read != 0 {
		return t
	}
	for i := range a.last {
		if l := a.last[i].Load(); l != nil && l.of == t {
			return l.left
		}
	}
	if len(under) > 0 {
		return reduced(t, &narrow{a.top, under})
	}
	l := &pruned{t, reduced(t, a.top)}
	a.last[1].Store(a.last[0].Swap(l))
	return l.left
}

func reduced(t *tree.Tree, r tree.Reducer) *tree.Tree {
	if left := t.Root().Reduce(r); left != t.Root() {
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

// Each implements tree.Reducer.
func (st *state) Each(n *tree.Node) *tree.Node {
	next := st.edges[n.Schema().Index].of(n)
	if !next.readable() {
		return nil
	}
	if next.whole&Read != 0 {
		return n
	}
	return left(n, next)
}

// left is what r keeps of n: nothing of a container without presence that is empty then,
// which would tell that something was in it.
func left(n *tree.Node, r tree.Reducer) *tree.Node {
	k := n.Reduce(r)
	if s := n.Schema(); k != n && s.Kind == yang.Container && !s.Presence && k.Empty() {
		return nil
	}
	return k
}

// kept is a list and what is left of it below a state.
type kept struct {
	at       *state
	list     *yang.Node
	of, left tree.List
}

// Kept implements tree.Keeper.
func (st *state) Kept(s *yang.Node, of tree.List) (left tree.List, ok bool) {
	for i := range st.access.kept {
		k := st.access.kept[i].Load()
		switch {
		case k == nil || k.at != st || k.list != s:
		case k.of == of:
			return k.left, true
		default:
			left = k.left
		}
	}
	return left, false
}

// Keep implements tree.Keeper.
func (st *state) Keep(s *yang.Node, of, left tree.List) {
	i := int(st.access.turn.Add(1)) % len(st.access.kept)
	st.access.kept[i].Store(&kept{st, s, of, left})
}

// readable tells whether an instance can be read, its keys included, and opens st.
func (st *state) readable() bool { return st.own&Read != 0 && st.opened().keysSeen }

// narrow is the tree.Reducer of a state for a read of some paths, relative to it.
type narrow struct {
	*state
	under []tree.Path
}

// Plan implements tree.Reducer.
func (r *narrow) Plan(s *yang.Node) (tree.Rest, []string) {
	rest, keys := r.state.Plan(s)
	if rest != tree.EachToo || s.Kind != yang.List {
		return rest, keys
	}
	for _, p := range r.under {
		switch {
		case len(p) == 0:
			return rest, keys
		case p[0].Schema != s:
		case len(p[0].Keys) == 0:
			return rest, nil
		default:
			keys = append(keys, tree.KeyOf(p[0].Keys...))
		}
	}
	return tree.DropRest, keys
}

// Keep implements tree.Keeper: not of entries only a part of which was wanted.
func (r *narrow) Keep(s *yang.Node, of, left tree.List) {
	for _, p := range r.under {
		if len(p) == 0 || len(p) == 1 && p[0].Schema == s {
			r.state.Keep(s, of, left)
			return
		}
	}
}

// Each implements tree.Reducer.
func (r *narrow) Each(n *tree.Node) *tree.Node {
	next := r.edges[n.Schema().Index].of(n)
	if !next.readable() {
		return nil
	}
	if next.whole&Read != 0 {
		return n
	}
	var under []tree.Path
	for _, p := range r.under {
		switch {
		case len(p) == 0:
			return left(n, next)
		case p[0].Schema != n.Schema() || len(p[0].Keys) > 0 && tree.KeyOf(p[0].Keys...) != n.Key():
		case len(p) == 1:
			return left(n, next)
		default:
			under = append(under, p[1:])
		}
	}
	return left(n, &narrow{next, under})
}
