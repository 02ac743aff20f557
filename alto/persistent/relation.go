package persistent

// Relation is an immutable set of pairs, found by their first part. The zero value is
// empty.
type Relation[K, M comparable] struct {
	members Map[K, Map[M, struct{}]]
}

// Of returns the second parts of the pairs of k.
func (r Relation[K, M]) Of(k K) Map[M, struct{}] { return r.members.At(k) }

// All is for comparing: it returns all pairs.
func (r Relation[K, M]) All() map[K][]M {
	all := make(map[K][]M, r.members.Len())
	for k, members := range r.members.All() {
		for m := range members.All() {
			all[k] = append(all[k], m)
		}
	}
	return all
}

// Edit returns a RelationEditor that begins with r.
func (r Relation[K, M]) Edit() *RelationEditor[K, M] {
	return &RelationEditor[K, M]{base: r, open: make(map[K]*Editor[M, struct{}])}
}

// RelationEditor makes a version of a Relation by many steps. It is for one goroutine.
type RelationEditor[K, M comparable] struct {
	base Relation[K, M]
	open map[K]*Editor[M, struct{}] // of what differs from base
}

// Of returns the second parts of the pairs of k, which later steps may change.
func (e *RelationEditor[K, M]) Of(k K) Map[M, struct{}] {
	if x := e.open[k]; x != nil {
		return x.Map
	}
	return e.base.Of(k)
}

func (e *RelationEditor[K, M]) editor(k K) *Editor[M, struct{}] {
	x := e.open[k]
	if x == nil {
		x = e.base.Of(k).Edit()
		e.open[k] = x
	}
	return x
}

// Add adds a pair.
func (e *RelationEditor[K, M]) Add(k K, m M) { e.editor(k).Set(m, struct{}{}) }

// Remove removes a pair where it is there.
func (e *RelationEditor[K, M]) Remove(k K, m M) { e.editor(k).Delete(m) }

// Done returns the version so far; the editor goes on with it.
func (e *RelationEditor[K, M]) Done() Relation[K, M] {
	members := e.base.members.Edit()
	for k, x := range e.open {
		if x.Len() == 0 {
			members.Delete(k)
		} else {
			members.Set(k, x.Done())
		}
	}
	e.base.members = members.Done()
	clear(e.open)
	return e.base
}
