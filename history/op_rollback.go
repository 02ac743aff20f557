package history

import (
	"context"
	"fmt"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// rollback makes running what it was after a commit. Where the client gives no comment
// the history says where it went back to.
func (h *history) rollback(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
	params := c.Input.Root()
	n, err := h.which(ctx, in(params, "to"))
	if err != nil {
		return nil, err
	}
	var now uint64
	o := datastore.EditOptions{
		Comment: params.Leaf("comment").String(), Label: params.Leaf("label").String(),
		After: func(s *datastore.Snapshot) { now = s.Head.Revision },
	}
	if o.Comment == "" {
		o.Comment = fmt.Sprintf("back to commit %d", n)
	}
	if err := c.Session.Rollback(ctx, n, o); err != nil {
		return nil, err
	}
	m := tree.New(c.Node.Output()).Mutate()
	w := datastore.NewWriter(m).Set("number", now)
	return m.Done(), w.Err()
}
