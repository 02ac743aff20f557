package secrets

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// found is a secret of a tree, in clear or sealed.
type found struct {
	parent tree.Path
	place  *place
}

// where is the path of the sealed form: what it is sealed for.
func (f found) where() string {
	return f.parent.Join(tree.Step{Schema: f.place.at()}).String()
}

// finder collects the secrets of a tree or of a change, without looking at lists that can
// have none.
type finder struct {
	places places
	found  []found
}

// change looks at what c brings below path, of which it keeps nothing.
func (w *finder) change(path tree.Path, c *tree.Change) {
	for _, ch := range c.Children {
		switch {
		case ch.Op == tree.Delete || !w.places.above[ch.Schema]:
		case ch.Op == tree.Inside && w.places.of[ch.Schema] == nil:
			w.change(append(path, tree.StepTo(ch.New)), ch)
		default:
			w.node(path, ch.New)
		}
	}
}

func (w *finder) node(path tree.Path, n *tree.Node) {
	if p := w.places.of[n.Schema()]; p != nil {
		w.found = append(w.found, found{path.Clone(), p})
		return
	}
	path = append(path, tree.StepTo(n))
	w.below(path, n)
}

// below looks at all below n.
func (w *finder) below(path tree.Path, n *tree.Node) {
	for s := range n.Schemas() {
		switch {
		case !w.places.above[s]:
		case s.Kind == yang.List:
			for e := range n.Entries(s) {
				w.node(path, e)
			}
		default:
			w.node(path, n.Child(s))
		}
	}
}

// all are the secrets of t. Cost grows with the entries of lists that may have some.
func (s *Sealer) all(t *tree.Tree) []found {
	w := finder{places: s.places}
	w.below(nil, t.Root())
	return w.found
}
