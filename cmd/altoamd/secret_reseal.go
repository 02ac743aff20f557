package main

import (
	"context"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/secrets"
)

// handleReseal serves the RPC reseal of altoam-secrets.
func (s *server) handleReseal() {
	if s.secrets == nil {
		return
	}
	s.store.HandleRPC(secrets.Module, "reseal", func(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
		n, err := c.Session.Reseal(ctx, datastore.EditOptions{Comment: "secrets sealed anew"})
		if err != nil {
			return nil, err
		}
		m := tree.New(c.Node.Output()).Mutate()
		w := datastore.NewWriter(m).Set("resealed", uint32(n)).Set("secret-key", s.secrets.KeyID())
		return m.Done(), w.Err()
	})
}
