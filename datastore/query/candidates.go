package query

import (
	"iter"

	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// candidates are the instances of s below n that one of the elements can select:
// those with the keys they name where each names all keys, else all.
func candidates(n *tree.Node, s *yang.Node, elements []*element) iter.Seq[*tree.Node] {
	if s.Kind != yang.List || len(s.Keys) == 0 {
		return n.Entries(s)
	}
	keys := make([]string, 0, len(elements))
	for _, e := range elements {
		key, ok := wantedKey(s, e)
		if !ok {
			return n.Entries(s)
		}
		keys = append(keys, key)
	}
	return func(yield func(*tree.Node) bool) {
		seen := map[string]bool{}
		for _, k := range keys {
			if c := n.Entry(s, k); c != nil && !seen[k] {
				seen[k] = true
				if !yield(c) {
					return
				}
			}
		}
	}
}

// wantedKey is the key that e's content matches name, if they name a whole one.
func wantedKey(s *yang.Node, e *element) (string, bool) {
	vals := make([]yang.Value, len(s.Keys))
	for i, k := range s.Keys {
		for _, c := range e.kids {
			if c.isMatch() && c.names(k) {
				v, err := k.Type.Parse(c.text, c.resolver)
				if err != nil {
					return "", false
				}
				vals[i] = v
			}
		}
		if vals[i].IsZero() {
			return "", false
		}
	}
	return tree.KeyOf(vals...), true
}
