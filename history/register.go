// Package history serves the module altoam-commit: the list of the commits of running
// in operational, and the RPCs rollback, compare and dry-run. What is kept, and how long,
// is the datastore's affair: see datastore.Store.Commits, At and Retain. Parameters of
// other operations that altoam-commit adds are read by the protocols.
package history

import "github.com/altoam/altoam/datastore"

// module is where all of it is modelled.
const module = "altoam-commit"

// history answers for one Store.
type history struct{ store *datastore.Store }

// Register makes s serve altoam-commit, if its schema has that module: it sets the
// retention, and adds a StateProvider and the handlers of the RPCs. Only before Start.
func Register(s *datastore.Store) {
	if m := s.Schema().Module(module); m == nil || !m.Implemented {
		return
	}
	h := &history{s}
	s.Retain(retention(s.Schema()))
	s.AddStateProvider(newCommits(s))
	s.HandleRPC(module, "rollback", h.rollback)
	s.HandleRPC(module, "compare", h.compare)
	s.HandleRPC(module, "dry-run", h.dryRun)
}
