package alto

import (
	"maps"
	"slices"
)

// covered returns the set of resources that the updates of a service are of, each of which
// must have some, as able tells; no others may have patch formats. The error is a
// *ConfigError.
func (l *linker) covered(id string, covers []string, patches map[string]PatchFormats, able func(Service) bool) (map[string]bool, error) {
	set := make(map[string]bool, len(covers))
	for _, of := range covers {
		other := l.resource(of)
		switch {
		case other == nil:
			return nil, configError(id, FieldCovers, of, "covered resource %q does not exist", of)
		case set[of]:
			return nil, configError(id, FieldCovers, of, "resource %q is covered twice", of)
		case !able(other.Service):
			return nil, configError(id, FieldCovers, of, "resource %q has no updates", of)
		}
		set[of] = true
	}
	for _, of := range slices.Sorted(maps.Keys(patches)) {
		if !set[of] {
			return nil, configError(id, FieldCovers, of, "resource %q, which has patch formats, is not covered", of)
		}
	}
	return set, nil
}
