package alto

import (
	"bytes"
	"slices"
)

// PropertyMapChange is how the entities of a property map differ, in numbers and by a
// sample.
type PropertyMapChange struct {
	EntitiesBefore, EntitiesAfter int
	Added, Removed, Changed       int
	Entities                      []EntityChange
}

// EntityChange tells what happened to an entity, by the name with its domain.
type EntityChange struct {
	Entity    string
	Operation Operation
}

// ComparePropertyMaps tells what differs; nil stands for no map. The sample has at most so
// many entities: those that were added or changed, by domain and name, then those that
// were removed. Entities without a property do not count. Cost is that of both maps.
func ComparePropertyMaps(before, after *PropertyMap, sample int) PropertyMapChange {
	a, b := before.byID(), after.byID()
	c := PropertyMapChange{EntitiesBefore: len(a), EntitiesAfter: len(b)}
	note := func(count *int, id string, o Operation) {
		if *count++; len(c.Entities) < sample {
			c.Entities = append(c.Entities, EntityChange{id, o})
		}
	}
	after.each(func(e *entity) {
		switch old := a[e.id]; {
		case old == nil:
			note(&c.Added, e.id, Added)
		case !slices.EqualFunc(old.properties, e.properties, func(p, q Property) bool { return p.Name == q.Name && bytes.Equal(p.Value, q.Value) }):
			note(&c.Changed, e.id, Changed)
		}
	})
	before.each(func(e *entity) {
		if b[e.id] == nil {
			note(&c.Removed, e.id, Removed)
		}
	})
	return c
}

// each calls f for the entities with properties, in order; m may be nil.
func (m *PropertyMap) each(f func(*entity)) {
	if m == nil {
		return
	}
	for _, d := range m.domains {
		for _, e := range d.entities {
			if len(e.properties) > 0 {
				f(e)
			}
		}
	}
}

func (m *PropertyMap) byID() map[string]*entity {
	all := make(map[string]*entity)
	m.each(func(e *entity) { all[e.id] = e })
	return all
}
