package datastore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/altoam/altoam/datastore/persist"
)

// misfitError refuses a start with stored data that is not valid, and tells what may be
// the cause.
func (s *Store) misfitError(state persist.State, wrong []error) error {
	cause := "is not valid, though it was stored with modules of the same names and revisions"
	switch c := moduleChanges(state.Modules, modules(s.schema)); {
	case state.Modules == nil:
		cause = "does not fit the modules that are loaded now"
	case len(c) > 0:
		cause = "does not fit the modules that are loaded now (" + strings.Join(c, " ") + ")"
	case state.Head.Kind == kindRecover:
		cause = fmt.Sprintf("is not valid since commit %d (%s)", state.Head.Revision, state.Head.Comment)
	}
	return fmt.Errorf("stored running %s; --recover leaves out what does not fit:\n%w", cause, joinAll(byModule(wrong)))
}

// byModule gives what is data of one module that is not loaded one error, where the
// first of it was.
func byModule(wrong []error) (out []error) {
	groups := make(map[string]*group)
	for _, err := range wrong {
		var m *persist.Misfit
		if !errors.As(err, &m) || m.Module == "" {
			out = append(out, err)
			continue
		}
		g := groups[m.Module]
		if g == nil {
			g = &group{first: m}
			groups[m.Module] = g
			out = append(out, g)
		}
		g.n++
	}
	return out
}

// group is the stored data of a module that is not loaded.
type group struct {
	first *persist.Misfit
	n     int
}

func (g *group) Error() string {
	if g.n == 1 {
		return fmt.Sprintf("the module %s is not loaded: %v", g.first.Module, g.first)
	}
	return fmt.Sprintf("the module %s is not loaded: %v, and %d more", g.first.Module, g.first, g.n-1)
}
