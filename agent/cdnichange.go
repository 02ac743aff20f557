package agent

import (
	"github.com/altoam/altoam/datastore"
	"github.com/go-json-experiment/json/jsontext"
)

// objectChange is how the base advertisement objects of two CDNI advertisements differ: one
// that is another is one more and one less.
type objectChange struct{ before, after, added, removed int }

// compareObjects compares advertisements by their objects, in any order and whatever the
// form of the JSON text. Cost is linear in their size.
func compareObjects(before, after []jsontext.Value) objectChange {
	c := objectChange{before: len(before), after: len(after)}
	left := make(map[string]int, len(before))
	for _, text := range before {
		left[canonical(text)]++
	}
	for _, text := range after {
		if key := canonical(text); left[key] > 0 {
			left[key]--
		} else {
			c.added++
		}
	}
	c.removed = c.before - (c.after - c.added)
	return c
}

// canonical is the form that JSON texts of the same value have; that of one that is no JSON
// is the text.
func canonical(text jsontext.Value) string {
	copied := text.Clone()
	if copied.Canonicalize() != nil {
		return string(text)
	}
	return string(copied)
}

// writeObjects writes how advertisements differ, where they do.
func writeObjects(w *datastore.Writer, before, after []jsontext.Value) {
	c := compareObjects(before, after)
	if c.added+c.removed == 0 {
		return
	}
	w.In(mapModule+"cdni").Set("objects-before", c.before).Set("objects-after", c.after).
		Set("objects-added", c.added).Set("objects-removed", c.removed)
}

// advertisementsIn are those of a resource, none where it has none.
func advertisementsIn(w *world, id string) []jsontext.Value {
	if r := w.resources.At(id); r != nil && r.output != nil {
		return r.output.Advertisements
	}
	return nil
}
