package persistent

import (
	"iter"
	"slices"
)

// Members are an immutable set: the second parts of the pairs that have one first part.
// The zero value is empty. Few are a slice, which takes a third of a Map.
type Members[M comparable] struct {
	few  []M               // each once; empty where there are many
	many *Map[M, struct{}] // nil where there are few
}

// fewMembers is how many a slice may have.
const fewMembers = 8

// Len returns the number of members.
func (s Members[M]) Len() int {
	if s.many != nil {
		return s.many.Len()
	}
	return len(s.few)
}

// Has tells whether m is a member.
func (s Members[M]) Has(m M) bool {
	if s.many != nil {
		return s.many.Has(m)
	}
	return slices.Contains(s.few, m)
}

// All yields the members in no particular order.
func (s Members[M]) All() iter.Seq[M] {
	return func(yield func(M) bool) {
		if s.many == nil {
			slices.Values(s.few)(yield)
			return
		}
		for m := range s.many.All() {
			if !yield(m) {
				return
			}
		}
	}
}

// with returns s and m; cost is that of a Map, or of a copy of few members.
func (s Members[M]) with(m M) Members[M] {
	switch {
	case slices.Contains(s.few, m):
		return s
	case len(s.few) < fewMembers:
		return Members[M]{few: append(append(make([]M, 0, len(s.few)+1), s.few...), m)}
	}
	e := Map[M, struct{}]{}.Edit()
	for _, each := range s.few {
		e.Set(each, struct{}{})
	}
	e.Set(m, struct{}{})
	all := e.Done()
	return Members[M]{many: &all}
}

// without returns s but for m.
func (s Members[M]) without(m M) Members[M] {
	i := slices.Index(s.few, m)
	if i < 0 {
		return s
	}
	return Members[M]{few: slices.Delete(slices.Clone(s.few), i, i+1)}
}
