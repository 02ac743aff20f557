package trail

import (
	"context"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// Paths implements datastore.StateProvider.
func (t *Trail) Paths() []string { return []string{"/" + module + ":audit/state"} }

// State implements datastore.StateProvider: how the record does.
func (t *Trail) State(_ context.Context, _ datastore.StateRequest, m *tree.Mut) error {
	s := t.log.Status()
	t.mu.Lock()
	failing, total := t.failing, t.total
	t.mu.Unlock()
	root := datastore.NewWriter(m)
	w := root.In(module + ":audit").In("state")
	w.Set("sequence", s.Sequence).Set("hash", s.Hash).Set("durable-sequence", s.Durable).
		Set("commit", s.Commit).Set("files", s.Files).Set("file", s.File).Set("failing", failing).Set("lost", total)
	if s.Failure != nil {
		w.Set("last-error", audit.Clip(s.Failure.Error()))
	}
	return root.Err()
}
