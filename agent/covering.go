package agent

import (
	"slices"

	"github.com/altoam/altoam/alto"
)

// covers returns what an update stream service or a TIPS is about: its dependencies,
// each followed by its filtered variant where it has one. It is nil for other resources.
func (c *computation) covers(r *resource) []string {
	if r.kind == nil || !r.kind.covering {
		return nil
	}
	list := make([]string, 0, len(r.dependencies))
	for _, id := range r.dependencies {
		list = append(list, id)
		if other := c.resources.At(id); other != nil && len(other.served) == 2 {
			list = append(list, other.served[1].ID)
		}
	}
	return list
}

// coversOthers tells whether r, whose dependencies are up to date, covers other
// resources than it is served with.
func (c *computation) coversOthers(r *resource) bool {
	if r.kind == nil || !r.kind.covering || len(r.served) == 0 {
		return false
	}
	var covers []string
	switch s := r.served[0].Service.(type) {
	case alto.UpdateStreams:
		covers = s.Covers
	case alto.TIPS:
		covers = s.Covers
	}
	return !slices.Equal(covers, c.covers(r))
}

// coveringOf lists the update stream services and TIPS that r is a dependency of.
func (c *computation) coveringOf(r *resource) []string {
	return slices.DeleteFunc(c.usersOf(needResource, r.id), func(id string) bool {
		user := c.resources.At(id)
		return user.kind == nil || !user.kind.covering
	})
}

// eachCovered calls f with the ID of a dependency and with that of its filtered variant
// where that is covered.
func (r configured) eachCovered(id string, f func(string)) {
	f(id)
	if variant := filteredID(id); slices.Contains(r.covers, variant) {
		f(variant)
	}
}
