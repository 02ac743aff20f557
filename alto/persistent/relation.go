package persistent

import "slices"

// Relation is an immutable set of pairs, found by their first part. The zero value is
// empty.
type Relation[K, M comparable] struct {
	members Map[K, Members[M]]
}

// Of returns the second parts of the pairs of k.
func (r Relation[K, M]) Of(k K) Members[M] { return r.members.At(k) }

// All is for comparing: it returns all pairs.
func (r Relation[K, M]) All() map[K][]M {
	all := make(map[K][]M, r.members.Len())
	for k, members := range r.members.All() {
		all[k] = slices.Collect(members.All())
	}
	return all
}

// Edit returns a RelationEditor that begins with r.
func (r Relation[K, M]) Edit() *RelationEditor[K, M] {
	return &RelationEditor[K, M]{members: r.members.Edit(), open: make(map[K]*Editor[M, struct{}])}
}

// RelationEditor makes a version of a Relation by many steps. It is for one goroutine.
type RelationEditor[K, M comparable] struct {
	members *Editor[K, Members[M]]
	open    map[K]*Editor[M, struct{}] // of those with many members that differ
}

// Of returns the second parts of the pairs of k, which later steps may change.
func (e *RelationEditor[K, M]) Of(k K) Members[M] {
	if x := e.open[k]; x != nil {
		return Members[M]{many: &x.Map}
	}
	return e.members.At(k)
}

// Add adds a pair.
func (e *RelationEditor[K, M]) Add(k K, m M) {
	if x := e.many(k); x != nil {
		x.Set(m, struct{}{})
		return
	}
	e.members.Set(k, e.members.At(k).with(m))
}

// Remove removes a pair where it is there.
func (e *RelationEditor[K, M]) Remove(k K, m M) {
	if x := e.many(k); x != nil {
		x.Delete(m)
		return
	}
	if rest := e.members.At(k).without(m); rest.Len() == 0 {
		e.members.Delete(k)
	} else {
		e.members.Set(k, rest)
	}
}

// many returns the editor of the members of k, nil where they are few.
func (e *RelationEditor[K, M]) many(k K) *Editor[M, struct{}] {
	x := e.open[k]
	if x == nil {
		if all := e.members.At(k).many; all != nil {
			x = all.Edit()
			e.open[k] = x
		}
	}
	return x
}

// Done returns the version so far; the editor goes on with it.
func (e *RelationEditor[K, M]) Done() Relation[K, M] {
	for k, x := range e.open {
		if x.Len() == 0 {
			e.members.Delete(k)
			continue
		}
		all := x.Done()
		e.members.Set(k, Members[M]{many: &all})
	}
	clear(e.open)
	return Relation[K, M]{e.members.Done()}
}
