package history

import (
	"context"

	"github.com/altoam/altoam/datastore/tree"
)

// which returns the number of the commit that the choice "which" below n names, 0 when
// it names none or n is nil. A label that no commit has is a data-missing error; whether
// the number exists is not looked at.
func (h *history) which(ctx context.Context, n *tree.Node) (uint64, error) {
	if n == nil {
		return 0, nil
	}
	if label := n.Leaf("label"); !label.IsZero() {
		return h.store.Labelled(ctx, label.String())
	}
	number, _ := n.Leaf("number").Uint()
	return number, nil
}

// in returns the container of that name below n, the input of an RPC, or nil.
func in(n *tree.Node, name string) *tree.Node { return n.Child(n.Schema().Child(module, name)) }
