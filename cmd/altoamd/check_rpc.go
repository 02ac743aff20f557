package main

import (
	"context"
	"strconv"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/weakness"
)

// addCheck registers the RPC find of altoam-weakness: what altoamd check does, of a server
// that runs.
func (s *server) addCheck() {
	s.store.HandleRPC("altoam-weakness", "find", func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		m := tree.New(c.Node.Output()).Mutate()
		w := datastore.NewWriter(m)
		subject := weakness.Subject{Config: s.store.Running().Tree, Flags: s.options.judged(), Now: time.Now()}
		for i, x := range weakness.Find(subject) {
			w.Entry("weakness", strconv.Itoa(i+1)).Set("rule", x.Rule).Set("severity", x.Severity).
				Set("path", x.Path).Set("why", x.Why).Set("do", x.Do)
		}
		return m.Done(), w.Err()
	})
}
