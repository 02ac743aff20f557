package datastore

import "github.com/altoam/altoam/datastore/tree"

// readable is Visible of t, a configuration, to be stored: nothing of it is made when it is
// looked at, and nothing that it lacks is kept by it. Cost is linear in the lists that are
// trimmed.
func (x *Session) readable(t *tree.Tree) (*tree.Tree, error) {
	return tree.Compare(t, x.Visible(t)).Apply(t)
}
