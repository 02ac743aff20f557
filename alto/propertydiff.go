package alto

import (
	"bytes"
	"slices"
)

// diff compares value by value, which is the cost.
func (m *PropertyMap) diff(w *patchWriter, prev data) {
	old := prev.(*PropertyMap)
	w.enter([]byte(`"property-map"`))
	defer w.leave()
	for _, d := range m.domains {
		before := old.domain(d.name)
		for _, e := range d.entities {
			if w.hopeless() {
				return
			}
			e.diff(w, before.propertiesOf(e.id))
		}
	}
	for _, d := range old.domains {
		after := m.domain(d.name)
		for _, e := range d.entities {
			if len(e.properties) > 0 && len(after.propertiesOf(e.id)) == 0 {
				w.remove(appendString(nil, e.id))
			}
		}
	}
}

// leastSize leaves out what stands between the values.
func (m *PropertyMap) leastSize() int {
	n := 0
	m.each(func(e *entity) {
		for _, p := range e.properties {
			n += len(p.Name) + len(p.Value)
		}
	})
	return n
}

// propertiesOf returns the properties of an entity; d may be nil.
func (d *domain) propertiesOf(id string) []Property {
	if d == nil || d.index[id] == nil {
		return nil
	}
	return d.index[id].properties
}

// diff compares the properties of an entity, by name, with those before.
func (e *entity) diff(w *patchWriter, before []Property) {
	same := func(p, q Property) bool { return p.Name == q.Name && bytes.Equal(p.Value, q.Value) }
	switch {
	case slices.EqualFunc(before, e.properties, same), len(e.properties) == 0:
		return // without properties it is not in the map
	case len(before) == 0:
		w.put(appendString(nil, e.id), appendProperties(nil, e.properties), false)
		return
	}
	w.enter(appendString(nil, e.id))
	diffMembers(w, propertyMembers(before), propertyMembers(e.properties), maxPatchDepth)
	w.leave()
}

func propertyMembers(properties []Property) []member {
	list := make([]member, len(properties))
	for i, p := range properties {
		list[i] = member{name: appendString(nil, p.Name), key: []byte(p.Name), value: p.Value}
	}
	return list
}
