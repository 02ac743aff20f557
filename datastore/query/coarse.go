package query

import (
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Coarse returns a part of t that holds everything f can select: the entries of
// the topmost lists that f's content matches leave, whole. Defaults can be added
// to it before f is applied, at the cost of what f selects.
func Coarse(t *tree.Tree, f *Filter) *tree.Tree {
	m := t.Blank().Mutate()
	coarseInto(m, t.Root(), f.top)
	return m.Done()
}

func coarseInto(out *tree.Mut, n *tree.Node, elements []*element) {
	for _, s := range n.Schema().Data {
		var named, below []*element
		whole := s.Kind != yang.Container
		for _, e := range elements {
			if e.names(s) {
				named = append(named, e)
				below = append(below, e.kids...)
				whole = whole || len(selecting(e.kids)) == 0 // all of it, if the content matches hold
			}
		}
		if len(named) == 0 {
			continue
		}
		for c := range candidates(n, s, named) {
			switch {
			case out.Meter().Full():
				return
			case whole:
				put(out, c)
			default:
				coarseInto(open(out, c), c, below)
			}
		}
	}
}
